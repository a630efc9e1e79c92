using Capstan.Trees;

namespace Capstan.Helm.Charts;

/// <summary>
/// What a rendering of a chart's folder depends on: what Helm itself reads in any case, which names there are, and of the other files (such
/// as values for one environment) those that a template reads. So a change of another environment's values renders nothing anew.
/// </summary>
internal sealed class ChartParts
{
    private static readonly HashSet<string> Always = new(StringComparer.Ordinal)
    {
        "Chart.yaml", "Chart.lock", "requirements.yaml", "requirements.lock", "values.yaml", "values.schema.json", ".helmignore", "templates", "charts", "crds",
    };

    private readonly List<string> _folders = [];
    private readonly List<(string Name, string ContentId)> _always = [];
    private readonly Dictionary<string, string> _others = new(StringComparer.Ordinal);

    /// <summary>The names in a folder count.</summary>
    /// <param name="prefix">The folder's path in the chart, with a slash at its end; empty for the chart itself.</param>
    public void Listed(string prefix) => _folders.Add(prefix.TrimEnd('/'));

    /// <summary>Something lies in the chart.</summary>
    /// <returns>Whether all of it counts in any case.</returns>
    public bool Add(string name, TreeEntry entry)
    {
        if (Always.Contains(name))
        {
            _always.Add((name, entry.ContentId));
            return true;
        }

        if (entry.Kind == TreeEntryKind.File)
        {
            _others[name] = entry.ContentId;
        }

        return false;
    }

    /// <summary>Remembers what counts in any case.</summary>
    public void Record(RecordingTree tree, TreePath chart)
    {
        foreach (var folder in _folders)
        {
            tree.List(Below(chart, folder));
        }

        foreach (var (name, contentId) in _always)
        {
            tree.DependOn(Below(chart, name), contentId);
        }
    }

    /// <summary>Remembers that a template read a file.</summary>
    public void RecordFile(RecordingTree tree, TreePath chart, string name)
    {
        if (_others.TryGetValue(name, out var contentId))
        {
            tree.DependOn(Below(chart, name), contentId);
        }
    }

    private static TreePath Below(TreePath chart, string name) => name.Split('/', StringSplitOptions.RemoveEmptyEntries).Aggregate(chart, static (at, part) => at.Child(part));
}
