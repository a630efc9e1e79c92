using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Capstan.Faults.Tests.Server;

/// <summary>The server as a process that is killed again and again over the same data folder.</summary>
internal sealed partial class DoomedServer(string program, string data, string seededBug = "") : IAsyncDisposable
{
    private const string Writes = "pwrite64,fdatasync,fsync,rename,renameat2";
    private readonly StringBuilder _log = new();
    private Process? _process;
    private string _listen = "127.0.0.1:0";
    private string _clusterListen = "127.0.0.1:0";

    public string Url { get; private set; } = "";

    /// <summary>Where its next life ends: the name of a failpoint (<c>src/Shared/Failpoints.cs</c>), and at which time it is reached; empty for nowhere.</summary>
    public string Failpoint { get; set; } = "";

    public bool IsDead => _process is null or { HasExited: true };

    public string Log
    {
        get
        {
            lock (_log) return _log.ToString();
        }
    }

    /// <summary>Starts it and waits until it serves.</summary>
    /// <param name="killAtWrite">Kill it at this many writes of one of its threads, or a git of its own at as many of its; 0 for never.</param>
    /// <returns>How long it took; null when it died before.</returns>
    /// <param name="counter">The library that counts the writes of all threads together (<see cref="WriteCounter"/>); null for strace's count of each.</param>
    public async Task<TimeSpan?> StartAsync(int killAtWrite = 0, string? counter = null)
    {
        var started = Stopwatch.StartNew();
        string[] up = ["up", "--data", data, "--listen", _listen, "--cluster-listen", _clusterListen, "--create-on-push"];
        // No --seccomp-bpf: with it strace 6.1 injects nothing.
        // -D makes the server our own child and the tracer its descendant, so that the process that we hold is the one that matters.
        string[] traced = ["-D", "-f", "-qq", "-o", "/dev/null", "-e", $"trace={Writes}", "-e", $"inject={Writes}:signal=KILL:when={killAtWrite}", program, .. up];
        var start = killAtWrite > 0 && counter is null ? new ProcessStartInfo("strace", traced) : new ProcessStartInfo(program, up);
        start.RedirectStandardError = start.RedirectStandardOutput = true;
        start.Environment["CAPSTAN_SEEDED_BUGS"] = seededBug;
        start.Environment["CAPSTAN_FAILPOINT"] = Failpoint;
        if (counter is not null)
        {
            start.Environment["LD_PRELOAD"] = counter;
            start.Environment[WriteCounter.Variable] = killAtWrite.ToString(CultureInfo.InvariantCulture);
        }

        // Pods are no part of this: whatever engine this machine has is left alone.
        start.Environment["DOCKER_HOST"] = "unix:///nowhere/docker.sock";
        var ready = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.Exited += (_, _) => ready.TrySetResult(false);
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, line) => Hear(line.Data, ready);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;
        if (!await ready.Task.WaitAsync(TimeSpan.FromSeconds(90))) return null;
        _listen = new Uri(Url).Authority;
        var kubeconfig = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(data, "kubeconfig")))!;
        _clusterListen = new Uri(kubeconfig["clusters"]![0]!["cluster"]!["server"]!.ToString()).Authority;
        return started.Elapsed;
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        if (_process is null) return;
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Whether it died by itself within a time.</summary>
    public async Task<bool> DiesWithinAsync(TimeSpan time)
    {
        try
        {
            await _process!.WaitForExitAsync().WaitAsync(time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    private void Hear(string? line, TaskCompletionSource<bool> ready)
    {
        if (line is null) return;
        lock (_log) _log.AppendLine(line);
        if (Serving().Match(line) is { Success: true } match) Url = match.Groups[1].Value;
        if (line.StartsWith("kubeconfig: ", StringComparison.Ordinal)) ready.TrySetResult(true);
    }

    [GeneratedRegex("^serving on (http://[^/ ]+)", RegexOptions.NonBacktracking)]
    private static partial Regex Serving();
}
