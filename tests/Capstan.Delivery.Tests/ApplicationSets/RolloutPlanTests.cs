using Capstan.Delivery.Applications;
using Capstan.Delivery.ApplicationSets.Rollout;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.ApplicationSets;

public sealed class RolloutPlanTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static RollingSync Rolling(string most = "100%") => RollingSync.Read(new FieldReader((YamlMap)YamlText.ReadOne(
        $"steps: [{{matchExpressions: [{{key: env, operator: In, values: [dev]}}]}}, {{matchExpressions: [{{key: env, operator: NotIn, values: [dev, none]}}], maxUpdate: {most}}}]"), "spec", []));

    private static RolloutView View(string name, string env, string sync, string health = "Healthy", string phase = "", string started = "", string revision = "r1", string synced = "") => new(
        name, YamlMap.Of(("env", env)),
        (YamlMap)YamlText.ReadOne($"{{sync: {{status: {sync}, revision: {revision}}}, health: {{status: {health}}}{(phase.Length > 0 ? $", operationState: {{phase: {phase}, startedAt: '{started}'{(synced.Length > 0 ? $", syncResult: {{revision: {synced}}}" : "")}}}" : "")}}}"), false);

    private static string Said(RolloutMove move) => string.Join(' ', move.Applications.Select(a => $"{a.Application}={a.Status}@{a.Step}")) + " | " + string.Join(' ', move.Starts);

    [Fact]
    public void A_step_begins_when_all_of_the_one_before_are_healthy()
    {
        var first = RolloutPlan.Next(Rolling(), [View("d1", "dev", "OutOfSync"), View("d2", "dev", "OutOfSync"), View("p", "prod", "OutOfSync")], [], Start);
        Assert.Equal("d1=Pending@1 d2=Pending@1 p=Waiting@2 | d1 d2", Said(first));

        var second = RolloutPlan.Next(
            Rolling(), [View("d1", "dev", "Synced", "Progressing", "Succeeded", "2030-01-01T00:00:05Z"), View("d2", "dev", "OutOfSync", "Healthy", "Running", "2030-01-01T00:00:05Z"), View("p", "prod", "OutOfSync")],
            first.Applications, Start.AddSeconds(10));
        Assert.Equal("d1=Progressing@1 d2=Progressing@1 p=Waiting@2 | ", Said(second));

        var third = RolloutPlan.Next(
            Rolling(), [View("d1", "dev", "Synced", "Healthy", "Succeeded", "2030-01-01T00:00:05Z"), View("d2", "dev", "Synced", "Healthy", "Succeeded", "2030-01-01T00:00:05Z"), View("p", "prod", "OutOfSync")],
            second.Applications, Start.AddSeconds(20));
        Assert.Equal("d1=Healthy@1 d2=Healthy@1 p=Pending@2 | p", Said(third));
        Assert.False(third.IsComplete);
    }

    [Theory]
    [InlineData("100%", 10)]
    [InlineData("25%", 2)]
    [InlineData("1%", 1)]
    [InlineData("3", 3)]
    [InlineData("0", 0)]
    [InlineData("0%", 0)]
    public void So_many_of_a_step_go_at_once_as_it_says(string most, int starts)
    {
        var views = Enumerable.Range(0, 10).Select(i => View($"p{i}", "prod", "OutOfSync")).ToList();
        Assert.Equal(starts, RolloutPlan.Next(Rolling(most), views, [], Start).Starts.Count);
    }

    [Fact]
    public void An_Application_in_no_step_is_never_synced_and_keeps_nobody_waiting()
    {
        var move = RolloutPlan.Next(Rolling(), [View("d", "dev", "Synced"), View("n", "none", "OutOfSync"), View("p", "prod", "OutOfSync")], [], Start);
        Assert.Equal("d=Healthy@1 n=Waiting@-1 p=Pending@2 | p", Said(move));
    }

    [Fact]
    public void A_failed_sync_stops_the_rollout_until_something_changes()
    {
        var before = RolloutPlan.Next(Rolling(), [View("d", "dev", "OutOfSync"), View("p", "prod", "OutOfSync")], [], Start);
        var failed = View("d", "dev", "OutOfSync", "Degraded", "Failed", "2030-01-01T00:00:05Z");
        var stopped = RolloutPlan.Next(Rolling(), [failed, View("p", "prod", "OutOfSync")], before.Applications, Start.AddSeconds(10));
        Assert.Equal("d=Progressing@1 p=Waiting@2 | ", Said(stopped));
        Assert.Equal("d=Progressing@1 p=Waiting@2 | ", Said(RolloutPlan.Next(Rolling(), [failed, View("p", "prod", "OutOfSync")], stopped.Applications, Start.AddSeconds(30))));
        var mended = View("d", "dev", "OutOfSync", "Degraded", "Failed", "2030-01-01T00:00:05Z", "r2");
        Assert.Equal("d=Pending@1 p=Waiting@2 | d", Said(RolloutPlan.Next(Rolling(), [mended, View("p", "prod", "OutOfSync")], stopped.Applications, Start.AddSeconds(60))));
    }

    // Times are written to the second, and a person who mends at once is not to be held up by that.
    [Fact]
    public void A_sync_of_the_commit_before_that_failed_within_the_same_second_is_not_taken_for_that_of_the_new_one()
    {
        var before = RolloutPlan.Next(Rolling(), [View("d", "dev", "OutOfSync")], [], Start);
        var stopped = RolloutPlan.Next(Rolling(), [View("d", "dev", "OutOfSync", "Degraded", "Failed", "2030-01-01T00:00:05Z", synced: "r1")], before.Applications, Start.AddSeconds(5));
        Assert.Equal("d=Progressing@1 | ", Said(stopped));
        var mended = View("d", "dev", "OutOfSync", "Degraded", "Failed", "2030-01-01T00:00:05Z", "r2", synced: "r1");
        Assert.Equal("d=Pending@1 | d", Said(RolloutPlan.Next(Rolling(), [mended], stopped.Applications, Start.AddSeconds(5.5))));
    }

    [Fact]
    public void Progress_survives_being_written_and_read()
    {
        var state = RolloutPlan.Next(Rolling(), [View("d", "dev", "OutOfSync")], [], Start).Applications[0];
        var read = ApplicationRollout.Read(state.Write())!;
        Assert.Equal(state with { Revisions = [] }, read with { Revisions = [] });
        Assert.Equal(state.Revisions, read.Revisions);
    }
}
