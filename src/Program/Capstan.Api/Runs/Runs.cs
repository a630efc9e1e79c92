using System.Text.Json.Serialization;

namespace Capstan.Api.Runs;

/// <summary>One run of a workflow.</summary>
/// <param name="Name">Its name, by which commands ask for it.</param>
/// <param name="Repository">The repository.</param>
/// <param name="Workflow">The workflow's name.</param>
/// <param name="Path">The workflow's file.</param>
/// <param name="Number">Its number among the runs of the workflow.</param>
/// <param name="Title">What it is about.</param>
/// <param name="Event">What started it.</param>
/// <param name="Ref">The branch or tag.</param>
/// <param name="Commit">The commit.</param>
/// <param name="Actor">Who made it happen.</param>
/// <param name="Phase"><c>waiting</c> (for an approval), <c>queued</c>, <c>in_progress</c> or <c>completed</c>.</param>
/// <param name="Conclusion">How it ended; absent before.</param>
/// <param name="Attempt">How often it was started.</param>
/// <param name="Message">Why it could not run, where it could not.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="FinishedAt">When it ended.</param>
/// <param name="Jobs">Its jobs.</param>
/// <param name="Annotations">What is wrong with the file.</param>
/// <param name="ApprovedBy">Who let it run, where it had to wait for that.</param>
public sealed record Run(
    string Name, string Repository, string Workflow, string Path, long Number, string Title, string Event, string Ref, string Commit, string Actor, string Phase, string? Conclusion,
    int Attempt, string? Message, string CreatedAt, string? StartedAt, string? FinishedAt, IReadOnlyList<RunJob> Jobs, IReadOnlyList<RunAnnotation> Annotations, string? ApprovedBy = null);

/// <summary>One job of a run.</summary>
/// <param name="Key">Its key, as in log lines.</param>
/// <param name="Name">Its name.</param>
/// <param name="Phase"><c>queued</c>, <c>in_progress</c> or <c>completed</c>.</param>
/// <param name="Conclusion">How it ended; absent before.</param>
/// <param name="Message">Why, where there is more to say.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="FinishedAt">When it ended.</param>
/// <param name="Steps">Its steps.</param>
/// <param name="Annotations">What it says about the code.</param>
/// <param name="Summary">What its steps wrote as their summary, in Markdown.</param>
/// <param name="Calls">The workflow that it calls, whose jobs have its key before theirs; absent for a job with steps.</param>
public sealed record RunJob(
    string Key, string Name, string Phase, string? Conclusion, string? Message, string? StartedAt, string? FinishedAt, IReadOnlyList<RunStep> Steps,
    IReadOnlyList<RunAnnotation> Annotations, string? Summary, string? Calls = null);

/// <summary>One step of a job.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Phase"><c>queued</c>, <c>in_progress</c> or <c>completed</c>.</param>
/// <param name="Conclusion">How it ended; absent before.</param>
public sealed record RunStep(string Name, string Phase, string? Conclusion);

/// <summary>A notice, warning or error about the code.</summary>
/// <param name="Level"><c>notice</c>, <c>warning</c> or <c>error</c>.</param>
/// <param name="Message">What it says.</param>
/// <param name="File">The file.</param>
/// <param name="Line">The line.</param>
/// <param name="Title">Its title.</param>
public sealed record RunAnnotation(string Level, string Message, string? File, int? Line, string? Title);

/// <summary>Runs, the newest first.</summary>
/// <param name="Items">The runs of this page.</param>
/// <param name="Next">The cursor of the next page; absent on the last.</param>
/// <param name="Total">How many there are on all pages.</param>
public sealed record RunList(IReadOnlyList<Run> Items, string? Next = null, int? Total = null);

/// <summary>How the jobs of a run follow one another.</summary>
/// <param name="Jobs">The jobs as the workflow's file has them, each behind those that it needs.</param>
public sealed record RunGraph(IReadOnlyList<RunGraphJob> Jobs);

/// <summary>A job as the workflow's file has it; a matrix makes several of it.</summary>
/// <param name="Id">Its id in the file.</param>
/// <param name="Needs">The ids of the jobs that must end before.</param>
/// <param name="Keys">The keys of the jobs of the run that it became; none before its turn has come.</param>
public sealed record RunGraphJob(string Id, IReadOnlyList<string> Needs, IReadOnlyList<string> Keys);

/// <summary>Lines of a run's log.</summary>
/// <param name="Items">The lines.</param>
/// <param name="Next">The number after which to go on; absent when there was nothing more at this moment.</param>
public sealed record RunLines(IReadOnlyList<RunLine> Items, long? Next = null);

/// <summary>The artifacts of a run.</summary>
/// <param name="Items">Their names.</param>
public sealed record RunArtifacts(IReadOnlyList<string> Items);

/// <summary>The wish to start a workflow by hand.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Workflow">The workflow: its file's name, or its own.</param>
/// <param name="Ref">The branch or tag; the default branch when absent.</param>
/// <param name="Inputs">Its inputs.</param>
public sealed record StartRun(string Repository, string Workflow, string? Ref = null, IReadOnlyDictionary<string, string>? Inputs = null);

/// <summary>The wish to run a run again.</summary>
/// <param name="FailedOnly">Whether what succeeded is kept.</param>
public sealed record RunAgain(bool FailedOnly = false);

/// <summary>Something that happened outside, for workflows with <c>on: repository_dispatch</c>.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Type">What happened, as <c>types</c> names it.</param>
/// <param name="Payload">What workflows get as <c>github.event.client_payload</c>: an object.</param>
public sealed record TellEvent(string Repository, string Type, System.Text.Json.JsonElement? Payload = null);

/// <summary>One line of a run's log.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Time">When it came.</param>
/// <param name="Job">The job's key.</param>
/// <param name="Text">The line.</param>
public sealed record RunLine(long Number, string Time, string Job, string Text);

/// <summary>JSON of what is said about runs.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Run))]
[JsonSerializable(typeof(RunList))]
[JsonSerializable(typeof(StartRun))]
[JsonSerializable(typeof(RunAgain))]
[JsonSerializable(typeof(RunLine))]
[JsonSerializable(typeof(TellEvent))]
[JsonSerializable(typeof(RunGraph))]
[JsonSerializable(typeof(RunLines))]
[JsonSerializable(typeof(RunArtifacts))]
public sealed partial class RunsJson : JsonSerializerContext;
