using Capstan.LocalCluster.Controllers;

namespace Capstan.LocalCluster.Tests.Controllers;

public class JobTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 2)]
    [InlineData(3, 10)]
    public void A_job_runs_until_enough_pods_succeeded_and_never_more_at_once_than_allowed(int completions, int parallelism)
    {
        var world = new ControllerWorld();
        world.Put(Migrate(completions, parallelism));

        for (var second = 0; second < 20 && world.Only(Kinds.Job).Condition("Complete") is null; second++)
        {
            world.Settle();
            world.Now = world.Now.AddSeconds(1);
        }

        Assert.Equal("True", world.Only(Kinds.Job).Condition("Complete")?.Text("status"));
        Assert.Equal(completions, world.Only(Kinds.Job).Status.Int(0, "succeeded"));
        Assert.InRange(world.MostPods, 1, Math.Min(completions, parallelism));
    }

    [Fact]
    public void A_suspended_job_runs_nothing()
    {
        var world = new ControllerWorld();
        world.Put(Migrate(1, 1, suspend: true));

        world.Settle();

        Assert.Empty(world.All(Kinds.Pod));
        Assert.Equal("True", world.Only(Kinds.Job).Condition("Suspended")!.Text("status"));
    }

    [Fact]
    public void A_finished_job_with_a_time_to_live_goes_after_it()
    {
        var world = new ControllerWorld();
        world.Put(Migrate(1, 1, ttl: 60));
        for (var second = 0; second < 5; second++)
        {
            world.Settle();
            world.Now = world.Now.AddSeconds(1);
        }

        Assert.NotNull(world.Only(Kinds.Job).Condition("Complete"));

        world.Now = world.Now.AddSeconds(61);
        world.Settle();

        Assert.Empty(world.All(Kinds.Job));
    }

    private static string Migrate(int completions, int parallelism, bool suspend = false, int? ttl = null) => $$$$$"""
        {"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"migrate","namespace":"shop"},
         "spec":{"completions":{{{{{completions}}}}},"parallelism":{{{{{parallelism}}}}},"suspend":{{{{{(suspend ? "true" : "false")}}}}},
          {{{{{(ttl is { } seconds ? $"\"ttlSecondsAfterFinished\":{seconds}," : "")}}}}}
          "template":{"metadata":{"labels":{"job":"migrate"}},
           "spec":{"restartPolicy":"Never","containers":[{"name":"migrate","image":"migrate:1"}]}}}}
        """;
}
