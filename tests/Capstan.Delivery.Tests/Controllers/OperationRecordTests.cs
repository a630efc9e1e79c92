using Capstan.Delivery.Applications;
using Capstan.Delivery.Comparing;
using Capstan.Delivery.Controllers;
using Capstan.Delivery.Sync;
using Capstan.Resources;

namespace Capstan.Delivery.Tests.Controllers;

/// <summary>Which operations are on record before their first write: those that a process that dies could not begin anew.</summary>
public sealed class OperationRecordTests
{
    private static readonly Initiator Person = new(Automated: false, "ann");

    [Theory]
    [InlineData(SyncAction.Create, SyncAction.Create)]
    [InlineData(SyncAction.Change, SyncAction.None)]
    [InlineData(SyncAction.Create, SyncAction.Keep)]
    public void A_sync_of_the_engines_own_that_only_applies_can_begin_anew(SyncAction first, SyncAction second) =>
        Assert.True(CanBeginAnew(Operation(), first, second));

    [Theory]
    [InlineData(SyncAction.Prune)]
    [InlineData(SyncAction.Hook)]
    public void One_that_deletes_or_runs_hooks_cannot(SyncAction action) => Assert.False(CanBeginAnew(Operation(), SyncAction.Create, action));

    [Fact]
    public void One_that_a_person_asked_for_cannot() => Assert.False(CanBeginAnew(Operation() with { Initiator = Person }, SyncAction.Create));

    [Fact]
    public void A_retry_cannot() => Assert.False(CanBeginAnew(Operation() with { RetryCount = 1 }, SyncAction.Create));

    [Fact]
    public void One_with_a_further_wave_cannot() => Assert.False(OperationRunner.CanBeginAnew(
        Make.Automated(), Operation(), Plan(SyncAction.Create), new NextMove.Run([], Ends: false)));

    [Fact]
    public void One_that_takes_up_a_wish_of_the_Application_cannot()
    {
        var asked = Make.Automated();
        asked = asked with { Object = asked.Object.With(["operation", "sync", "revision"], "c0ffee") };
        Assert.False(OperationRunner.CanBeginAnew(asked, Operation(), Plan(SyncAction.Create), new NextMove.Run([], Ends: true)));
    }

    private static bool CanBeginAnew(OperationState operation, params SyncAction[] actions) =>
        OperationRunner.CanBeginAnew(Make.Automated(), operation, Plan(actions), new NextMove.Run(Plan(actions).Steps, Ends: true));

    private static OperationState Operation() => new(OperationPhase.Running, "", "c0ffee", Initiator.Engine, DateTimeOffset.UnixEpoch, null, []);

    private static SyncPlan Plan(params SyncAction[] actions) => new("c0ffee", [.. actions.Select((action, i) =>
        new SyncStep(action, new GroupVersionKind("", "v1", "ConfigMap"), Make.ConfigMap($"c{i}").Key, new DesiredObject(Make.ConfigMap($"c{i}"), new Origin("a.yaml", 1)), null, []))]);
}
