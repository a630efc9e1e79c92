using System.Globalization;
using Capstan.Workflows.Controlling;
using Capstan.Workflows.Files;

namespace Capstan.Workflows.Tests.Controlling;

/// <summary>When time tables are due.</summary>
public sealed class ScheduleBookTests
{
    [Theory]
    [InlineData("15 3 * * *", "", "03:10", "03:20", "03:15")]
    [InlineData("15 3 * * *", "", "03:15", "03:20", null)]
    [InlineData("*/10 * * * *", "", "03:05", "03:31", "03:30")]
    [InlineData("* * * * *", "", "03:06", "03:13", "03:10")]
    [InlineData("15 5 * * *", "Europe/Berlin", "03:10", "03:20", "03:15")]
    [InlineData("0 0 31 2 *", "", "00:00", "23:59", null)]
    [InlineData("nonsense", "", "00:00", "23:59", null)]
    public void The_last_moment_of_a_span_counts_and_nothing_is_due_oftener_than_every_five_minutes(string cron, string zone, string after, string until, string? due)
    {
        static DateTimeOffset At(string time) => DateTimeOffset.Parse($"2031-06-04T{time}:00Z", CultureInfo.InvariantCulture);
        Assert.Equal(due is null ? null : At(due), ScheduleBook.LastDue(cron, zone, At(after), At(until)));
    }

    [Fact]
    public void What_was_due_before_a_workflow_was_known_is_none_of_its_own()
    {
        var book = new ScheduleBook();
        var file = WorkflowReader.Read("n.yaml", "on: {schedule: [{cron: '*/5 * * * *'}]}\njobs: {a: {runs-on: x, steps: []}}\n").File!;
        var now = new DateTimeOffset(2031, 6, 4, 3, 7, 0, TimeSpan.Zero);
        book.Learn("shop", "refs/heads/main", "c1", [file], now);
        Assert.Empty(book.Due(now.AddMinutes(-15), now.AddMinutes(1)));
        var due = Assert.Single(book.Due(now.AddMinutes(-15), now.AddMinutes(4)));
        Assert.Equal(("shop", "*/5 * * * *", now.AddMinutes(3)), (due.Repository, due.Cron, due.At));
        Assert.True(book.IsKnown("shop", new Dictionary<string, string> { ["refs/heads/main"] = "c1" }));
        Assert.False(book.IsKnown("shop", new Dictionary<string, string> { ["refs/heads/main"] = "c2" }));
    }
}
