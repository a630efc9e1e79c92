namespace Capstan.Api.Pipelines;

/// <summary>What is known of a pod, an image or a commit: every release that it belongs to, with the chain before and after it.</summary>
/// <param name="Subject">What was asked about.</param>
/// <param name="Kind"><c>pod</c>, <c>image</c> or <c>commit</c>.</param>
/// <param name="Releases">The releases, the newest first.</param>
public sealed record TraceReport(string Subject, string Kind, IReadOnlyList<TracedRelease> Releases);

/// <summary>A release: the commit and the run before it, the promotions and pods behind it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Repository">The repository.</param>
/// <param name="Commit">The source commit.</param>
/// <param name="Title">What the commit says.</param>
/// <param name="Actor">Who pushed it.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="Run">The run; absent for a release that none made.</param>
/// <param name="Workflow">The workflow's file.</param>
/// <param name="Checks">The run's jobs.</param>
/// <param name="Tests">What came of its tests, where it reported any.</param>
/// <param name="Images">Its images, by digest.</param>
/// <param name="Quarantined">Why it is not promoted any more; absent where it is.</param>
/// <param name="Promotions">The commits that brought it into stages, and those that took it back.</param>
public sealed record TracedRelease(
    string Name, string? Repository, string Commit, string? Title, string? Actor, string CreatedAt, string? Run, string? Workflow, IReadOnlyList<TracedCheck> Checks, string? Tests,
    IReadOnlyList<string> Images, string? Quarantined, IReadOnlyList<TracedPromotion> Promotions);

/// <summary>A job of a run.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Conclusion">How it ended.</param>
public sealed record TracedCheck(string Name, string Conclusion);

/// <summary>A release in a stage.</summary>
/// <param name="Pipeline">The pipeline.</param>
/// <param name="Stage">The stage.</param>
/// <param name="Commit">The commit in the environment's repository; absent where it is not known any more.</param>
/// <param name="Repository">That repository.</param>
/// <param name="At">When.</param>
/// <param name="Approvals">Who approved.</param>
/// <param name="Current">Whether the stage holds the release now.</param>
/// <param name="Reverted">Whether that commit took the release back.</param>
/// <param name="Applications">What runs there, where the stage holds it now.</param>
public sealed record TracedPromotion(
    string Pipeline, string Stage, string? Commit, string Repository, string? At, IReadOnlyList<string> Approvals, bool Current, bool Reverted, IReadOnlyList<TracedApplication> Applications);

/// <summary>An application of a stage.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Sync">Whether it is what Git says.</param>
/// <param name="Health">How it is.</param>
/// <param name="Revision">The commit that it runs.</param>
/// <param name="Pods">Its pods that run an image of the release.</param>
public sealed record TracedApplication(string Name, string Sync, string Health, string Revision, IReadOnlyList<TracedPod> Pods);

/// <summary>A pod.</summary>
/// <param name="Name"><c>NAMESPACE/NAME</c>.</param>
/// <param name="Phase">How far it is.</param>
/// <param name="Images">Its images.</param>
public sealed record TracedPod(string Name, string Phase, IReadOnlyList<string> Images);
