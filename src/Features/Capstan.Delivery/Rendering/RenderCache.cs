using Capstan.Delivery.Applications;
using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Delivery.Rendering;

/// <summary>
/// Renderings by what they read. A commit that changes none of the files and folders that a rendering read takes it from memory.
/// Bounded: the least recently used go first. A push looks at all Applications of its repository one after another, so that a bound below their number
/// would remember nothing. Safe for several threads.
/// </summary>
public sealed class RenderCache(RenderLimits? limits = null, int capacity = 50_000)
{
    private const int RenderingsPerSource = 3;

    private readonly SourceRenderer _renderer = new(limits ?? RenderLimits.Default);
    private readonly Lock _gate = new();
    private readonly Dictionary<SourceKey, LinkedListNode<Shelf>> _shelves = [];
    private readonly LinkedList<Shelf> _byUse = new();
    private long _rendered;

    /// <summary>How often a source was really rendered.</summary>
    public long Rendered => Interlocked.Read(ref _rendered);

    /// <summary>Renders a folder of a commit, or takes the rendering from memory when nothing that it read has changed.</summary>
    /// <param name="tree">The files of the commit.</param>
    /// <param name="source">Which folder, and how to read it.</param>
    /// <param name="commit">The commit, which the objects' origins name.</param>
    /// <param name="hard">Whether to forget what is remembered.</param>
    /// <param name="target">For whom; charts and kustomizations may depend on it.</param>
    public RenderedSource Render(SourceTree tree, ApplicationSource source, string commit, bool hard = false, RenderTarget? target = null)
    {
        target ??= RenderTarget.None;
        var key = new SourceKey(
            source.RepoUrl, source.Chart, source.Path, source.Directory, Text(source.Helm), Text(source.Kustomize), target.Application, target.Namespace, target.Project, target.FetchedKey, target.LentKey);
        if (!hard && Recall(key, tree, commit, target) is { } known)
        {
            return known;
        }

        var recorder = new RecordingTree(tree);
        Interlocked.Increment(ref _rendered);
        var lent = target.Lent.ToDictionary(l => l.Key, l => new RecordingTree(l.Value.Tree), StringComparer.Ordinal);
        var recorded = lent.Count == 0 ? target : target with { Lent = lent.ToDictionary(l => l.Key, l => target.Lent[l.Key] with { Tree = l.Value }, StringComparer.Ordinal) };
        var (rendering, needsCommit, needsCluster) = _renderer.Render(new RenderRequest(recorder, source, commit, recorded));
        rendering = Packed(rendering);
        var reads = recorder.Reads;
        var folder = TreePath.TryParse(source.Path, out var path, out _) && reads.StayWithin(path) ? FolderId(tree, source.Path) : null;
        Keep(key, new Remembered(folder, reads, needsCommit ? commit : null, needsCluster ? target.Cluster : null, rendering)
        {
            Lent = [.. lent.Select(l => (l.Key, l.Value.Reads)).Where(l => l.Reads.Count > 0)],
        });
        return rendering;
    }

    private RenderedSource? Recall(SourceKey key, SourceTree tree, string commit, RenderTarget target)
    {
        Remembered[] candidates;
        lock (_gate)
        {
            if (!_shelves.TryGetValue(key, out var node))
            {
                return null;
            }

            _byUse.Remove(node);
            _byUse.AddFirst(node);
            candidates = [.. node.Value.Items];
        }

        // The identity of the folder answers at once for nearly every source that a commit did not touch.
        var folder = FolderId(tree, key.Path);
        foreach (var candidate in candidates)
        {
            if ((candidate.Commit is null || candidate.Commit == commit) && candidate.Cluster?.IsSame(target.Cluster) != false
                && ((folder is not null && candidate.FolderId == folder) || candidate.Reads.HoldIn(tree))
                && candidate.Lent.All(l => l.Reads.HoldIn(target.Lent[l.Ref].Tree)))
            {
                return candidate.Rendering;
            }
        }

        return null;
    }

    private static string Text(YamlMap? map) => map is null ? "" : JsonText.Write(map);

    private void Keep(SourceKey key, Remembered remembered)
    {
        lock (_gate)
        {
            if (!_shelves.TryGetValue(key, out var node))
            {
                node = _byUse.AddFirst(new Shelf(key, []));
                _shelves[key] = node;
            }

            node.Value.Items.Insert(0, remembered);
            if (node.Value.Items.Count > RenderingsPerSource)
            {
                node.Value.Items.RemoveAt(RenderingsPerSource);
            }

            while (_shelves.Count > capacity && _byUse.Last is { } oldest)
            {
                _shelves.Remove(oldest.Value.Key);
                _byUse.RemoveLast();
            }
        }
    }

    // Thousands of renderings are remembered; each is read again only when its objects are placed into a cluster anew.
    private static RenderedSource Packed(RenderedSource rendering) =>
        rendering with { Manifests = [.. rendering.Manifests.Select(m => m with { Object = m.Object.Packed() })] };

    private static string? FolderId(SourceTree tree, string path) =>
        TreePath.TryParse(path, out var parsed, out _) && tree.Find(parsed) is { Kind: TreeEntryKind.Folder } folder ? folder.ContentId : null;

    private readonly record struct SourceKey(
        string Repository, string Chart, string Path, DirectoryOptions Options, string Helm, string Kustomize, string Application, string Namespace, string Project, string Fetched, string Lent);

    /// <summary>
    /// One rendering; the folder's identity only where nothing outside the folder was read, commit and cluster only where it asked for them.
    /// </summary>
    private sealed record Remembered(string? FolderId, TreeReads Reads, string? Commit, ClusterVersions? Cluster, RenderedSource Rendering)
    {
        /// <summary>What was read of other sources, by their refs.</summary>
        public IReadOnlyList<(string Ref, TreeReads Reads)> Lent { get; init; } = [];
    }

    private sealed record Shelf(SourceKey Key, List<Remembered> Items);
}
