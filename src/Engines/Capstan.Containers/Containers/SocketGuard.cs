namespace Capstan.Containers.Containers;

/// <summary>Who holds the engine's socket owns the machine: no container gets it, whatever it is mounted as.</summary>
/// <param name="socketPath">The socket of the engine in use; empty when it is no file.</param>
internal sealed class SocketGuard(string socketPath)
{
    // Engines that are not in use are as good as the one that is.
    private static readonly string[] Known =
    [
        "/var/run/docker.sock", "/run/docker.sock", "/run/podman/podman.sock", "/var/run/podman/podman.sock",
        "/run/containerd/containerd.sock", "/var/run/containerd/containerd.sock", "/run/crio/crio.sock",
    ];

    /// <summary>Why a folder or file of the machine may not be mounted; null when it may.</summary>
    public string? Problem(string source)
    {
        if (!Path.IsPathRooted(source))
        {
            return $"the path {source} is not absolute";
        }

        string[] forms = [Path.TrimEndingDirectorySeparator(Path.GetFullPath(source)), Resolved(source)];
        foreach (var socket in Known.Append(socketPath).Where(s => s.Length > 0))
        {
            string[] sockets = [socket, Resolved(socket)];
            if (forms.Any(form => sockets.Any(s => Holds(form, s))))
            {
                return $"{source} holds a container engine's socket ({socket}); who reaches it owns the machine";
            }
        }

        return null;
    }

    private static bool Holds(string folder, string path) =>
        folder == path || folder is "/" or "" || path.StartsWith(folder + "/", StringComparison.Ordinal);

    /// <summary>The path with every link on the way followed; what does not exist stays as written.</summary>
    private static string Resolved(string path)
    {
        var resolved = "/";
        var links = 0;
        var waiting = new Stack<string>(Path.GetFullPath(path).Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        while (waiting.TryPop(out var part))
        {
            var next = Path.GetFullPath(Path.Combine(resolved, part));
            var target = new FileInfo(next).LinkTarget;
            if (target is null || ++links > 40)
            {
                resolved = next;
                continue;
            }

            resolved = Path.IsPathRooted(target) ? "/" : resolved;
            foreach (var piece in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
            {
                waiting.Push(piece);
            }
        }

        return resolved;
    }
}
