using Capstan.Delivery.Applications;
using Capstan.Delivery.Comparing;
using Capstan.Delivery.Sync;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Sync;

public sealed class AutoSyncTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static SyncPlan Plan(string revision = "c1") => SyncPlanner.Plan(
        new Comparison([new ComparedObject(
            new GroupVersionKind("", "v1", "ConfigMap"), Make.ConfigMap("a").Key, new DesiredObject(Make.ConfigMap("a"), new Origin("a.yaml", 1)), null, [], null)]),
        new SyncRules(true), revision);

    private static OperationState Last(Application application, OperationPhase phase, double secondsAgo, string revision = "c1", long retries = 0) =>
        new(phase, "", revision, Initiator.Engine, Now, Now.AddSeconds(-secondsAgo), [], retries) { Source = application.Source.Body };

    [Fact]
    public void A_new_revision_is_synced_at_once()
    {
        var app = Make.Automated();
        Assert.True(AutoSync.Decide(new(app, Plan(), null, 0, Now)).Starts);
        Assert.True(AutoSync.Decide(new(app, Plan("c2"), Last(app, OperationPhase.Failed, 0), 0, Now)).Starts);
    }

    [Fact]
    public void Nothing_starts_without_automation_or_without_anything_to_change()
    {
        var manual = Make.Application("""{"source":{"repoURL":"x","path":"p"},"destination":{"name":"in-cluster"}}""");
        Assert.False(AutoSync.Decide(new(manual, Plan(), null, 0, Now)).Starts);
        Assert.False(AutoSync.Decide(new(Make.Automated(), new SyncPlan("c1", []), null, 0, Now)).Starts);
        Assert.False(AutoSync.Decide(new(Make.Automated(), Plan() with { Refusal = "empty" }, null, 0, Now)).Starts);
    }

    [Fact]
    public void A_revision_that_was_synced_is_healed_only_when_asked()
    {
        var plain = Make.Automated();
        Assert.False(AutoSync.Decide(new(plain, Plan(), Last(plain, OperationPhase.Succeeded, 100), 0, Now)).Starts);
        var healing = Make.Automated("""{"selfHeal":true}""");
        var decision = AutoSync.Decide(new(healing, Plan(), Last(healing, OperationPhase.Succeeded, 0), 0, Now));
        Assert.True(decision is { Starts: true, IsSelfHeal: true });
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 2)]
    [InlineData(2, 6)]
    [InlineData(3, 18)]
    [InlineData(4, 54)]
    [InlineData(5, 162)]
    [InlineData(6, 300)]
    [InlineData(1000, 300)]
    public void Drift_that_comes_back_is_undone_ever_more_slowly(int attempts, int seconds)
    {
        Assert.Equal(TimeSpan.FromSeconds(seconds), AutoSync.HealWait(attempts));
        var app = Make.Automated("""{"selfHeal":true}""");
        var decision = AutoSync.Decide(new(app, Plan(), Last(app, OperationPhase.Succeeded, 0), attempts, Now));
        Assert.Equal(seconds == 0, decision.Starts);
        Assert.Equal(seconds == 0 ? null : Now.AddSeconds(seconds), decision.At);
    }

    [Theory]
    [InlineData(0, 4.9, false)]
    [InlineData(0, 5, true)]
    [InlineData(1, 9, false)]
    [InlineData(1, 10, true)]
    [InlineData(4, 80, true)]
    [InlineData(5, 9999, false)]
    public void A_failed_revision_is_retried_five_times_with_growing_waits(long retries, double secondsAgo, bool starts)
    {
        var app = Make.Automated();
        var decision = AutoSync.Decide(new(app, Plan(), Last(app, OperationPhase.Failed, secondsAgo, retries: retries), 0, Now));
        Assert.Equal(starts, decision.Starts);
        Assert.Equal(starts ? retries + 1 : 0, decision.Retry);
    }

    [Fact]
    public void Another_source_is_another_matter()
    {
        var app = Make.Automated();
        var last = Last(app, OperationPhase.Succeeded, 0) with { Source = YamlMap.Of(("path", "elsewhere")) };
        Assert.True(AutoSync.Decide(new(app, Plan(), last, 0, Now)).Starts);
    }
}
