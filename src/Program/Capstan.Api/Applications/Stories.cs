namespace Capstan.Api.Applications;

/// <summary>What happened around an application, on one axis.</summary>
/// <param name="Application">The application.</param>
/// <param name="Items">What happened, the newest first.</param>
public sealed record TimelineReport(string Application, IReadOnlyList<TimelineEntry> Items);

/// <summary>Something that happened.</summary>
/// <param name="At">When, RFC 3339.</param>
/// <param name="Kind"><c>commit</c>, <c>run</c>, <c>promotion</c>, <c>sync</c>, <c>state</c> or <c>event</c>.</param>
/// <param name="State">How it ended, or what the state is now.</param>
/// <param name="What">What it was.</param>
/// <param name="Detail">More of it.</param>
/// <param name="Link">Where there is more; a path of this server.</param>
public sealed record TimelineEntry(string At, string Kind, string State, string What, string? Detail = null, string? Link = null);

/// <summary>Lines of the logs of pods, in the order of their time.</summary>
/// <param name="Application">The application.</param>
/// <param name="Items">The lines, the oldest first.</param>
/// <param name="Problems">Which logs could not be read, and why.</param>
public sealed record PodLogReport(string Application, IReadOnlyList<PodLine> Items, IReadOnlyList<string> Problems);

/// <summary>A line that a container wrote. Values of the application's Secrets are masked.</summary>
/// <param name="At">When, RFC 3339.</param>
/// <param name="Pod">The pod, as <c>NAMESPACE/NAME</c>.</param>
/// <param name="Container">The container.</param>
/// <param name="Text">The line.</param>
public sealed record PodLine(string At, string Pod, string Container, string Text);

/// <summary>What differs between two deployments in the files that the application is rendered from.</summary>
/// <param name="Application">The application.</param>
/// <param name="From">The one commit.</param>
/// <param name="To">The other.</param>
/// <param name="Diff">The difference, as git prints it.</param>
/// <param name="Cut">Whether it was too long and is cut off.</param>
public sealed record DeploymentDiff(string Application, string From, string To, string Diff, bool Cut);
