using LibGit2Sharp;

namespace Capstan.Sources.Git.Reading;

/// <summary>What is told of a commit.</summary>
/// <param name="Id">Its id.</param>
/// <param name="AuthorName">Who wrote it.</param>
/// <param name="AuthorEmail">The author's address.</param>
/// <param name="Time">When the author wrote it.</param>
/// <param name="Subject">The first line of the message.</param>
/// <param name="Message">The whole message.</param>
/// <param name="Parents">The ids of the commits before it.</param>
public sealed record CommitInfo(
    string Id, string AuthorName, string AuthorEmail, DateTimeOffset Time, string Subject, string Message, IReadOnlyList<string> Parents)
{
    internal static CommitInfo Of(Commit commit) => new(
        commit.Sha,
        commit.Author.Name,
        commit.Author.Email,
        commit.Author.When,
        commit.MessageShort.TrimEnd(),
        commit.Message,
        [.. commit.Parents.Select(parent => parent.Sha)]);
}
