using System.Globalization;
using Capstan.Workflows.Runs;

namespace Capstan.Workflows.Keeping;

/// <summary>How much of what runs leave is kept; a run goes, with its log and its artifacts, as soon as one of these says so.</summary>
/// <param name="Runs">Runs that have ended, of each workflow.</param>
/// <param name="Days">Days since a run ended.</param>
/// <param name="Megabytes">Megabytes of artifacts of each repository; the oldest go first.</param>
public sealed record RunRetention(int Runs = 200, int Days = 90, int Megabytes = 10_240)
{
    /// <summary>The runs of one repository that go, unless something else refers to them.</summary>
    /// <param name="runs">Its runs, the newest first.</param>
    /// <param name="now">The time.</param>
    public IReadOnlyList<WorkflowRun> Superfluous(IEnumerable<WorkflowRun> runs, DateTimeOffset now)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        var bytes = 0L;
        var gone = new List<WorkflowRun>();
        foreach (var run in runs.Where(r => r.Status.Phase == Phases.Completed))
        {
            var number = seen[run.Path] = seen.GetValueOrDefault(run.Path) + 1;
            var size = run.Status.Artifacts.Sum(a => a.Bytes);
            bytes += size;
            var isOld = DateTimeOffset.TryParse(run.Status.FinishedAt, CultureInfo.InvariantCulture, out var ended) && now - ended > TimeSpan.FromDays(Days);
            var isTooMuch = size > 0 && bytes > (long)Megabytes << 20;
            if (number > Runs || isOld || isTooMuch) gone.Add(run);
        }

        return gone;
    }
}
