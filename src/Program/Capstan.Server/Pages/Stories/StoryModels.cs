using Capstan.Api.Applications;
using Microsoft.AspNetCore.Html;

namespace Capstan.Server.Pages.Stories;

/// <summary>What happened around an application.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Head">Its head.</param>
/// <param name="Entries">What happened, the newest first.</param>
/// <param name="Kind">The kind that is shown alone; empty for all.</param>
/// <param name="Counts">How many there are of each kind.</param>
public sealed record TimelineModel(Frame Frame, ApplicationHead Head, IReadOnlyList<TimelineEntry> Entries, string Kind, IReadOnlyList<(string Kind, int Count)> Counts);

/// <summary>The logs of pods.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Head">The application's head.</param>
/// <param name="Workloads">The objects that have pods beneath them.</param>
/// <param name="Object">The one that is shown; empty for all.</param>
/// <param name="Search">What is searched for.</param>
/// <param name="Limit">How many lines of each container.</param>
/// <param name="Log">The lines.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Problems">Which logs could not be read.</param>
/// <param name="Stream">The address from which further lines come.</param>
public sealed record PodLogModel(
    Frame Frame, ApplicationHead Head, IReadOnlyList<string> Workloads, string Object, string Search, int Limit, IHtmlContent Log, int Count, IReadOnlyList<string> Problems, string Stream);

/// <summary>Where the fields of an object come from.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Head">The application's head.</param>
/// <param name="Name">The object.</param>
/// <param name="Field">The field that was asked for; empty for all.</param>
/// <param name="Report">What is known; null when it cannot be told.</param>
/// <param name="Problem">Why not.</param>
/// <param name="Files">The page of the repository's files; empty where the repository is elsewhere.</param>
public sealed record BlameModel(Frame Frame, ApplicationHead Head, string Name, string Field, BlameReport? Report, string Problem, string Files);

/// <summary>What two deployments differ in.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Head">The application's head.</param>
/// <param name="Diff">The difference.</param>
public sealed record DeploymentDiffModel(Frame Frame, ApplicationHead Head, DeploymentDiff Diff);

/// <summary>What a sync of several applications would do.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Items">Each application with its plan, or with why there is none.</param>
/// <param name="Left">Those that were named and are left out, with the reason.</param>
public sealed record BulkSyncModel(Frame Frame, IReadOnlyList<BulkSyncItem> Items, IReadOnlyList<string> Left);

/// <summary>An application whose sync is planned.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Plan">The plan; null when it cannot be made.</param>
/// <param name="Problem">Why not; empty otherwise.</param>
public sealed record BulkSyncItem(string Name, PlanReport? Plan, string Problem);
