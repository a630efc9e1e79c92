using Capstan.Api.Activity;
using Capstan.Api.Instance;
using Capstan.Api.Notifications;
using Capstan.Api.Repositories;
using Capstan.Api.Tokens;

namespace Capstan.Server.Pages;

/// <summary>The repositories.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Items">The repositories.</param>
/// <param name="MayCreate">Whether who looks may create one.</param>
/// <param name="ServerUrl">The server's address, for commands.</param>
/// <param name="Problem">Why the last one could not be made; empty otherwise.</param>
public sealed record RepositoriesModel(Frame Frame, IReadOnlyList<Repository> Items, bool MayCreate, string ServerUrl, string Problem);

/// <summary>The head of every page of a repository.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Url">Where git clones it from.</param>
/// <param name="Branch">The branch, tag or commit that is shown.</param>
/// <param name="Branches">Branches and tags to choose from.</param>
/// <param name="Tab">The tab that is shown.</param>
public sealed record RepositoryHead(string Name, string Url, string Branch, IReadOnlyList<string> Branches, string Tab)
{
    /// <summary>The path of its pages.</summary>
    public string Base => "/repositories/" + Name;
}

/// <summary>A folder or a file of a repository.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Head">Its head.</param>
/// <param name="Path">The path; empty for the root.</param>
/// <param name="Entries">What is in the folder; null for a file.</param>
/// <param name="Text">The file's lines; null for a folder, and for a file that is no text.</param>
/// <param name="Note">What there is to say instead of the text; empty otherwise.</param>
public sealed record FilesModel(Frame Frame, RepositoryHead Head, string Path, IReadOnlyList<RepositoryEntry>? Entries, IReadOnlyList<string>? Text, string Note);

/// <summary>Commits.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Head">Its head.</param>
/// <param name="Commits">The commits, the newest first.</param>
/// <param name="Next">The address of the next page; null on the last.</param>
public sealed record CommitsModel(Frame Frame, RepositoryHead Head, IReadOnlyList<RepositoryCommit> Commits, string? Next);

/// <summary>What a commit, or the way from one to another, changes.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Head">Its head.</param>
/// <param name="Title">What it is.</param>
/// <param name="Message">The commit's message; empty for a comparison.</param>
/// <param name="Commit">The commit; null for a comparison.</param>
/// <param name="Diff">The difference as git prints it.</param>
/// <param name="From">The one side of a comparison.</param>
/// <param name="To">The other.</param>
public sealed record DiffModel(Frame Frame, RepositoryHead Head, string Title, string Message, RepositoryCommit? Commit, string Diff, string From, string To);

/// <summary>Who did what.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Entries">The entries, the newest first.</param>
/// <param name="Next">The address of the next page; null on the last.</param>
/// <param name="Who">The filter by person.</param>
public sealed record ActivityModel(Frame Frame, IReadOnlyList<ActivityEntry> Entries, string? Next, string Who);

/// <summary>What became of messages.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="List">The messages.</param>
/// <param name="State">The filter by state.</param>
public sealed record NotificationsModel(Frame Frame, NotificationList List, string State);

/// <summary>Branches and tags.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Head">The repository.</param>
/// <param name="Items">The branches and tags.</param>
public sealed record BranchesModel(Frame Frame, RepositoryHead Head, IReadOnlyList<RepositoryBranch> Items);

/// <summary>Clusters and the health of Capstan itself.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Clusters">The clusters.</param>
/// <param name="Findings">What the doctor finds; null for who may not see it.</param>
public sealed record ClustersModel(Frame Frame, IReadOnlyList<Cluster> Clusters, IReadOnlyList<Finding>? Findings);

/// <summary>What belongs to who is signed in.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Tokens">Tokens.</param>
/// <param name="Made">A token that was just made, with its text; null otherwise.</param>
/// <param name="Problem">Why none could be made; empty otherwise.</param>
/// <param name="Sessions">How many browsers are signed in.</param>
/// <param name="HasPassword">Whether it is a local user, who can change the password.</param>
/// <param name="Groups">The groups.</param>
public sealed record AccountModel(Frame Frame, IReadOnlyList<TokenInfo> Tokens, NewToken? Made, string Problem, int Sessions, bool HasPassword, IReadOnlyList<string> Groups);
