using System.Diagnostics;
using Capstan.Testing;

namespace Capstan.Registry.Tests;

/// <summary>A registry whose disk is full: a small file system in memory, which only root may make.</summary>
public sealed class FullDiskTests : IAsyncLifetime
{
    private readonly string _disk = Directory.CreateTempSubdirectory("capstan-full-").FullName;
    private bool _mounted;

    public ValueTask InitializeAsync()
    {
        _mounted = Environment.IsPrivilegedProcess && Run("mount", "-t", "tmpfs", "-o", "size=4m,nr_inodes=2000", "tmpfs", _disk);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        if (_mounted) Run("umount", _disk);
        Directory.Delete(_disk, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_push_to_a_full_disk_is_refused_reading_goes_on_and_it_recovers_by_itself(bool inodes)
    {
        Assert.SkipUnless(_mounted, "needs root, to mount a small file system");
        await using var registry = await RegistryFixture.StartAsync(folder: _disk);
        using var wire = registry.Connect();
        await wire.PushImageAsync("shop", "v1");
        var image = (await wire.SendAsync("GET", "/v2/shop/manifests/v1")).Text;
        var upload = await wire.BeginAsync("shop");
        Fill(inodes);

        var blob = new byte[600_000];
        Random.Shared.NextBytes(blob);
        var refused = await wire.FinishAsync(upload, RegistryWire.DigestOf(blob), blob);
        Assert.Contains(refused.Status, (int[])[507, 500]);
        var manifest = await wire.PutManifestAsync("shop", "v2", image);
        Assert.Contains(manifest.Status, (int[])[201, 507, 500]);
        Assert.Equal(200, (await wire.SendAsync("GET", "/v2/shop/manifests/v1")).Status);
        Assert.Equal(404, (await wire.SendAsync("HEAD", $"/v2/shop/blobs/{RegistryWire.DigestOf(blob)}")).Status);
        Assert.Equal(404, (await wire.SendAsync("GET", "/v2/other/manifests/v1")).Status);

        foreach (var filler in Directory.GetFiles(_disk, "filler-*")) File.Delete(filler);
        await wire.PushBlobAsync("shop", blob);
        Assert.Equal(200, (await wire.SendAsync("HEAD", $"/v2/shop/blobs/{RegistryWire.DigestOf(blob)}")).Status);
    }

    // Inodes or bytes, until there are none; a block is left to neither.
    private void Fill(bool inodes)
    {
        try
        {
            for (var i = 0; i < 100_000; i++)
            {
                using var file = File.Create(Path.Combine(_disk, $"filler-{i}"));
                if (!inodes) file.Write(new byte[16_384]);
            }
        }
        catch (IOException)
        {
            // Full, as wanted.
            return;
        }

        Assert.Fail("the disk does not get full");
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
