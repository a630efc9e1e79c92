using Capstan.Workflows.Commands;

namespace Capstan.Workflows.Runs;

/// <summary>What somebody outside says of a commit (another CI server, a scanner), in GitHub's words.</summary>
/// <param name="Context">Who says it, and of what; the last word under it counts.</param>
/// <param name="State"><c>pending</c>, <c>success</c>, <c>failure</c> or <c>error</c>.</param>
/// <param name="Description">What there is to say.</param>
/// <param name="TargetUrl">Where there is more; empty for nowhere.</param>
/// <param name="By">Who it was.</param>
/// <param name="At">When, in RFC 3339.</param>
public sealed record CommitStatus(string Context, string State, string Description, string TargetUrl, string By, string At)
{
    /// <summary>What a state may be.</summary>
    public static readonly IReadOnlyList<string> States = ["pending", "success", "failure", "error"];
}

/// <summary>One check of a commit.</summary>
/// <param name="Name">Its name: workflow and job, or the context of a status.</param>
/// <param name="State"><c>pending</c>, <c>success</c>, <c>failure</c> or <c>skipped</c>.</param>
/// <param name="Description">What there is to say.</param>
public sealed record CommitCheck(string Name, string State, string Description)
{
    /// <summary>The run; empty for what others said.</summary>
    public string Run { get; init; } = "";

    /// <summary>The job's key in the run.</summary>
    public string Job { get; init; } = "";

    /// <summary>Where there is more, for what others said.</summary>
    public string TargetUrl { get; init; } = "";

    /// <summary>What it has to say about the code, by file and line.</summary>
    public IReadOnlyList<Annotation> Annotations { get; init; } = [];
}

/// <summary>All checks of a commit, and what they say together.</summary>
/// <param name="State"><c>failure</c> when one failed, else <c>pending</c> when one has not ended, else <c>success</c>; <c>none</c> when there is no check.</param>
/// <param name="Checks">The checks.</param>
public sealed record CommitChecks(string State, IReadOnlyList<CommitCheck> Checks)
{
    /// <summary>The checks of runs of one commit, of which the newest of each workflow and event counts, and of what others said.</summary>
    public static CommitChecks Of(IReadOnlyList<WorkflowRun> runs, IReadOnlyList<CommitStatus> statuses)
    {
        var checks = runs.GroupBy(r => (r.Path, r.Event.Name, r.Event.Ref)).Select(g => g.MaxBy(r => r.CreatedAt, StringComparer.Ordinal)!).OrderBy(r => r.Path, StringComparer.Ordinal).SelectMany(OfRun)
            .Concat(statuses.OrderBy(s => s.Context, StringComparer.Ordinal).Select(s => new CommitCheck(s.Context, s.State == "error" ? "failure" : s.State, s.Description) { TargetUrl = s.TargetUrl })).ToList();
        return new CommitChecks(
            checks.Count == 0 ? "none" : checks.Any(c => c.State == "failure") ? "failure" : checks.Any(c => c.State == "pending") ? "pending" : "success", checks);
    }

    // A run whose jobs are not known (yet) is a check itself: it waits, or its file has mistakes.
    private static IEnumerable<CommitCheck> OfRun(WorkflowRun run)
    {
        var jobs = run.Status.Jobs.Where(j => j.Calls.Length == 0).ToList();
        if (jobs.Count == 0 || run.Status.Annotations.Count > 0)
        {
            yield return new CommitCheck($"{run.Workflow} ({run.Event.Name})", StateOf(run.Status.Phase, run.Status.Conclusion), run.Status.Message) { Run = run.Name, Annotations = run.Status.Annotations };
        }

        foreach (var job in jobs)
        {
            yield return new CommitCheck($"{run.Workflow} / {job.Name} ({run.Event.Name})", StateOf(job.Phase, job.Conclusion), job.Message) { Run = run.Name, Job = job.Key, Annotations = job.Annotations };
        }
    }

    private static string StateOf(string phase, string conclusion) => phase != Phases.Completed ? "pending" : conclusion switch
    {
        Conclusions.Success => "success",
        Conclusions.Skipped => "skipped",
        _ => "failure",
    };
}
