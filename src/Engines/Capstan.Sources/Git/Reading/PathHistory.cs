using LibGit2Sharp;

namespace Capstan.Sources.Git.Reading;

/// <summary>Walks history for the commits that changed certain paths, passing over side branches that changed none, as <c>git log -- PATH</c> does.</summary>
internal static class PathHistory
{
    /// <summary>Commits looked at before the walk ends without an answer to all that was asked.</summary>
    private const int MostCommits = 20_000;

    public static IReadOnlyList<CommitInfo> Touching(Repository repository, Commit start, IReadOnlyList<string> paths, int limit)
    {
        var found = new List<CommitInfo>();
        var seen = new HashSet<string>();
        var pending = new PriorityQueue<Commit, long>();
        Add(start);
        for (var looked = 0; looked < MostCommits && found.Count < limit && pending.TryDequeue(out var commit, out _); looked++)
        {
            var here = Identity(commit, paths);
            var parents = commit.Parents.ToList();
            var same = parents.Find(parent => Identity(parent, paths) == here);
            if (same is not null)
            {
                Add(same);
                continue;
            }

            if (parents.Count > 0 || here.Any(id => id != '-'))
            {
                found.Add(CommitInfo.Of(commit));
            }

            parents.ForEach(Add);
        }

        return found;

        void Add(Commit commit)
        {
            if (seen.Add(commit.Sha))
            {
                pending.Enqueue(commit, -commit.Committer.When.ToUnixTimeSeconds());
            }
        }
    }

    private static string Identity(Commit commit, IReadOnlyList<string> paths) =>
        string.Concat(paths.Select(path => ObjectReader.EntryId(commit, path) ?? "-"));
}
