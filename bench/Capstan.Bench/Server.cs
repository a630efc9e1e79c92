using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Capstan.Kubernetes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.Bench;

/// <summary>A Capstan server in a data folder of its own, on free ports; ends with this object.</summary>
internal sealed class Server : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _data;

    private Server(Process process, string data, int port, string kubeconfig, TimeSpan startedIn)
    {
        _process = process;
        _data = data;
        Port = port;
        Kubeconfig = kubeconfig;
        StartedIn = startedIn;
        Token = File.ReadAllText(Path.Combine(data, "token")).Trim();
        Client = new ClusterClient(ClusterConnection.FromKubeconfig(kubeconfig), TimeProvider.System, NullLogger.Instance);
    }

    public int Port { get; }

    public string Token { get; }

    public string Kubeconfig { get; }

    public ClusterClient Client { get; }

    /// <summary>From the start of the process to the first good answer of <c>/readyz</c>.</summary>
    public TimeSpan StartedIn { get; }

    public static async Task<Server> StartAsync(BenchOptions options, CancellationToken cancellation)
    {
        var data = Directory.CreateTempSubdirectory("capstan-bench-").FullName;
        var (port, clusterPort) = (FreePort(), FreePort());
        var start = new ProcessStartInfo(options.Capstan) { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments = ["up", "--create-on-push", "--allow-host-jobs", "*", "--data", data, "--listen", $"127.0.0.1:{port}"];
        string[] target = options.Kubeconfig.Length > 0 ? ["--kubeconfig", options.Kubeconfig] : ["--cluster-listen", $"127.0.0.1:{clusterPort}"];
        foreach (var argument in (string[])[.. arguments, .. target])
        {
            start.ArgumentList.Add(argument);
        }

        var clock = Stopwatch.StartNew();
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await ReadyAsync(process, port, cancellation);
        var kubeconfig = options.Kubeconfig.Length > 0 ? options.Kubeconfig : Path.Combine(data, "kubeconfig");
        return new Server(process, data, port, kubeconfig, clock.Elapsed);
    }

    /// <summary>The URL of a repository on the server, with the administrator's token.</summary>
    public string GitUrl(string repository) => $"http://bench:{Token}@127.0.0.1:{Port}/git/{repository}.git";

    /// <summary>The URL of a repository as applications name it.</summary>
    public string RepositoryUrl(string repository) => $"http://127.0.0.1:{Port}/git/{repository}.git";

    /// <summary>Resident memory in MiB.</summary>
    public double ResidentMegabytes()
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    /// <summary>Processor time used by now.</summary>
    public TimeSpan ProcessorTime()
    {
        _process.Refresh();
        return _process.TotalProcessorTime;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    private static async Task ReadyAsync(Process process, int port, CancellationToken cancellation)
    {
        using var http = new HttpClient();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        while (true)
        {
            if (process.HasExited)
            {
                throw new InvalidOperationException($"the server ended with {process.ExitCode}");
            }

            try
            {
                using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/readyz"), deadline.Token);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Nobody listens yet.
            }

            await Task.Delay(5, deadline.Token);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
