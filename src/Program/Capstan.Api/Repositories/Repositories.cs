using System.Text.Json.Serialization;

namespace Capstan.Api.Repositories;

/// <summary>A repository of this server's Git host.</summary>
/// <param name="Name">Its name: <c>NAME</c> or <c>OWNER/NAME</c>.</param>
/// <param name="Url">Where git clones it from and pushes it to.</param>
/// <param name="DefaultBranch">The branch that HEAD names.</param>
/// <param name="Head">The commit of that branch; absent while the repository is empty.</param>
public sealed record Repository(string Name, string Url, string DefaultBranch, string? Head = null);

/// <summary>Repositories in the order of their names.</summary>
/// <param name="Items">The repositories.</param>
/// <param name="Next">The cursor of the next page; absent on the last.</param>
public sealed record RepositoryList(IReadOnlyList<Repository> Items, string? Next = null);

/// <summary>The wish for a new, empty repository.</summary>
/// <param name="Name">Its name: <c>NAME</c> or <c>OWNER/NAME</c>.</param>
public sealed record CreateRepository(string Name);

/// <summary>A folder of a repository.</summary>
/// <param name="Commit">The commit that it is of.</param>
/// <param name="Path">Its path; empty for the root.</param>
/// <param name="Entries">What is in it, folders first.</param>
public sealed record RepositoryFolder(string Commit, string Path, IReadOnlyList<RepositoryEntry> Entries);

/// <summary>An entry of a folder.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type"><c>folder</c>, <c>file</c>, <c>link</c> or <c>module</c>.</param>
/// <param name="Size">A file's size in bytes.</param>
public sealed record RepositoryEntry(string Name, string Type, long? Size = null);

/// <summary>A file of a repository.</summary>
/// <param name="Commit">The commit that it is of.</param>
/// <param name="Path">Its path.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Text">What is in it; absent when it is no text, or too long to be shown.</param>
public sealed record RepositoryFile(string Commit, string Path, long Size, string? Text);

/// <summary>A commit.</summary>
/// <param name="Id">Its 40 digits.</param>
/// <param name="Author">Who wrote it.</param>
/// <param name="At">When, RFC 3339.</param>
/// <param name="Subject">Its first line.</param>
/// <param name="DeployedBy">The applications that are at this commit now.</param>
/// <param name="Checks">The runs that it started, the newest first, as far as who asks may see them.</param>
public sealed record RepositoryCommit(string Id, string Author, string At, string Subject, IReadOnlyList<string> DeployedBy, IReadOnlyList<CommitCheck> Checks);

/// <summary>A run as a check of its commit.</summary>
/// <param name="Run">The run.</param>
/// <param name="Workflow">The workflow.</param>
/// <param name="Phase"><c>queued</c>, <c>in_progress</c> or <c>completed</c>.</param>
/// <param name="Conclusion">How it ended; absent before.</param>
public sealed record CommitCheck(string Run, string Workflow, string Phase, string? Conclusion);

/// <summary>A branch or a tag.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind"><c>branch</c> or <c>tag</c>.</param>
/// <param name="Commit">Its commit.</param>
public sealed record RepositoryBranch(string Name, string Kind, RepositoryCommit Commit);

/// <summary>Branches and tags, those changed last first.</summary>
/// <param name="Items">The branches and tags.</param>
public sealed record BranchList(IReadOnlyList<RepositoryBranch> Items);

/// <summary>Commits, the newest first.</summary>
/// <param name="Items">The commits.</param>
/// <param name="Next">The cursor of the next page; absent on the last.</param>
public sealed record CommitList(IReadOnlyList<RepositoryCommit> Items, string? Next = null);

/// <summary>What differs between two commits, or between a commit and the one before.</summary>
/// <param name="From">The one; absent for a first commit.</param>
/// <param name="To">The other.</param>
/// <param name="Message">The whole message, where one commit was asked for.</param>
/// <param name="Commit">That commit.</param>
/// <param name="Diff">The difference as git prints it.</param>
/// <param name="Cut">Whether it is longer than what is shown.</param>
public sealed record RepositoryDiff(string? From, string To, string? Message, RepositoryCommit? Commit, string Diff, bool Cut = false);

/// <summary>JSON of what is said about repositories.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Repository))]
[JsonSerializable(typeof(RepositoryList))]
[JsonSerializable(typeof(RepositoryFolder))]
[JsonSerializable(typeof(RepositoryFile))]
[JsonSerializable(typeof(CommitList))]
[JsonSerializable(typeof(BranchList))]
[JsonSerializable(typeof(RepositoryDiff))]
[JsonSerializable(typeof(CreateRepository))]
public sealed partial class RepositoriesJson : JsonSerializerContext;
