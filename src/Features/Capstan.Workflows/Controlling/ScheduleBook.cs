using System.Collections.Concurrent;
using Capstan.Workflows.Files;
using Capstan.Workflows.Files.Checks;
using Cronos;

namespace Capstan.Workflows.Controlling;

/// <summary>A time table that is due.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Branch">The full name of its default branch.</param>
/// <param name="Commit">That branch's commit.</param>
/// <param name="File">The workflow.</param>
/// <param name="Cron">The time table.</param>
/// <param name="At">When it was due.</param>
internal sealed record DueSchedule(string Repository, string Branch, string Commit, WorkflowFile File, string Cron, DateTimeOffset At);

/// <summary>The time tables (<c>on: schedule</c>) of default branches: what is due is told without asking Git again.</summary>
internal sealed class ScheduleBook
{
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>Whether the time tables of a repository are those of its default branch now.</summary>
    public bool IsKnown(string repository, IReadOnlyDictionary<string, string> refs) => _entries.TryGetValue(repository, out var entry) && refs.GetValueOrDefault(entry.Branch, "") == entry.Commit;

    /// <summary>Takes the workflows of a default branch.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="branch">The branch.</param>
    /// <param name="commit">Its commit.</param>
    /// <param name="files">The workflows there.</param>
    /// <param name="since">Since when they count: what was due before is none of theirs.</param>
    public void Learn(string repository, string branch, string commit, IEnumerable<WorkflowFile> files, DateTimeOffset since) =>
        _entries[repository] = new Entry(branch, commit, since, [.. files.Where(f => f.On.Any(t => t.Event == "schedule"))]);

    /// <summary>What is due in a span of time, each time table at most once: one that was missed several times is caught up once.</summary>
    /// <param name="after">The beginning, which does not count.</param>
    /// <param name="until">The end, which counts.</param>
    public IReadOnlyList<DueSchedule> Due(DateTimeOffset after, DateTimeOffset until) =>
    [
        .. from entry in _entries
           from file in entry.Value.Files
           from schedule in file.On.Where(t => t.Event == "schedule").SelectMany(t => t.Schedules)
           let at = LastDue(schedule.Cron.Text, schedule.TimeZone?.Text ?? "", after > entry.Value.Since ? after : entry.Value.Since, until)
           where at is not null
           select new DueSchedule(entry.Key, entry.Value.Branch, entry.Value.Commit, file, schedule.Cron.Text, at.Value),
    ];

    /// <summary>The last moment in a span of time when a time table is due; null for none. Oftener than every five minutes nothing is due, as at GitHub.</summary>
    internal static DateTimeOffset? LastDue(string cron, string timeZone, DateTimeOffset after, DateTimeOffset until)
    {
        const int least = 5;
        if (after >= until || !CronExpression.TryParse(cron, out var expression)) return null;
        // A zone that is not known here is told by the linter; the time table goes by UTC then.
        var zone = timeZone.Length > 0 && TimeZoneInfo.TryFindSystemTimeZoneById(timeZone, out var found) ? found : TimeZoneInfo.Utc;
        var moments = expression.GetOccurrences(after, until, zone, fromInclusive: false, toInclusive: true);
        if (CronText.IsTooOften(cron)) moments = moments.Where(m => m.Minute % least == 0);
        return moments.Select(m => (DateTimeOffset?)m).LastOrDefault();
    }

    private sealed record Entry(string Branch, string Commit, DateTimeOffset Since, IReadOnlyList<WorkflowFile> Files);
}
