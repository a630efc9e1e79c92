namespace Capstan.Containers.Discovery;

/// <summary>What was found when an engine was looked for.</summary>
/// <param name="Engine">The engine that answered; null when none did.</param>
/// <param name="Tried">Each address that was tried in vain, and why.</param>
public sealed record EngineSearch(ContainerEngine? Engine, IReadOnlyList<string> Tried)
{
    /// <summary>Why there is none, for people; empty when there is one.</summary>
    public string Explanation => Engine is not null ? "" : Tried.Count == 0
        ? "no container engine was found: neither DOCKER_HOST nor a socket of Docker or Podman is there"
        : $"no container engine answers: {string.Join("; ", Tried)}";
}

/// <summary>Finds the engine that the user's own <c>docker</c> or <c>podman</c> would use.</summary>
/// <param name="variable">Reads an environment variable; null when it is not set.</param>
/// <param name="fileExists">Whether a socket is there.</param>
/// <param name="time">The clock of time limits.</param>
public sealed class EngineFinder(Func<string, string?> variable, Func<string, bool> fileExists, TimeProvider time)
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    /// <summary>The addresses to try, the likeliest first. Where <c>DOCKER_HOST</c> is set, it is the only one: who sets it means it.</summary>
    public IReadOnlyList<Uri> Candidates()
    {
        if (variable("DOCKER_HOST") is { Length: > 0 } host)
        {
            return Uri.TryCreate(host, UriKind.Absolute, out var named) ? [named] : [];
        }

        if (System.OperatingSystem.IsWindows())
        {
            return [new Uri("npipe://./pipe/docker_engine"), new Uri("npipe://./pipe/podman-machine-default")];
        }

        var home = variable("HOME") ?? "";
        var runtime = variable("XDG_RUNTIME_DIR") ?? "";
        string[] sockets =
        [
            "/var/run/docker.sock",
            In(runtime, "docker.sock"),
            In(home, ".docker/run/docker.sock"),
            In(home, ".docker/desktop/docker.sock"),
            In(home, ".colima/default/docker.sock"),
            "/run/podman/podman.sock",
            In(runtime, "podman/podman.sock"),
            In(home, ".local/share/containers/podman/machine/podman.sock"),
        ];
        return [.. sockets.Where(s => s.Length > 0 && fileExists(s)).Select(s => new Uri("unix://" + s))];
    }

    /// <summary>Opens the first engine that answers.</summary>
    /// <param name="owner">See <see cref="ContainerEngine.ConnectAsync"/>.</param>
    /// <param name="cancellation">Ends the search.</param>
    public async Task<EngineSearch> FindAsync(string owner, CancellationToken cancellation)
    {
        var tried = new List<string>();
        if (variable("DOCKER_HOST") is { Length: > 0 } host && !Uri.TryCreate(host, UriKind.Absolute, out _))
        {
            tried.Add($"DOCKER_HOST={host} is no address; write it as unix:///path or tcp://host:port");
        }

        foreach (var address in Candidates())
        {
            using var limit = new CancellationTokenSource(AnswerLimit, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
            try
            {
                var engine = await ContainerEngine.ConnectAsync(address, owner, time, both.Token).ConfigureAwait(false);
                if (engine.Info.OperatingSystem == "linux")
                {
                    return new EngineSearch(engine, tried);
                }

                tried.Add($"{address} runs containers of {engine.Info.OperatingSystem}; Capstan needs those of Linux");
                engine.Dispose();
            }
            catch (ContainerEngineException failure)
            {
                tried.Add(failure.Message);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                tried.Add($"{address} did not answer within {AnswerLimit.TotalSeconds:0} s");
            }
        }

        return new EngineSearch(null, tried);
    }

    /// <summary>A finder for this process: its environment and its file system.</summary>
    public static EngineFinder ForThisProcess(TimeProvider time) => new(Environment.GetEnvironmentVariable, File.Exists, time);

    private static string In(string folder, string path) => folder.Length == 0 ? "" : Path.Combine(folder, path);
}
