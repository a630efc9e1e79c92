using System.Globalization;
using Capstan.LocalCluster.Controllers;
using Capstan.LocalCluster.Controllers.Workloads;

namespace Capstan.LocalCluster.Tests.Controllers;

public class CronScheduleTests
{
    [Theory]
    [InlineData("*/15 * * * *", "2026-01-01T00:07:30Z", "2026-01-01T00:15:00Z")]
    [InlineData("0 0 13 * FRI", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")]
    [InlineData("0 0 * * FRI", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")]
    [InlineData("30 4 1,15 * *", "2026-01-02T00:00:00Z", "2026-01-15T04:30:00Z")]
    [InlineData("0 12 * JAN-MAR/2 *", "2026-01-31T13:00:00Z", "2026-03-01T12:00:00Z")]
    [InlineData("@daily", "2026-02-28T10:00:00Z", "2026-03-01T00:00:00Z")]
    [InlineData("@hourly", "2026-02-28T10:00:00Z", "2026-02-28T11:00:00Z")]
    [InlineData("@every 90m", "2026-02-28T10:00:00Z", "2026-02-28T11:30:00Z")]
    [InlineData("0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z")]
    [InlineData("0 0 * * 7", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z")]
    public void The_next_time_is_the_one_that_kubernetes_takes(string schedule, string after, string expected)
    {
        var next = CronSchedule.Parse(schedule).After(DateTimeOffset.Parse(after, CultureInfo.InvariantCulture), TimeZoneInfo.Utc);
        Assert.Equal(DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture), next);
    }

    [Theory]
    [InlineData("")]
    [InlineData("* * * *")]
    [InlineData("60 * * * *")]
    [InlineData("* 24 * * *")]
    [InlineData("*/0 * * * *")]
    [InlineData("5-1 * * * *")]
    [InlineData("a * * * *")]
    [InlineData("@every 10")]
    [InlineData("@sometimes")]
    public void What_is_no_schedule_is_refused(string schedule) => Assert.Throws<FormatException>(() => CronSchedule.Parse(schedule));

    [Fact]
    public void A_schedule_that_never_comes_ends_the_search() =>
        Assert.Null(CronSchedule.Parse("0 0 30 2 *").After(DateTimeOffset.UnixEpoch, TimeZoneInfo.Utc));

    [Fact]
    public void A_cron_job_starts_a_job_a_minute_and_keeps_three_that_succeeded()
    {
        var world = new ControllerWorld();
        world.Put(Report());
        for (var second = 0; second < 400; second += 10)
        {
            world.Settle();
            world.Now = world.Now.AddSeconds(10);
        }

        Assert.InRange(world.All(Kinds.Job).Count(), 3, 4);
        Assert.All(world.All(Kinds.Job), j => Assert.StartsWith("report-", j.Name));
        Assert.NotEmpty(world.Only(Kinds.CronJob).Status.Text("lastSuccessfulTime"));
    }

    [Fact]
    public void A_suspended_cron_job_starts_nothing()
    {
        var world = new ControllerWorld();
        world.Put(Report("\"suspend\":true,"));
        world.Settle();
        world.Now = world.Now.AddHours(1);

        world.Settle();

        Assert.Empty(world.All(Kinds.Job));
    }

    [Fact]
    public void A_start_that_is_too_late_is_left_out()
    {
        var world = new ControllerWorld();
        world.Put(Report("\"startingDeadlineSeconds\":10,", "0 0 * * *"));
        world.Settle();
        world.Now = world.Now.AddHours(25);

        world.Settle();

        Assert.Empty(world.All(Kinds.Job));
    }

    private static string Report(string more = "", string schedule = "* * * * *") => """
        {"apiVersion":"batch/v1","kind":"CronJob","metadata":{"name":"report","namespace":"default"},"spec":{"schedule":"SCHEDULE",MORE
         "concurrencyPolicy":"Allow","jobTemplate":{"spec":{"completions":1,"parallelism":1,"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}}}}
        """.Replace("SCHEDULE", schedule, StringComparison.Ordinal).Replace("MORE", more, StringComparison.Ordinal);
}
