using System.ComponentModel;
using System.Diagnostics;

namespace Capstan.Containers.Podman;

/// <summary>
/// A Podman service of our own, in folders of its own: nobody's containers, images or settings but Capstan's. It outlives this process
/// when that is killed, and the next one finds it by its socket.
/// </summary>
public sealed class PodmanService : IAsyncDisposable
{
    // A program run in a container leaves two processes behind for so many seconds (300 by Podman's own choice): with a probe each second
    // there would be hundreds.
    private const string Settings = """
        [engine]
        exit_command_delay = 10
        [network]
        network_backend = "netavark"

        """;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);
    private const int RemovalsTried = 40;
    private readonly Process? _process;
    private readonly TimeProvider _time;

    private PodmanService(Process? process, PodmanOptions options, TimeProvider time) => (_process, Options, _time) = (process, options, time);

    /// <summary>How it was started.</summary>
    public PodmanOptions Options { get; }

    /// <summary>Starts the service, or takes over the one that answers already.</summary>
    /// <exception cref="ContainerEngineException">Podman is not installed, or does not start; the message holds what it said.</exception>
    public static async Task<PodmanService> StartAsync(PodmanOptions options, TimeProvider time, CancellationToken cancellation)
    {
        if (options.SocketPath.Length > 100)
        {
            throw new ContainerEngineException(EngineProblem.Invalid, $"the path {options.SocketPath} is too long for a socket (100 characters at most); choose a shorter folder");
        }

        if (File.Exists(options.SocketPath) && await AnswersAsync(options, time, cancellation).ConfigureAwait(false))
        {
            return new PodmanService(null, options, time);
        }

        Directory.CreateDirectory(options.DataFolder);
        Directory.CreateDirectory(options.RunFolder);
        File.Delete(options.SocketPath);
        await File.WriteAllTextAsync(SettingsPath(options), Settings, cancellation).ConfigureAwait(false);
        var process = Start(options);
        var service = new PodmanService(process, options, time);
        try
        {
            await service.WaitUntilItAnswersAsync(process, cancellation).ConfigureAwait(false);
            return service;
        }
        catch
        {
            await service.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Ends the service if this process started it. Containers go on.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_process is null)
        {
            return;
        }

        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync().ConfigureAwait(false);
        }

        _process.Dispose();
    }

    /// <summary>
    /// Ends the service and removes its folder of what runs; what it keeps stays, ready to be deleted with the folder it is in. No container of it may be left.
    /// </summary>
    public async Task RemoveAsync()
    {
        await DisposeAsync().ConfigureAwait(false);
        var start = new ProcessStartInfo("umount") { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(Path.Combine(Options.DataFolder, "storage", "overlay"));
        using (var umount = Process.Start(start))
        {
            if (umount is not null) await umount.WaitForExitAsync().ConfigureAwait(false);
        }

        // A process of Podman that looks after a container's end may write there a moment longer.
        for (var attempt = 1; Directory.Exists(Options.RunFolder); attempt++)
        {
            try
            {
                Directory.Delete(Options.RunFolder, recursive: true);
            }
            catch (Exception busy) when (busy is IOException or UnauthorizedAccessException && attempt < RemovalsTried)
            {
                await Task.Delay(Poll, _time).ConfigureAwait(false);
            }
        }
    }

    private static Process Start(PodmanOptions options)
    {
        var start = new ProcessStartInfo("podman") { UseShellExecute = false, WorkingDirectory = options.DataFolder };
        foreach (var argument in Arguments(options))
        {
            start.ArgumentList.Add(argument);
        }

        // What Podman says goes to a file, from which a start that fails is explained: a pipe would end the service with this process.
        var log = LogPath(options);
        start.Environment["CAPSTAN_PODMAN_LOG"] = log;
        start.Environment["CONTAINERS_CONF"] = SettingsPath(options);
        start.ArgumentList.Insert(0, "exec podman \"$@\" >\"$CAPSTAN_PODMAN_LOG\" 2>&1 </dev/null");
        start.ArgumentList.Insert(0, "-c");
        start.ArgumentList.Insert(2, "podman");
        start.FileName = "/bin/sh";
        try
        {
            return Process.Start(start) ?? throw new ContainerEngineException(EngineProblem.Failed, "podman could not be started");
        }
        catch (Win32Exception failure)
        {
            throw new ContainerEngineException(EngineProblem.Failed, $"podman could not be started ({failure.Message})", failure);
        }
    }

    private static IEnumerable<string> Arguments(PodmanOptions options)
    {
        yield return "--root";
        yield return Path.Combine(options.DataFolder, "storage");
        yield return "--runroot";
        yield return Path.Combine(options.RunFolder, "storage");
        yield return "--tmpdir";
        yield return Path.Combine(options.RunFolder, "state");
        yield return "--network-config-dir";
        yield return Path.Combine(options.DataFolder, "networks");
        yield return "--events-backend";
        yield return "file";
        if (InPath("runc"))
        {
            yield return "--runtime";
            yield return "runc";
        }

        if (!Directory.Exists("/run/systemd/system"))
        {
            yield return "--cgroup-manager";
            yield return "cgroupfs";
        }

        yield return "system";
        yield return "service";
        yield return "--time=0";
        yield return options.Address.ToString();
    }

    private async Task WaitUntilItAnswersAsync(Process process, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(Options.StartLimit, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            while (!process.HasExited)
            {
                if (File.Exists(Options.SocketPath) && await AnswersAsync(Options, _time, both.Token).ConfigureAwait(false))
                {
                    return;
                }

                await Task.Delay(Poll, _time, both.Token).ConfigureAwait(false);
            }

            throw new ContainerEngineException(EngineProblem.Failed, $"podman ended with exit code {process.ExitCode}: {Said()}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new ContainerEngineException(EngineProblem.Unreachable, $"podman did not answer at {Options.Address} within {Options.StartLimit.TotalSeconds:0} s: {Said()}");
        }
    }

    private static async Task<bool> AnswersAsync(PodmanOptions options, TimeProvider time, CancellationToken cancellation)
    {
        try
        {
            using var engine = await ContainerEngine.ConnectAsync(options.Address, "probe", time, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (ContainerEngineException)
        {
            // Nothing listens (yet), or what listens is no engine.
            return false;
        }
    }

    private string Said()
    {
        var log = LogPath(Options);
        return File.Exists(log) ? string.Join(" ", File.ReadLines(log).TakeLast(5)).Trim() : "it said nothing";
    }

    private static string LogPath(PodmanOptions options) => Path.Combine(options.RunFolder, "podman.log");

    private static string SettingsPath(PodmanOptions options) => Path.Combine(options.RunFolder, "containers.conf");

    private static bool InPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Any(folder => File.Exists(Path.Combine(folder, program)));
}
