namespace Capstan.Sources.Git.Revisions;

/// <summary>The branches and tags of a repository at one moment.</summary>
public sealed class RemoteRefs
{
    private readonly Dictionary<string, string> _commits;

    internal RemoteRefs(string? head, Dictionary<string, string> commits)
    {
        Head = head;
        _commits = commits;
        Tags = [.. commits.Keys.Where(name => name.StartsWith("refs/tags/", StringComparison.Ordinal)).Select(name => name["refs/tags/".Length..]).Order(StringComparer.Ordinal)];
    }

    /// <summary>The full name of the branch that HEAD names; null when it names none.</summary>
    public string? Head { get; }

    /// <summary>The short names of all tags.</summary>
    public IReadOnlyList<string> Tags { get; }

    /// <summary>The commits by full name (<c>refs/heads/…</c>, <c>refs/tags/…</c>, <c>HEAD</c>); annotated tags lead to the commit they name.</summary>
    public IReadOnlyDictionary<string, string> Commits => _commits;

    /// <summary>Reads the output of <c>git ls-remote --symref</c>.</summary>
    internal static RemoteRefs Parse(string output)
    {
        string? head = null;
        var commits = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var tab = line.IndexOf('\t', StringComparison.Ordinal);
            if (tab < 0)
            {
                continue;
            }

            var (value, name) = (line[..tab], line[(tab + 1)..]);
            if (value.StartsWith("ref: ", StringComparison.Ordinal))
            {
                head = name == "HEAD" ? value[5..] : head;
                continue;
            }

            // The peeled line of an annotated tag follows the tag's own and takes its place.
            commits[name.EndsWith("^{}", StringComparison.Ordinal) ? name[..^3] : name] = value;
        }

        return new RemoteRefs(head, commits);
    }
}
