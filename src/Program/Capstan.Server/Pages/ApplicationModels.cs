using Capstan.Api.Activity;
using Capstan.Api.Applications;

namespace Capstan.Server.Pages;

/// <summary>An application as a list shows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Address">The path of its page.</param>
/// <param name="Project">Its project.</param>
/// <param name="Sync">Its sync status.</param>
/// <param name="Health">Its health.</param>
/// <param name="Busy">Whether an operation runs.</param>
/// <param name="Revision">The commit, shortened.</param>
/// <param name="Destination">The namespace that it goes to.</param>
/// <param name="Cluster">The cluster.</param>
/// <param name="Source">The repository, shortened.</param>
/// <param name="ChangedAt">When its last operation was, RFC 3339.</param>
/// <param name="Message">What there is to say when it is not green.</param>
public sealed record ApplicationRow(
    string Name, string Address, string Project, string Sync, string Health, bool Busy, string Revision, string Destination, string Cluster, string Source, string ChangedAt, string Message);

/// <summary>A number with the state that it counts, and a link to those.</summary>
/// <param name="State">The state.</param>
/// <param name="Count">How many.</param>
/// <param name="Link">Where they are listed.</param>
/// <param name="Active">Whether the list shows just these.</param>
public sealed record StateCount(string State, int Count, string Link, bool Active);

/// <summary>The overview.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Total">How many applications there are.</param>
/// <param name="Health">How many of each health.</param>
/// <param name="Sync">How many of each sync status.</param>
/// <param name="Wrong">Those that are not green, the worst first.</param>
/// <param name="Moving">Those that are being deployed.</param>
/// <param name="Recent">Those that were deployed last.</param>
/// <param name="Activity">What people did last; null for who may not see it.</param>
public sealed record OverviewModel(
    Frame Frame, int Total, IReadOnlyList<StateCount> Health, IReadOnlyList<StateCount> Sync, IReadOnlyList<ApplicationRow> Wrong, IReadOnlyList<ApplicationRow> Moving,
    IReadOnlyList<ApplicationRow> Recent, IReadOnlyList<ActivityEntry>? Activity);

/// <summary>The list of applications.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Rows">Those of this page.</param>
/// <param name="Total">How many fit the filters.</param>
/// <param name="From">The place of the first of this page.</param>
/// <param name="Next">The address of the next page; null on the last.</param>
/// <param name="First">The address of the first page; null on it.</param>
/// <param name="Health">How many of each health, with links.</param>
/// <param name="Sync">How many of each sync status, with links.</param>
/// <param name="Projects">The projects to choose from.</param>
/// <param name="Filters">The filters as they are in the address, by name.</param>
/// <param name="Grid">Whether cards are shown and not lines.</param>
/// <param name="OtherView">The address of the same list as lines or cards.</param>
/// <param name="SortLinks">Addresses of the same list in other orders, by what is sorted by.</param>
/// <param name="Any">Whether there is any application at all.</param>
/// <param name="ServerUrl">The server's address, for commands.</param>
public sealed record ApplicationsModel(
    Frame Frame, IReadOnlyList<ApplicationRow> Rows, int Total, int From, string? Next, string? First, IReadOnlyList<StateCount> Health, IReadOnlyList<StateCount> Sync,
    IReadOnlyList<string> Projects, IReadOnlyDictionary<string, string> Filters, bool Grid, string OtherView, IReadOnlyDictionary<string, string> SortLinks, bool Any, string ServerUrl);

