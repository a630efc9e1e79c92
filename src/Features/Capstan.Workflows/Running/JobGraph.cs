using Capstan.Expressions;
using Capstan.Workflows.Files;
using Capstan.Workflows.Runs;

namespace Capstan.Workflows.Running;

/// <summary>What follows for a job from those that it needs.</summary>
internal static class JobGraph
{
    /// <summary>The result of a job: that of all its combinations together; null while one of them has not ended.</summary>
    public static string? Result(RunStatus status, string id)
    {
        var instances = status.Jobs.Where(j => j.Id == id).ToList();
        if (instances.Count == 0 || instances.Any(j => j.Phase != Phases.Completed)) return null;
        if (instances.Any(j => j.Conclusion is Conclusions.Failure or Conclusions.TimedOut)) return Conclusions.Failure;
        if (instances.Any(j => j.Conclusion == Conclusions.Cancelled)) return Conclusions.Cancelled;
        return instances.All(j => j.Conclusion == Conclusions.Skipped) ? Conclusions.Skipped : Conclusions.Success;
    }

    /// <summary>All jobs that a job waits for, directly or not.</summary>
    public static IReadOnlyCollection<string> Before(WorkflowFile file, Job job)
    {
        var all = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<Job>([job]);
        while (open.TryPop(out var at))
        {
            foreach (var need in at.Needs.Where(n => all.Add(n.Text)))
            {
                if (file.Job(need.Text) is { } next) open.Push(next);
            }
        }

        return all;
    }

    /// <summary>The <c>needs</c> context.</summary>
    /// <param name="status">How far the run is.</param>
    /// <param name="prefix">What stands before the ids of this workflow's jobs in the run.</param>
    /// <param name="job">The job that needs them.</param>
    public static ObjectValue Needs(RunStatus status, string prefix, Job job) => new(job.Needs.Select(n => new KeyValuePair<string, ExpressionValue>(n.Text, ResultOf(status, prefix + n.Text))));

    /// <summary>The <c>jobs</c> context, by which a workflow that was called tells its outputs.</summary>
    public static ObjectValue Jobs(RunStatus status, string prefix, WorkflowFile file) => new(file.Jobs.Select(j => new KeyValuePair<string, ExpressionValue>(j.Id, ResultOf(status, prefix + j.Id))));

    private static ObjectValue ResultOf(RunStatus status, string id) => ObjectValue.Of(
        ("result", ExpressionValue.Of(Result(status, id) ?? "")),
        ("outputs", ObjectValue.Of(status.Jobs.Where(j => j.Id == id).SelectMany(j => j.Outputs).GroupBy(o => o.Key, StringComparer.Ordinal).Select(g => g.Last()))));
}
