namespace Capstan.Api.Applications;

/// <summary>What a sync would do.</summary>
/// <param name="Application">The application.</param>
/// <param name="Revision">The commit that it was computed from.</param>
/// <param name="Changes">Each object that would change, in the order of the sync.</param>
public sealed record PlanReport(string Application, string Revision, IReadOnlyList<PlannedChange> Changes);

/// <summary>One object that a sync would change.</summary>
/// <param name="Object">The object as <c>Kind/namespace/name</c>.</param>
/// <param name="Action"><c>create</c>, <c>change</c>, <c>prune</c> or <c>nothing</c>.</param>
/// <param name="Origin">Its line in Git as <c>file:line</c>; absent for an object that Git does not have.</param>
/// <param name="Fields">The fields that differ.</param>
public sealed record PlannedChange(string Object, string Action, string? Origin, IReadOnlyList<FieldChange> Fields);

/// <summary>One field that differs.</summary>
/// <param name="Path">The field, as in <c>.spec.replicas</c>.</param>
/// <param name="Wanted">The wanted value as JSON; absent when Git does not have the field.</param>
/// <param name="Live">The live value as JSON; absent when the cluster does not have the field.</param>
/// <param name="Manager">Who wrote the live value, absent when unknown.</param>
/// <param name="Since">When that was, absent when unknown.</param>
public sealed record FieldChange(string Path, string? Wanted, string? Live, string? Manager = null, string? Since = null);

/// <summary>Why an application is not green.</summary>
/// <param name="Application">The application.</param>
/// <param name="Sync">Its sync status.</param>
/// <param name="Health">Its health.</param>
/// <param name="Reasons">One entry for each cause; empty when the application is green.</param>
public sealed record WhyReport(string Application, string Sync, string Health, IReadOnlyList<WhyReason> Reasons);

/// <summary>One cause.</summary>
/// <param name="What">What is wrong.</param>
/// <param name="Cause">Why, with its evidence.</param>
/// <param name="Since">Since when, RFC 3339; absent when unknown.</param>
/// <param name="Next">What to do next.</param>
public sealed record WhyReason(string What, string Cause, string? Since, string Next);

/// <summary>Which line set each field of an object, and who wrote that line.</summary>
/// <param name="Application">The application.</param>
/// <param name="Object">The object as it was asked for.</param>
/// <param name="Revision">The commit, or the version of a chart.</param>
/// <param name="Fields">The fields in the order of the manifest.</param>
public sealed record BlameReport(string Application, string Object, string Revision, IReadOnlyList<BlamedField> Fields);

/// <summary>One field.</summary>
/// <param name="Field">The field, as in <c>.spec.replicas</c>.</param>
/// <param name="Value">The desired value as text; that of a Secret is hidden.</param>
/// <param name="Sources">What set it, the nearest first: the manifest; or the template and the value that it shows; or the resource, patch or field of a kustomization.</param>
/// <param name="Live">What the cluster has instead; absent where it has the same.</param>
/// <param name="Manager">Who wrote the live value where it differs; absent when unknown.</param>
public sealed record BlamedField(string Field, string Value, IReadOnlyList<BlamedLine> Sources, string? Live = null, string? Manager = null);

/// <summary>One place that set a field.</summary>
/// <param name="By">What it is there: <c>manifest</c>, <c>template</c>, <c>value image.tag</c>, <c>patch</c>, <c>images</c> …</param>
/// <param name="File">The file; absent when it stands in the Application itself.</param>
/// <param name="Line">The line in it; absent when unknown.</param>
/// <param name="Commit">The commit that last changed the line; absent when it is not in Git.</param>
/// <param name="Author">Who wrote that commit.</param>
/// <param name="Date">When, RFC 3339.</param>
/// <param name="Subject">The commit's first line.</param>
/// <param name="Repository">The repository that holds the file, where the application has several sources; absent otherwise.</param>
public sealed record BlamedLine(string By, string? File, int? Line, string? Commit, string? Author, string? Date, string? Subject, string? Repository = null);

/// <summary>An object and what it owns.</summary>
/// <param name="Object">The object as <c>Kind/namespace/name</c>.</param>
/// <param name="Sync">Its sync status, absent for an object that only follows from another.</param>
/// <param name="Health">Its health, absent when it has none.</param>
/// <param name="Message">The health's message.</param>
/// <param name="Children">The objects that it owns.</param>
public sealed record TreeNode(string Object, string? Sync, string? Health, string? Message, IReadOnlyList<TreeNode> Children);

/// <summary>The deployments of an application, newest first.</summary>
/// <param name="Application">The application.</param>
/// <param name="Deployments">The deployments.</param>
public sealed record HistoryReport(string Application, IReadOnlyList<Deployment> Deployments);

/// <summary>One deployment.</summary>
/// <param name="Id">Its number within the application's history.</param>
/// <param name="Revision">The commit.</param>
/// <param name="Author">Who wrote the commit; absent when the commit cannot be read any more.</param>
/// <param name="Subject">The commit's first line; absent when the commit cannot be read any more.</param>
/// <param name="DeployedAt">When it was deployed, RFC 3339.</param>
/// <param name="StartedBy">Who or what started it: a user's name or <c>automated</c>.</param>
/// <param name="Outcome"><c>Succeeded</c>, <c>Failed</c> or <c>Error</c>.</param>
public sealed record Deployment(long Id, string Revision, string? Author, string? Subject, string DeployedAt, string StartedBy, string Outcome);

/// <summary>What the cluster says has happened to an application's objects.</summary>
/// <param name="Application">The application.</param>
/// <param name="Events">The events, the newest first.</param>
public sealed record HappenedReport(string Application, IReadOnlyList<Happening> Events);

/// <summary>One Event of the cluster.</summary>
/// <param name="At">When it was last seen, RFC 3339; empty when unknown.</param>
/// <param name="Type"><c>Normal</c> or <c>Warning</c>.</param>
/// <param name="Reason">Its reason, one word.</param>
/// <param name="Object">The object as <c>Kind/namespace/name</c>.</param>
/// <param name="Message">What it says.</param>
/// <param name="Count">How often.</param>
public sealed record Happening(string At, string Type, string Reason, string Object, string Message, long Count);
