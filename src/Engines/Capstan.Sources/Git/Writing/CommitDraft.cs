using Capstan.Trees;

namespace Capstan.Sources.Git.Writing;

/// <summary>A person or program in whose name a commit is written.</summary>
/// <param name="Name">The name.</param>
/// <param name="Email">The address.</param>
public sealed record CommitAuthor(string Name, string Email);

/// <summary>One change of a tree.</summary>
public abstract record TreeChange
{
    private protected TreeChange(TreePath path) => Path = path;

    /// <summary>What is changed.</summary>
    public TreePath Path { get; }

    /// <summary>Writes a file, new or in the place of another.</summary>
    /// <param name="path">Where.</param>
    /// <param name="content">Its content.</param>
    /// <param name="executable">Whether it can be run; an existing file's mode is not kept.</param>
    public static TreeChange Put(TreePath path, ReadOnlyMemory<byte> content, bool executable = false) => new PutFile(path, content, executable);

    /// <summary>Removes a file or a folder with all that is in it.</summary>
    public static TreeChange Remove(TreePath path) => new RemovePath(path);

    internal sealed record PutFile(TreePath At, ReadOnlyMemory<byte> Content, bool Executable) : TreeChange(At);

    internal sealed record RemovePath(TreePath At) : TreeChange(At);

    internal sealed record PutObject(TreePath At, string Mode, string Id) : TreeChange(At);
}

/// <summary>A commit to write.</summary>
/// <param name="Author">In whose name.</param>
/// <param name="Message">Subject and body.</param>
public sealed record CommitDraft(CommitAuthor Author, string Message)
{
    /// <summary>Lines such as <c>Capstan-Application: shop</c> at the end of the message.</summary>
    public IReadOnlyList<(string Key, string Value)> Trailers { get; init; } = [];

    /// <summary>The message with its trailers, as git reads them: keys without white space, values on one line.</summary>
    internal string FullMessage()
    {
        var body = Message.Replace("\r\n", "\n", StringComparison.Ordinal).Replace("\0", "", StringComparison.Ordinal).TrimEnd();
        if (Trailers.Count == 0)
        {
            return body + "\n";
        }

        var lines = Trailers.Select(trailer => $"{OneLine(trailer.Key).Replace(' ', '-')}: {OneLine(trailer.Value)}");
        return $"{body}\n\n{string.Join('\n', lines)}\n";
    }

    private static string OneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
}

/// <summary>What became of a commit to write.</summary>
/// <param name="Commit">The commit at the end of the branch.</param>
/// <param name="Changed">False when the branch had all of it already, so that nothing was written.</param>
public sealed record WrittenCommit(string Commit, bool Changed);
