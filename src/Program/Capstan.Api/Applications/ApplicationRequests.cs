namespace Capstan.Api.Applications;

/// <summary>The wish for a new application; it becomes <c>apps/NAME.yaml</c> in the platform repository.</summary>
/// <param name="Name">The application's name, a DNS label.</param>
/// <param name="RepoUrl">Any URL that git takes, or the name of a repository on this server.</param>
/// <param name="Path">The folder of the manifests, relative to the repository's root.</param>
/// <param name="Revision">A branch, tag, commit or semver range; <c>HEAD</c> when absent.</param>
/// <param name="Namespace">The namespace that objects without one go to.</param>
/// <param name="Project">The project; <c>default</c> when absent.</param>
/// <param name="Recurse">Whether sub-folders are read too.</param>
/// <param name="Automated">Whether a new commit is synced by itself.</param>
/// <param name="Prune">Whether automation deletes what is no longer in Git.</param>
/// <param name="SelfHeal">Whether automation undoes changes made to the cluster by others.</param>
/// <param name="AllowEmpty">Whether automation may delete everything when the source renders nothing.</param>
/// <param name="SyncOptions">Sync options as <c>Name=value</c>.</param>
public sealed record CreateApplication(
    string Name,
    string RepoUrl,
    string Path,
    string? Revision = null,
    string? Namespace = null,
    string? Project = null,
    bool Recurse = false,
    bool Automated = false,
    bool Prune = false,
    bool SelfHeal = false,
    bool AllowEmpty = false,
    IReadOnlyList<string>? SyncOptions = null);

/// <summary>What a change of Capstan's own configuration came to: a commit in the platform repository.</summary>
/// <param name="Name">The application that it is about.</param>
/// <param name="Commit">The commit written, 40 hexadecimal digits; empty when nothing had to change.</param>
/// <param name="File">The file that it wrote or removed.</param>
/// <param name="Repository">The platform repository's URL.</param>
public sealed record PlatformCommit(string Name, string Commit, string File, string Repository);

/// <summary>The wish to sync now.</summary>
/// <param name="Revision">Another revision than the application's own; absent means its own.</param>
/// <param name="Prune">Whether objects that are no longer in Git are deleted; absent means what the application says.</param>
public sealed record SyncRequest(string? Revision = null, bool? Prune = null);

/// <summary>The wish that automation rests for a while.</summary>
/// <param name="Until">Until when, RFC 3339.</param>
/// <param name="Reason">Why; everybody sees it.</param>
public sealed record PauseRequest(string Until, string Reason);

/// <summary>The wish to do something with one live object.</summary>
/// <param name="Object"><c>KIND/NAME</c>, or <c>KIND/NAMESPACE/NAME</c> as the tree tells it.</param>
/// <param name="Action">The action, one of those that the object has.</param>
/// <param name="Parameters">What the action wants to be told.</param>
public sealed record ActionRequest(string Object, string Action, IReadOnlyDictionary<string, string>? Parameters = null);

/// <summary>What can be done with an object.</summary>
/// <param name="Object">The object, as the tree tells it.</param>
/// <param name="Actions">The actions.</param>
public sealed record ActionsReport(string Object, IReadOnlyList<ActionReport> Actions);

/// <summary>One action.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Possible">Whether it can be done in the state that the object is in.</param>
/// <param name="Parameters">What it wants to be told.</param>
public sealed record ActionReport(string Name, bool Possible, IReadOnlyList<ActionParameterReport> Parameters);

/// <summary>Something that an action wants to be told.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Default">What counts when nothing is said; absent where something must be.</param>
public sealed record ActionParameterReport(string Name, string? Default = null);

/// <summary>What an action did.</summary>
/// <param name="Written">The objects that it changed or made.</param>
/// <param name="Note">What there is to know beside it; absent for nothing.</param>
public sealed record ActionDone(IReadOnlyList<string> Written, string? Note = null);

/// <summary>The wish to go back.</summary>
/// <param name="To">A commit of the history, or a history id; absent means the deployment before the present one.</param>
/// <param name="DryRun">Whether only the difference is told.</param>
public sealed record RollbackRequest(string? To = null, bool DryRun = false);

/// <summary>What a rollback did or would do.</summary>
/// <param name="From">The commit that is deployed.</param>
/// <param name="To">The commit whose files return.</param>
/// <param name="Diff">The difference of the application's path as git prints it.</param>
/// <param name="Commit">The commit written, absent when none was.</param>
/// <param name="Pinned">Whether the application was pinned instead, because its repository takes no push from here.</param>
public sealed record RollbackReport(string From, string To, string Diff, string? Commit = null, bool Pinned = false);
