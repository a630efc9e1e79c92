using Capstan.Delivery.Comparing;
using Capstan.Delivery.Sync;
using Capstan.Resources;
using CsCheck;

namespace Capstan.Delivery.Tests.Sync;

public sealed class SyncPlannerTests
{
    private static readonly string[] SomeKinds = ["Namespace", "Secret", "Deployment", "Widget", "Ingress"];
    private static readonly string[] SomeNames = ["a", "b", "c"];
    private static readonly Gen<string> Kinds = Gen.Int[0, SomeKinds.Length - 1].Select(i => SomeKinds[i]);
    private static readonly Gen<string> Names = Gen.Int[0, SomeNames.Length - 1].Select(i => SomeNames[i]);

    private static ComparedObject Compared(string kind, string name, bool desired = true, bool live = true, bool differs = false, string? owner = null)
    {
        var space = kind is "Namespace" or "ClusterRole" or "CustomResourceDefinition" ? "" : ",\"namespace\":\"shop\"";
        var body = Make.Object($$$"""{"apiVersion":"v1","kind":"{{{kind}}}","metadata":{"name":"{{{name}}}"{{{space}}}}}""");
        return new ComparedObject(
            body.GroupVersionKind, body.Key, desired ? new DesiredObject(body, new Origin("a.yaml", 1)) : null, live ? body : null,
            differs ? [Differences.Of("spec", "replicas")] : [], null, owner);
    }

    private static string[] Order(SyncPlan plan) => [.. plan.Steps.Select(s => $"{s.Action} {s.Key}")];

    [Fact]
    public void Objects_are_applied_by_kind_then_name_and_pruned_before_in_reverse()
    {
        var plan = SyncPlanner.Plan(
            new Comparison([
                Compared("Widget", "w", live: false), Compared("Deployment", "b", differs: true), Compared("Deployment", "a"), Compared("Namespace", "shop", live: false),
                Compared("ConfigMap", "old", desired: false), Compared("Ingress", "old", desired: false)]),
            new SyncRules(Prune: true), "c1");
        Assert.Equal(
            ["Prune Ingress/shop/old", "Prune ConfigMap/shop/old", "Create Namespace/shop", "None Deployment/shop/a", "Change Deployment/shop/b", "Create Widget/shop/w"],
            Order(plan));
    }

    [Fact]
    public void Prune_last_puts_deletions_at_the_end()
    {
        var plan = SyncPlanner.Plan(
            new Comparison([Compared("ConfigMap", "new", live: false), Compared("ConfigMap", "old", desired: false)]), new SyncRules(true, PruneLast: true), "c1");
        Assert.Equal(["Create ConfigMap/shop/new", "Prune ConfigMap/shop/old"], Order(plan));
    }

    [Fact]
    public void Without_prune_an_object_that_left_the_source_stays_and_the_plan_says_why()
    {
        var plan = SyncPlanner.Plan(new Comparison([Compared("ConfigMap", "a"), Compared("ConfigMap", "old", desired: false)]), new SyncRules(false), "c1");
        Assert.True(plan.IsEmpty);
        Assert.Contains("pruning was not asked for", plan.ToText());
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void A_source_that_went_empty_deletes_nothing_unless_it_may(bool allowEmpty, bool refused)
    {
        var plan = SyncPlanner.Plan(new Comparison([Compared("ConfigMap", "old", desired: false)]), new SyncRules(true, allowEmpty), "c1");
        Assert.Equal(refused, plan.Refusal is not null);
    }

    [Fact]
    public void Another_applications_object_is_not_touched()
    {
        var plan = SyncPlanner.Plan(new Comparison([Compared("ConfigMap", "a", differs: true, owner: "capstan/other")]), new SyncRules(true), "c1");
        Assert.True(plan.IsEmpty);
        Assert.Contains("it belongs to Application capstan/other", plan.ToText());
    }

    [Fact]
    public void The_text_shows_what_changes_where_and_how_much()
    {
        var text = SyncPlanner.Plan(
            new Comparison([Compared("Deployment", "a", differs: true), Compared("ConfigMap", "b", live: false), Compared("ConfigMap", "c")]), new SyncRules(true), "c1").ToText();
        Assert.StartsWith("+ ConfigMap/shop/b  (a.yaml:1)\n~ Deployment/shop/a  (a.yaml:1)\n    ", text, StringComparison.Ordinal);
        Assert.EndsWith("1 to create, 1 to change, 0 to prune, 1 unchanged\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Order_is_total_and_prunes_mirror_it() =>
        Gen.Select(Kinds, Names, Gen.Bool).Array[0, 12]
            .Sample(items =>
            {
                var distinct = items.DistinctBy(i => (i.Item1, i.Item2)).ToArray();
                var plan = SyncPlanner.Plan(
                    new Comparison([.. distinct.Select(i => Compared(i.Item1, i.Item2, desired: i.Item3, live: !i.Item3))]), new SyncRules(true, true), "c1");
                var applies = plan.Steps.Where(s => s.Action == SyncAction.Create).Select(s => s.Key).ToArray();
                var prunes = plan.Steps.Where(s => s.Action == SyncAction.Prune).Select(s => s.Key).ToArray();
                Assert.Equal(applies.Order(Comparer<ObjectKey>.Create(SyncOrder.Compare)), applies);
                Assert.Equal(prunes.OrderDescending(Comparer<ObjectKey>.Create(SyncOrder.Compare)), prunes);
                Assert.Equal(distinct.Length, applies.Length + prunes.Length);
            });
}
