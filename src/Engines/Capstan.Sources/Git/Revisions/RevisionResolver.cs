using System.Diagnostics.CodeAnalysis;
using Capstan.Scalars;

namespace Capstan.Sources.Git.Revisions;

/// <summary>What a target revision turned out to be.</summary>
public enum RevisionKind
{
    /// <summary>The default branch.</summary>
    Head,

    /// <summary>A branch.</summary>
    Branch,

    /// <summary>A tag.</summary>
    Tag,

    /// <summary>A range of versions, met by a tag.</summary>
    VersionRange,

    /// <summary>A commit id, whole or shortened.</summary>
    Commit,

    /// <summary>Another ref, named in full.</summary>
    OtherRef,
}

/// <summary>A target revision resolved.</summary>
/// <param name="Commit">The whole commit id.</param>
/// <param name="Kind">What the target revision was.</param>
/// <param name="Ref">The full name of the ref it was read from; null for a commit.</param>
public sealed record GitRevision(string Commit, RevisionKind Kind, string? Ref);

/// <summary>
/// Reads a target revision as Argo CD does: a whole commit id; nothing or HEAD; a range of versions met by the highest tag; a branch before
/// a tag of the same name; a full ref; a shortened commit id.
/// </summary>
internal static class RevisionResolver
{
    public const int ShortestCommit = 7;

    /// <summary>Whether the text is a whole commit id.</summary>
    public static bool IsCommit(string revision) => revision.Length == 40 && IsHex(revision);

    /// <summary>Whether the text can be a shortened commit id.</summary>
    public static bool IsShortCommit(string revision) => revision.Length is >= ShortestCommit and < 40 && IsHex(revision);

    /// <summary>Why the text cannot be a revision at all; null when it can. Keeps options and git's own notations away from git.</summary>
    public static string? Problem(string revision)
    {
        if (revision.Length > 1024 || revision.Any(char.IsControl))
        {
            return "is longer than 1,024 characters or holds control characters";
        }

        return revision.StartsWith('-') ? "begins with \"-\"" : null;
    }

    /// <summary>Finds a target revision among refs; null when it is none of them (it may be a commit id).</summary>
    public static GitRevision? Find(RemoteRefs refs, string revision)
    {
        if (revision is "" or "HEAD")
        {
            return refs.Commits.TryGetValue("HEAD", out var head) ? new GitRevision(head, RevisionKind.Head, refs.Head ?? "HEAD")
                : refs.Head is { } name && refs.Commits.TryGetValue(name, out var target) ? new GitRevision(target, RevisionKind.Head, name)
                : null;
        }

        if (IsRange(revision, out var range) && range.Highest(refs.Tags) is { } tag)
        {
            return new GitRevision(refs.Commits["refs/tags/" + tag], RevisionKind.VersionRange, "refs/tags/" + tag);
        }

        return Named(refs, "refs/heads/" + revision, RevisionKind.Branch)
            ?? Named(refs, "refs/tags/" + revision, RevisionKind.Tag)
            ?? (revision.StartsWith("refs/", StringComparison.Ordinal) ? Named(refs, revision, KindOf(revision)) : null);
    }

    /// <summary>Whether the text is a range of versions. A plain version is none here: it pins one tag and is looked up like any other name.</summary>
    public static bool IsRange(string revision, [NotNullWhen(true)] out VersionRange? range)
    {
        range = null;
        return !SemanticVersion.TryParse(revision, out _) && VersionRange.TryParse(revision, out range);
    }

    private static GitRevision? Named(RemoteRefs refs, string name, RevisionKind kind) =>
        refs.Commits.TryGetValue(name, out var commit) ? new GitRevision(commit, kind, name) : null;

    private static RevisionKind KindOf(string name) =>
        name.StartsWith("refs/heads/", StringComparison.Ordinal) ? RevisionKind.Branch
        : name.StartsWith("refs/tags/", StringComparison.Ordinal) ? RevisionKind.Tag
        : RevisionKind.OtherRef;

    private static bool IsHex(string text) => text.All(char.IsAsciiHexDigit);
}
