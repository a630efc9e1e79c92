using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Capstan.Testing;

/// <summary>Debian's <c>docker-registry</c> (CNCF distribution) on a port and in a folder of its own: the other registry, by which tests prove themselves.</summary>
public sealed class DebianRegistry : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _folder;

    private DebianRegistry(Process process, string folder, Uri address)
    {
        _process = process;
        _folder = folder;
        Address = address;
    }

    public Uri Address { get; }

    /// <summary>The process, for measuring.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Whether it is installed.</summary>
    public static bool IsInstalled => File.Exists("/usr/bin/docker-registry");

    /// <summary>Starts one; skips the test where it is not installed.</summary>
    public static async Task<DebianRegistry> StartAsync()
    {
        Assert.SkipUnless(IsInstalled, "docker-registry is not installed (apt-get install docker-registry)");
        var folder = Directory.CreateTempSubdirectory("docker-registry-").FullName;
        var port = FreePort();
        await File.WriteAllTextAsync(Path.Combine(folder, "config.yml"), $$"""
            version: 0.1
            log: {level: error, accesslog: {disabled: true} }
            storage:
              filesystem: {rootdirectory: {{folder}}/data}
              delete: {enabled: true}
            http: {addr: "127.0.0.1:{{port}}" }
            """);
        var start = new ProcessStartInfo("/usr/bin/docker-registry", ["serve", Path.Combine(folder, "config.yml")]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["OTEL_TRACES_EXPORTER"] = "none";
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var registry = new DebianRegistry(process, folder, new Uri($"http://127.0.0.1:{port}/"));
        await registry.AwaitAsync();
        return registry;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task AwaitAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var http = new HttpClient();
        while (true)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri(Address, "/v2/"), limit.Token);
                return;
            }
            catch (HttpRequestException) when (!_process.HasExited)
            {
                await Task.Delay(50, limit.Token);
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
