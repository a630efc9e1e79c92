using Capstan.Workflows.Commands;
using Capstan.Workflows.Keeping;
using Capstan.Workflows.Planning;
using Capstan.Workflows.Reports;

namespace Capstan.Workflows.Runs;

/// <summary>One run of a workflow: what it is of, which never changes, and how far it is.</summary>
/// <param name="Name">The name of its object.</param>
/// <param name="Path">The workflow's file.</param>
/// <param name="Workflow">The workflow's name.</param>
/// <param name="Number">Its number among the runs of this workflow.</param>
/// <param name="Event">What started it.</param>
/// <param name="CreatedAt">When, in RFC 3339.</param>
public sealed record WorkflowRun(string Name, string Path, string Workflow, long Number, WorkflowEvent Event, string CreatedAt)
{
    /// <summary>How far it is.</summary>
    public RunStatus Status { get; init; } = new();

    /// <summary>The repository.</summary>
    public string Repository => Event.Repository;
}

/// <summary>How far a run is.</summary>
public sealed record RunStatus
{
    /// <summary>One of <see cref="Phases"/>.</summary>
    public string Phase { get; init; } = Phases.Queued;

    /// <summary>How it ended, one of <see cref="Conclusions"/>; empty before.</summary>
    public string Conclusion { get; init; } = "";

    /// <summary>The run's title: what <c>run-name</c> says, or the commit's subject.</summary>
    public string Title { get; init; } = "";

    /// <summary>How often it was started.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>Why it could not run, or was ended; empty where there is nothing to say.</summary>
    public string Message { get; init; } = "";

    /// <summary>When it began; empty before.</summary>
    public string StartedAt { get; init; } = "";

    /// <summary>When it ended; empty before.</summary>
    public string FinishedAt { get; init; } = "";

    /// <summary>The release that was made of it; empty for none.</summary>
    public string Release { get; init; } = "";

    /// <summary>Its jobs, each combination of a matrix one.</summary>
    public IReadOnlyList<JobState> Jobs { get; init; } = [];

    /// <summary>Where its log and its artifacts are kept, as <c>NAME@DIGEST</c> in the registry; empty while they are not.</summary>
    public string Archive { get; init; } = "";

    /// <summary>Its artifacts, once they are kept.</summary>
    public IReadOnlyList<KeptArtifact> Artifacts { get; init; } = [];

    /// <summary>Who let it run, where it had to wait for that.</summary>
    public string ApprovedBy { get; init; } = "";

    /// <summary>What is wrong with the workflow's file.</summary>
    public IReadOnlyList<Annotation> Annotations { get; init; } = [];
}

/// <summary>How far a job is.</summary>
/// <param name="Key">Its name in this run, which no other job has: the id, with a number behind it in a matrix.</param>
/// <param name="Id">The job's id in the file.</param>
/// <param name="Name">Its name for people.</param>
public sealed record JobState(string Key, string Id, string Name)
{
    /// <summary>One of <see cref="Phases"/>.</summary>
    public string Phase { get; init; } = Phases.Queued;

    /// <summary>How it ended; empty before.</summary>
    public string Conclusion { get; init; } = "";

    /// <summary>When it began; empty before.</summary>
    public string StartedAt { get; init; } = "";

    /// <summary>When it ended; empty before.</summary>
    public string FinishedAt { get; init; } = "";

    /// <summary>Why it could not run, or was ended.</summary>
    public string Message { get; init; } = "";

    /// <summary>Its steps.</summary>
    public IReadOnlyList<StepState> Steps { get; init; } = [];

    /// <summary>Its outputs.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Outputs { get; init; } = [];

    /// <summary>The images that it pushed, each with tag and digest.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];

    /// <summary>What came of the tests whose reports it uploaded.</summary>
    public TestCounts Tests { get; init; } = TestCounts.None;

    /// <summary>What it has to say about the code.</summary>
    public IReadOnlyList<Annotation> Annotations { get; init; } = [];

    /// <summary>What it wrote to <c>GITHUB_STEP_SUMMARY</c>.</summary>
    public string Summary { get; init; } = "";

    /// <summary>The workflow that it calls, whose jobs have its key before theirs; empty for a job with steps.</summary>
    public string Calls { get; init; } = "";
}

/// <summary>How far a step is.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Phase">One of <see cref="Phases"/>.</param>
/// <param name="Conclusion">How it ended; empty before.</param>
public sealed record StepState(string Name, string Phase, string Conclusion);

/// <summary>How far something is.</summary>
public static class Phases
{
    /// <summary>It waits for somebody's approval.</summary>
    public const string Waiting = "waiting";

    /// <summary>It waits for its turn.</summary>
    public const string Queued = "queued";

    /// <summary>It runs.</summary>
    public const string Running = "in_progress";

    /// <summary>It has ended.</summary>
    public const string Completed = "completed";
}

/// <summary>How something ended, in GitHub's words.</summary>
public static class Conclusions
{
    /// <summary>All is well.</summary>
    public const string Success = "success";

    /// <summary>It failed.</summary>
    public const string Failure = "failure";

    /// <summary>Somebody ended it.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>It did not have to run.</summary>
    public const string Skipped = "skipped";

    /// <summary>Its time was up.</summary>
    public const string TimedOut = "timed_out";
}
