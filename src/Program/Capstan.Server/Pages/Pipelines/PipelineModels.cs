using Capstan.Api.Images;
using Capstan.Api.Pipelines;

namespace Capstan.Server.Pages.Pipelines;

/// <summary>All pipelines.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Boards">The pipelines.</param>
public sealed record PipelinesModel(Frame Frame, IReadOnlyList<PipelineBoard> Boards);

/// <summary>A pipeline.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Board">How it stands.</param>
/// <param name="MayChange">Whether who looks may promote and hold.</param>
/// <param name="MayApprove">Whether who looks may approve and reject.</param>
public sealed record PipelineModel(Frame Frame, PipelineBoard Board, bool MayChange, bool MayApprove);

/// <summary>What stages of a pipeline have.</summary>
/// <param name="Board">The pipeline.</param>
/// <param name="Now">When the page was made.</param>
public sealed record StagesPart(PipelineBoard Board, DateTimeOffset Now);

/// <summary>A release.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Release">The release.</param>
public sealed record ReleaseModel(Frame Frame, ReleaseCard Release);

/// <summary>Two stages beside each other.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Comparison">What they differ in.</param>
/// <param name="Stages">The stages to choose from.</param>
/// <param name="Commits">The page of the repository that shows a commit, up to the commit; empty where it is elsewhere or may not be seen.</param>
public sealed record StageCompareModel(Frame Frame, StageComparison Comparison, IReadOnlyList<string> Stages, string Commits);

/// <summary>A chain from commit to pod.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Subject">What was asked about; empty at first.</param>
/// <param name="Report">The chain; null where nothing was asked or found.</param>
/// <param name="Problem">Why there is none; empty otherwise.</param>
/// <param name="Hosted">The repositories of this server that who looks may read.</param>
/// <param name="Registry">The host of this server's registry.</param>
public sealed record TraceModel(Frame Frame, string Subject, TraceReport? Report, string Problem, IReadOnlySet<string> Hosted, string Registry);

/// <summary>The registry.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Items">Its repositories.</param>
/// <param name="Search">What is searched for.</param>
/// <param name="Next">The address of the next page; null on the last.</param>
/// <param name="Host">The registry's host, for commands.</param>
/// <param name="TotalBytes">The bytes of all blobs.</param>
public sealed record ImagesModel(Frame Frame, IReadOnlyList<ImageRepository> Items, string Search, string? Next, string Host, long TotalBytes);

/// <summary>A repository of the registry.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Name">Its name.</param>
/// <param name="Tags">Its tags.</param>
/// <param name="Total">How many there are.</param>
/// <param name="Host">The registry's host, for commands.</param>
public sealed record ImageTagsModel(Frame Frame, string Name, IReadOnlyList<ImageTag> Tags, int Total, string Host);

/// <summary>An image.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Image">The image.</param>
/// <param name="Host">The registry's host, for commands.</param>
public sealed record ImageModel(Frame Frame, ImageDetails Image, string Host);