/// <summary>What the head of every page of one application shows.</summary>
/// <param name="Row">The application.</param>
/// <param name="Namespace">The namespace of the object.</param>
/// <param name="Path">The folder in the repository.</param>
/// <param name="Target">The revision that is wanted.</param>
/// <param name="Commit">The commit that was compared, in full.</param>
/// <param name="Repository">The repository's URL.</param>
/// <param name="RepositoryLink">Its page, where it is on this server; empty otherwise.</param>
/// <param name="Automated">How automation is set, in words.</param>
/// <param name="Operation">The phase of the last operation, with its message.</param>
/// <param name="Tab">The tab that is shown.</param>
/// <param name="MaySync">Whether who looks may sync.</param>
/// <param name="MayRollback">Whether who looks may roll back.</param>
public sealed record ApplicationHead(
    ApplicationRow Row, string Namespace, string Path, string Target, string Commit, string Repository, string RepositoryLink, string Automated, string Operation, string Tab, bool MaySync, bool MayRollback);

/// <summary>An application with its resources.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Head">Its head.</param>
/// <param name="Why">Why it is not green; empty when it is.</param>
/// <param name="Picture">The tree, laid out.</param>
/// <param name="AsTable">Whether the tree is shown as a table.</param>
/// <param name="Query">What else is in the address, for links that keep it.</param>
/// <param name="Images">What it runs.</param>
public sealed record ApplicationModel(Frame Frame, ApplicationHead Head, IReadOnlyList<WhyReason> Why, TreePicture Picture, bool AsTable, string Query, IReadOnlyList<string> Images);

/// <summary>What a sync would change.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Head">Its head.</param>
/// <param name="Plan">The plan; null when it cannot be made.</param>
/// <param name="Problem">Why not; empty otherwise.</param>
/// <param name="Confirm">Whether a button starts the sync.</param>
/// <param name="Split">Whether wanted and live stand side by side.</param>
public sealed record PlanModel(Frame Frame, ApplicationHead Head, PlanReport? Plan, string Problem, bool Confirm, bool Split);

/// <summary>Texts of objects.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Head">Its head.</param>
/// <param name="Documents">Each object's name and its YAML.</param>
/// <param name="Problem">Why there are none; empty otherwise.</param>
public sealed record DocumentsModel(Frame Frame, ApplicationHead Head, IReadOnlyList<NamedText> Documents, string Problem);

/// <summary>A text with a name.</summary>
/// <param name="Name">The name.</param>
/// <param name="Text">The text.</param>
public sealed record NamedText(string Name, string Text);

/// <summary>The deployments of an application.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Head">Its head.</param>
/// <param name="Deployments">The deployments, the newest first.</param>
/// <param name="Compare">The page of its repository that compares two commits; empty where the repository is elsewhere.</param>
public sealed record HistoryModel(Frame Frame, ApplicationHead Head, IReadOnlyList<Deployment> Deployments, string Compare);

/// <summary>What the cluster says has happened.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Head">Its head.</param>
/// <param name="Events">The events, the newest first.</param>
public sealed record HappenedModel(Frame Frame, ApplicationHead Head, IReadOnlyList<Happening> Events);

/// <summary>One object.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Head">Its head.</param>
/// <param name="Name">The object.</param>
/// <param name="Health">Its health; empty for none.</param>
/// <param name="Message">What there is to say of it.</param>
/// <param name="Live">Its YAML in the cluster; empty when it is not there.</param>
/// <param name="Changes">What a sync would change of it; null for nothing.</param>
/// <param name="Events">What happened to it.</param>
public sealed record ObjectModel(Frame Frame, ApplicationHead Head, string Name, string Health, string Message, string Live, PlannedChange? Changes, IReadOnlyList<Happening> Events)
{
    /// <summary>Whether pods stand beneath it, or it is one.</summary>
    public bool HasPods { get; init; }

    /// <summary>Whether who looks may open a terminal in it.</summary>
    public bool MayExec { get; init; }
}

/// <summary>What a rollback would do.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Head">Its head.</param>
/// <param name="Report">What it would do; null when it cannot be told.</param>
/// <param name="Problem">Why not; empty otherwise.</param>
/// <param name="To">What was asked for.</param>
public sealed record RollbackModel(Frame Frame, ApplicationHead Head, RollbackReport? Report, string Problem, string To);
