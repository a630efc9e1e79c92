namespace Capstan.LocalCluster.Node;

/// <summary>Where the node keeps what is on disk.</summary>
/// <param name="root">A folder of its own.</param>
/// <param name="hostPath">The folder beneath which every <c>hostPath</c> and every claim lies.</param>
internal sealed class NodeFolders(string root, string hostPath)
{
    /// <summary>The folder beneath which every <c>hostPath</c> lies.</summary>
    public string HostPath { get; } = hostPath;

    private string Pods => Path.Combine(root, "pods");

    /// <summary>The folder of a volume of a pod.</summary>
    public string Volume(string podUid, string kind, string name) => Path.Combine(Pods, podUid, "volumes", kind, name);

    /// <summary>A file that the node writes for a pod, such as its <c>/etc/hosts</c>.</summary>
    public string File(string podUid, string name)
    {
        var folder = Path.Combine(Pods, podUid);
        Directory.CreateDirectory(folder);
        return Path.Combine(folder, name);
    }

    /// <summary>The file into which a container writes why it ends.</summary>
    public string TerminationMessage(string podUid, string container, int attempt)
    {
        var folder = Path.Combine(Pods, podUid, "containers", container);
        Directory.CreateDirectory(folder);
        return Path.Combine(folder, attempt.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>The pods of which there is something.</summary>
    public IReadOnlyList<string> KnownPods() => Directory.Exists(Pods) ? [.. Directory.EnumerateDirectories(Pods).Select(d => Path.GetFileName(d)!)] : [];

    /// <summary>Removes what is left of a pod.</summary>
    public void Remove(string podUid)
    {
        var folder = Path.Combine(Pods, podUid);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
