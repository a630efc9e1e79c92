using Capstan.Containers;
using Capstan.Containers.Podman;

namespace Capstan.Testing;

/// <summary>
/// A Podman service, one for each test process, in a temporary folder; containers, networks and files go when the process ends. Link
/// this file and BusyboxImage.cs into a test project by Compile Include.
/// </summary>
public static class OwnPodman
{
    private static readonly SemaphoreSlim One = new(1);
    private static PodmanService? service;
    private static string? unusable;

    /// <summary>The address of the running service, with the image of <see cref="BusyboxImage"/> in it. Skips the test where Podman cannot run.</summary>
    public static async Task<Uri> AddressAsync()
    {
        await One.WaitAsync();
        try
        {
            if (service is null && unusable is null) await StartAsync();
        }
        finally
        {
            One.Release();
        }

        if (unusable is not null) Assert.Skip(unusable);
        return service!.Options.Address;
    }

    /// <summary>The engine as an owner sees it whom nobody else has.</summary>
    public static async Task<ContainerEngine> EngineAsync(string owner)
    {
        var address = await AddressAsync();
        return await ContainerEngine.ConnectAsync(address, owner, TimeProvider.System, TestContext.Current.CancellationToken);
    }

    private static async Task StartAsync()
    {
        if (Environment.UserName != "root")
        {
            unusable = "Podman with its own networks needs root";
            return;
        }

        if (!File.Exists("/usr/bin/podman") || BusyboxImage.Program is null)
        {
            unusable = "podman and busybox-static are not installed; ./test installs them when it is root on Debian";
            return;
        }

        var folder = Directory.CreateTempSubdirectory("capstan-podman-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Stop(folder);
        service = await PodmanService.StartAsync(
            new PodmanOptions { DataFolder = Path.Combine(folder, "data"), RunFolder = Path.Combine(folder, "run") }, TimeProvider.System, CancellationToken.None);
        using var engine = await ContainerEngine.ConnectAsync(service.Options.Address, "tests", TimeProvider.System, CancellationToken.None);
        await engine.Images.LoadAsync(new MemoryStream(BusyboxImage.Archive(BusyboxImage.Name, engine.Images.Architecture)), CancellationToken.None);
    }

    private static void Stop(string folder)
    {
        string[] own = ["--root", $"{folder}/data/storage", "--runroot", $"{folder}/run/storage", "--tmpdir", $"{folder}/run/state", "--network-config-dir", $"{folder}/data/networks", "--cgroup-manager", "cgroupfs"];
        Run("podman", [.. own, "rm", "--all", "--force", "--time", "0"]);
        Run("podman", [.. own, "network", "prune", "--force"]);
        service?.DisposeAsync().AsTask().Wait(TimeSpan.FromSeconds(10));
        EndWhatIsLeft(folder);
        Run("umount", [$"{folder}/data/storage/overlay"]);
        Run("rm", ["-rf", folder]);
    }

    // Podman leaves a process for each program that was run in a container, which would make the folder anew.
    private static void EndWhatIsLeft(string folder)
    {
        foreach (var process in System.Diagnostics.Process.GetProcesses())
        {
            var arguments = $"/proc/{process.Id}/cmdline";
            if (process.Id == Environment.ProcessId || !File.Exists(arguments)) continue;
            try
            {
                if (File.ReadAllText(arguments).Contains(folder, StringComparison.Ordinal)) process.Kill();
            }
            catch (Exception gone) when (gone is IOException or InvalidOperationException or System.ComponentModel.Win32Exception)
            {
                // It ended meanwhile.
                continue;
            }
        }
    }

    private static void Run(string program, string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true });
        process?.WaitForExit(60_000);
    }
}
