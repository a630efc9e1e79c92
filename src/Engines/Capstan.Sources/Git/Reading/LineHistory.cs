using LibGit2Sharp;

namespace Capstan.Sources.Git.Reading;

/// <summary>Which commit last changed each line of a file, as <c>git blame</c> tells.</summary>
internal static class LineHistory
{
    private const long LargestFile = 1 << 20;

    public static IReadOnlyList<CommitInfo> Of(Repository repository, Commit commit, string path)
    {
        if (commit[path]?.Target is not Blob { IsBinary: false } blob || blob.Size > LargestFile)
        {
            return [];
        }

        var lines = new List<CommitInfo>();
        var known = new Dictionary<ObjectId, CommitInfo>();
        foreach (var hunk in repository.Blame(path, new BlameOptions { StartingAt = commit }))
        {
            if (!known.TryGetValue(hunk.FinalCommit.Id, out var info))
            {
                known[hunk.FinalCommit.Id] = info = CommitInfo.Of(hunk.FinalCommit);
            }

            lines.AddRange(Enumerable.Repeat(info, hunk.LineCount));
        }

        return lines;
    }
}
