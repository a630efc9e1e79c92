using Capstan.Api.Runs;
using Capstan.Workflows.Files;
using Capstan.Workflows.Runs;

namespace Capstan.Server.Runs;

/// <summary>Runs in the words of the API.</summary>
internal static class RunReports
{
    public static Run Of(WorkflowRun run) => new(
        run.Name, run.Repository, run.Workflow, run.Path, run.Number, run.Status.Title, run.Event.Name, run.Event.Ref, run.Event.Sha, run.Event.Actor, run.Status.Phase, Filled(run.Status.Conclusion),
        run.Status.Attempt, Filled(run.Status.Message), run.CreatedAt, Filled(run.Status.StartedAt), Filled(run.Status.FinishedAt), [.. run.Status.Jobs.Select(Of)], [.. run.Status.Annotations.Select(Of)], Filled(run.Status.ApprovedBy));

    /// <summary>How the jobs follow one another: what the file says, with what has come of it. Jobs that the file does not name stand at the end.</summary>
    /// <param name="run">The run.</param>
    /// <param name="file">The text of the workflow's file at its commit; null when it cannot be read.</param>
    /// <param name="called">The texts of the workflows that its jobs call, by path, as far as they can be read.</param>
    public static RunGraph Graph(WorkflowRun run, string? file, IReadOnlyDictionary<string, string> called)
    {
        var written = file is null ? [] : WorkflowReader.Read(run.Path, file).File?.Jobs ?? [];
        var jobs = written.Select(j => new RunGraphJob(j.Id, [.. j.Needs.Select(n => n.Text)], KeysOf(run, j.Id))).ToList();
        var others = run.Status.Jobs.Select(j => j.Id).Distinct(StringComparer.Ordinal).Where(id => jobs.All(j => j.Id != id)).ToArray();
        jobs.AddRange(others.Select(id => new RunGraphJob(id, NeedsOfCalled(run, id, called), KeysOf(run, id))));
        return new RunGraph(jobs);
    }

    // A job of a workflow that is called comes behind those of that file that it needs, or else behind the job that calls.
    private static IReadOnlyList<string> NeedsOfCalled(WorkflowRun run, string id, IReadOnlyDictionary<string, string> called)
    {
        var caller = run.Status.Jobs.Where(j => j.Calls.Length > 0 && id.StartsWith(j.Key + ".", StringComparison.Ordinal)).MaxBy(j => j.Key.Length);
        if (caller is null) return [];
        var prefix = caller.Key + ".";
        var needs = called.TryGetValue(caller.Calls, out var text) ? WorkflowReader.Read(caller.Calls, text).File?.Job(id[prefix.Length..])?.Needs ?? [] : [];
        return needs.Count > 0 ? [.. needs.Select(n => prefix + n.Text)] : [caller.Id];
    }

    private static IReadOnlyList<string> KeysOf(WorkflowRun run, string id) => [.. run.Status.Jobs.Where(j => j.Id == id).Select(j => j.Key)];

    private static RunJob Of(JobState job) => new(
        job.Key, job.Name, job.Phase, Filled(job.Conclusion), Filled(job.Message), Filled(job.StartedAt), Filled(job.FinishedAt),
        [.. job.Steps.Select(s => new RunStep(s.Name, s.Phase, Filled(s.Conclusion)))], [.. job.Annotations.Select(Of)], Filled(job.Summary), Filled(job.Calls));

    /// <summary>An annotation as the API has it.</summary>
    public static RunAnnotation Of(Workflows.Commands.Annotation annotation) =>
        new(annotation.Level, annotation.Message, Filled(annotation.File), annotation.Line > 0 ? annotation.Line : null, Filled(annotation.Title));

    private static string? Filled(string text) => text.Length == 0 ? null : text;
}
