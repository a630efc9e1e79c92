using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Server.Backups;
using Capstan.Server.Hosting;
using Capstan.Yaml;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.Server.Tests;

/// <summary>Backups of a server that works on, and what is made of them.</summary>
public sealed class BackupTests(WorkflowServer server) : IClassFixture<WorkflowServer>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("capstan-backup-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_server_on_a_restored_backup_has_what_was_acknowledged_before_it()
    {
        var commit = server.Push("kept", [("a.yaml", "a: 1\n")]);
        await WriteConfigMapAsync("kept");
        var digest = await PushBlobAsync("kept", "layers of a cake");

        var data = await RestoreAsync(await BackUpAsync());

        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(data, "token")));
        await using var restored = await CapstanServer.StartAsync(ServerFixture.Settings(data), TimeProvider.System, NullLoggerFactory.Instance, Stop);
        Assert.Equal(server.Server.TokenText, restored.TokenText);
        Assert.StartsWith(commit, WorkflowServer.Git(_folder, "ls-remote", $"{restored.Url.Scheme}://x:{restored.TokenText}@{restored.Url.Authority}/git/kept.git", "main"), StringComparison.Ordinal);
        using var cluster = new ClusterClient(ClusterConnection.FromKubeconfig(restored.Kubeconfig), TimeProvider.System, NullLogger.Instance);
        Assert.NotNull(await cluster.FindAsync(new ObjectKey(new GroupKind("", "ConfigMap"), "default", "kept"), Stop));
        using var http = new HttpClient { BaseAddress = restored.Url };
        http.DefaultRequestHeaders.Authorization = new("Bearer", restored.TokenText);
        Assert.Equal("layers of a cake", await http.GetStringAsync($"/v2/kept/blobs/{digest}", Stop));
    }

    [Fact]
    public async Task Pushes_go_on_during_a_backup_and_each_repository_in_it_is_whole()
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        server.Push("busy", [("a.txt", "0\n")]);
        var pushing = Task.Run(() =>
        {
            for (var i = 1; !ended.IsCancellationRequested && i < 500; i++) server.Push("busy", [("a.txt", $"{i}\n"), ($"{i}.txt", $"{i}\n")]);
        }, Stop);
        for (var round = 0; round < 3; round++)
        {
            var before = WorkflowServer.Git(_folder, "ls-remote", Path.Combine(server.Data, "git", "busy.git"), "main")[..40];
            var data = await RestoreAsync(await BackUpAsync());
            var repository = Path.Combine(data, "git", "busy.git");
            WorkflowServer.Git(repository, "fsck", "--strict", "--connectivity-only");
            Assert.Equal("commit\n", WorkflowServer.Git(repository, "cat-file", "-t", before));
        }

        await ended.CancelAsync();
        await pushing;
    }

    [Fact]
    public async Task A_folder_that_holds_something_is_not_restored_over()
    {
        var file = await BackUpAsync();
        var data = Path.Combine(_folder, "mine");
        Directory.CreateDirectory(data);
        File.WriteAllText(Path.Combine(data, "work"), "mine");

        var error = await Assert.ThrowsAsync<BackupException>(() => BackupReader.RestoreAsync(file, data, Stop));

        Assert.Contains("holds something already", error.Message, StringComparison.Ordinal);
        Assert.Equal(["work"], Directory.EnumerateFileSystemEntries(data).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("cut off", "is no whole backup")]
    [InlineData("another byte", "missing or damaged")]
    [InlineData("a file more", "files that it says nothing of")]
    [InlineData("out of the folder", "lies out of the data folder")]
    [InlineData("a device", "neither a file nor a folder nor a link")]
    [InlineData("of a later version", "was made by a later version of Capstan")]
    [InlineData("text", "is no whole backup")]
    public async Task A_backup_that_cannot_be_trusted_leaves_nothing(string what, string message)
    {
        var file = Path.Combine(_folder, "bad.tar.gz");
        if (what == "text") await File.WriteAllTextAsync(file, "no archive at all, but long enough to be read as the beginning of one", Stop);
        else await WriteBadAsync(file, what);

        var error = await Assert.ThrowsAsync<BackupException>(() => BackupReader.RestoreAsync(file, Path.Combine(_folder, "data"), Stop));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal(["bad.tar.gz"], Directory.EnumerateFileSystemEntries(_folder).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Links_are_made_last_so_that_nothing_is_written_through_them()
    {
        var data = Path.Combine(_folder, "source");
        Directory.CreateDirectory(Path.Combine(data, "hostpath"));
        File.WriteAllText(Path.Combine(data, "hostpath", "file"), "text");
        File.CreateSymbolicLink(Path.Combine(data, "hostpath", "link"), "file");
        var file = Path.Combine(_folder, "links.tar.gz");
        await using (var output = File.Create(file))
        {
            await using var writer = new BackupWriter(output, DateTimeOffset.UnixEpoch);
            await writer.WriteAboutAsync(About, Stop);
            await writer.WriteFolderAsync(data, "", _ => true, Stop);
            await writer.FinishAsync(Stop);
        }

        var restored = Path.Combine(_folder, "restored");
        await BackupReader.RestoreAsync(file, restored, Stop);

        Assert.Equal("file", new FileInfo(Path.Combine(restored, "hostpath", "link")).LinkTarget);
    }

    private static AboutBackup About => new(BackupArchive.Format, 1, "test", DateTimeOffset.UnixEpoch, "embedded");

    /// <summary>A backup of one file that something is wrong with.</summary>
    private static async Task WriteBadAsync(string file, string what)
    {
        using var packed = new MemoryStream();
        await using (var zip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            await using var tar = new TarWriter(zip, TarEntryFormat.Pax, leaveOpen: true);
            Task AddAsync(string name, string text) => tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)) }, Stop);
            var format = what == "of a later version" ? BackupArchive.Format + 1 : BackupArchive.Format;
            await AddAsync(BackupArchive.AboutName, $$"""{"format": {{format}}, "dataFormat": 1, "version": "test", "began": "2026-01-01T00:00:00Z", "cluster": "embedded"}""");
            await AddAsync(what == "out of the folder" ? "data/../../escaped" : "data/token", "secret");
            if (what == "a device") await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.CharacterDevice, "data/null") { DeviceMajor = 1, DeviceMinor = 3 }, Stop);
            if (what == "a file more") await AddAsync("data/more", "secret");
            var sum = Convert.ToHexStringLower(SHA256.HashData("secret"u8));
            await AddAsync(BackupArchive.SumsName, $"{(what == "another byte" ? new string('0', 64) : sum)}  data/token\n");
        }

        var bytes = packed.ToArray();
        await File.WriteAllBytesAsync(file, what == "cut off" ? bytes[..(bytes.Length * 2 / 3)] : bytes, Stop);
    }

    private async Task<string> BackUpAsync()
    {
        var file = Path.Combine(_folder, $"{Guid.NewGuid():N}.tar.gz");
        using var response = await server.Http.PostAsync(new Uri("/api/v1/backup", UriKind.Relative), null, Stop);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await using var output = File.Create(file);
        await response.Content.CopyToAsync(output, Stop);
        return file;
    }

    private async Task<string> RestoreAsync(string file)
    {
        var data = Path.Combine(_folder, $"data-{Guid.NewGuid():N}");
        await BackupReader.RestoreAsync(file, data, Stop);
        return data;
    }

    private async Task WriteConfigMapAsync(string name)
    {
        using var cluster = new ClusterClient(ClusterConnection.FromKubeconfig(server.Server.Kubeconfig), TimeProvider.System, NullLogger.Instance);
        await cluster.ApplyAsync(new KubernetesObject((YamlMap)YamlText.ReadOne($"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}, namespace: default}}}}")), null, Stop);
    }

    private async Task<string> PushBlobAsync(string repository, string text)
    {
        var digest = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));
        using var response = await server.Http.PostAsync(new Uri($"/v2/{repository}/blobs/uploads/?digest={digest}", UriKind.Relative), new StringContent(text), Stop);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return digest;
    }
}
