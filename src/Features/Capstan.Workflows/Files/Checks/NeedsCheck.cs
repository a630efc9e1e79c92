using Capstan.Yaml;

namespace Capstan.Workflows.Files.Checks;

/// <summary>Whether every job can start once: no job waits for one that is not there, or for itself through others.</summary>
internal static class NeedsCheck
{
    public static void Run(WorkflowFile file, Position jobs, Action<Position, string> report)
    {
        if (file.Jobs.All(j => j.Needs.Count > 0))
        {
            report(jobs, "The workflow must contain at least one job with no dependencies.");
            return;
        }

        var done = new HashSet<string>(StringComparer.Ordinal);
        var waiting = file.Jobs.ToList();
        while (waiting.FindAll(j => j.Needs.All(n => done.Contains(n.Text))) is { Count: > 0 } ready)
        {
            done.UnionWith(ready.Select(j => j.Id));
            waiting.RemoveAll(ready.Contains);
        }

        foreach (var job in waiting)
        {
            foreach (var need in job.Needs.Where(n => !done.Contains(n.Text)))
            {
                report(need.Position, file.Job(need.Text) is null
                    ? $"Job '{job.Id}' depends on unknown job '{need.Text}'."
                    : $"Job '{job.Id}' depends on job '{need.Text}' which creates a cycle in the dependency graph.");
            }
        }
    }
}
