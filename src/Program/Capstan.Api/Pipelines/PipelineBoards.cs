namespace Capstan.Api.Pipelines;

/// <summary>A pipeline as it stands: its stages, what is in each, what waits before each and why.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Problem">Why it cannot be used; absent when it can.</param>
/// <param name="Stages">Its stages in their order.</param>
/// <param name="Releases">Its releases, the newest first.</param>
public sealed record PipelineBoard(string Name, string? Problem, IReadOnlyList<StageBoard> Stages, IReadOnlyList<ReleaseCard> Releases);

/// <summary>A stage.</summary>
/// <param name="Name">Its name.</param>
/// <param name="After">The stages in which a release must be proven before.</param>
/// <param name="Applications">Its applications.</param>
/// <param name="IsAutomatic">Whether releases enter by themselves.</param>
/// <param name="IsFrozen">Whether the pipeline's file lets nothing enter.</param>
/// <param name="HeldBy">Who holds it, with the reason; absent when nobody does.</param>
/// <param name="Release">The release that is in it; absent before the first.</param>
/// <param name="Commit">The commit that brought it.</param>
/// <param name="PromotedAt">When that was.</param>
/// <param name="HealthySince">Since when it is healthy there.</param>
/// <param name="ProvenAt">When it will have been healthy for the soak time; absent when it is proven or not healthy.</param>
/// <param name="IsProven">Whether the release that is in it has been healthy for the soak time.</param>
/// <param name="Waiting">The release that waits to enter.</param>
/// <param name="Message">Why it waits, or what went wrong.</param>
/// <param name="Gates">What must hold before the release that waits enters.</param>
public sealed record StageBoard(
    string Name, IReadOnlyList<string> After, IReadOnlyList<StageApplication> Applications, bool IsAutomatic, bool IsFrozen, string? HeldBy, string? Release, string? Commit,
    string? PromotedAt, string? HealthySince, string? ProvenAt, bool IsProven, string? Waiting, string? Message, IReadOnlyList<GateState> Gates);

/// <summary>An application of a stage.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Sync">Its sync status; absent for one that is not there.</param>
/// <param name="Health">Its health; absent for one that is not there.</param>
public sealed record StageApplication(string Name, string? Sync, string? Health);

/// <summary>A gate of a stage for the release that waits.</summary>
/// <param name="Type"><c>Healthy</c>, <c>Approval</c>, <c>Signature</c> or <c>TimeWindow</c>.</param>
/// <param name="IsOpen">Whether it holds; absent where that is found out when the commit is written.</param>
/// <param name="Text">What it asks for, and how far that is.</param>
/// <param name="OpensAt">When it opens if nothing changes; absent where that cannot be told.</param>
public sealed record GateState(string Type, bool? IsOpen, string Text, string? OpensAt = null);

/// <summary>A release.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Pipeline">The pipeline that it goes through, the first by name of several; empty when none takes it.</param>
/// <param name="Commit">The commit that it was built from.</param>
/// <param name="Repository">The repository of that commit.</param>
/// <param name="Run">The run that built it.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Images">Its images by digest.</param>
/// <param name="Stages">The stages that have it now.</param>
/// <param name="Quarantined">Why it is promoted no more by itself; absent when it is.</param>
public sealed record ReleaseCard(
    string Name, string Pipeline, string Commit, string? Repository, string? Run, string CreatedAt, IReadOnlyList<ReleaseImageCard> Images, IReadOnlyList<string> Stages, string? Quarantined);

/// <summary>An image of a release.</summary>
/// <param name="Name">How manifests speak of it.</param>
/// <param name="Image">Where it is, with its digest.</param>
/// <param name="Signature"><c>trusted</c>, <c>untrusted</c> or <c>none</c>; absent where it was not looked at.</param>
/// <param name="Provenance">Where it comes from, where that is signed and was looked at.</param>
public sealed record ReleaseImageCard(string Name, string Image, string? Signature = null, Images.ImageProvenance? Provenance = null);

/// <summary>Boards of pipelines.</summary>
/// <param name="Items">The pipelines, by name.</param>
public sealed record PipelineBoards(IReadOnlyList<PipelineBoard> Items);
