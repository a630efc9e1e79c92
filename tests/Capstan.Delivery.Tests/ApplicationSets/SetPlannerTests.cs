using Capstan.Delivery.ApplicationSets;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.ApplicationSets;

public sealed class SetPlannerTests
{
    private static GeneratedApplication Wanted(string name, string metadata = "{}", string spec = "{project: default}") => new(Application(name, metadata, spec));

    private static KubernetesObject Application(string name, string metadata = "{}", string spec = "{project: default}") => new(YamlMap.Of(
        ("apiVersion", "argoproj.io/v1alpha1"), ("kind", "Application"), ("metadata", ((YamlMap)YamlText.ReadOne(metadata)).With("name", name).With("namespace", "argocd")),
        ("spec", YamlText.ReadOne(spec))));

    private static Dictionary<string, LiveApplication> Live(params (KubernetesObject Object, string Owner)[] live) => live.ToDictionary(
        l => l.Object.Name,
        l => new LiveApplication(l.Owner == "set-uid" ? l.Object.With(["metadata", "ownerReferences"], YamlText.ReadOne("[{uid: set-uid}]")) : l.Object, l.Owner, l.Owner == "tracked"));

    private static SetPlan Plan(ApplicationSet set, GeneratedApplication[] wanted, Dictionary<string, LiveApplication> live, DateTimeOffset? held = null) =>
        SetPlanner.Plan(set, wanted, live.ToDictionary(l => l.Key, l => l.Value.Owner == "tracked" ? l.Value with { Owner = "" } : l.Value), held, static _ => null);

    private static ApplicationSet Set(string spec = "{}", string metadata = "{}") =>
        FixedInputs.SetOf(((YamlMap)YamlText.ReadOne(spec)).With("template", YamlText.ReadOne("{metadata: {name: x}}")).ToString(), metadata: metadata);

    [Fact]
    public void What_is_missing_is_created_what_differs_changed_and_what_is_too_many_deleted()
    {
        var plan = Plan(Set(), [Wanted("a"), Wanted("b", spec: "{project: team}"), Wanted("c")], Live((Application("b"), "set-uid"), (Application("c"), "set-uid"), (Application("d"), "set-uid")));
        Assert.Equal("a", Assert.Single(plan.Creates).Name);
        Assert.Equal("set-uid", plan.Creates[0].Body.At("metadata", "ownerReferences")!.AsList()![0].AsMap()!["uid"]!.AsString());
        Assert.Equal("""{"spec":{"project":"team"}}""", Assert.Single(plan.Updates).Patch.ToString());
        Assert.Equal("d", Assert.Single(plan.Deletes).Name);
        Assert.Empty(plan.Held);
    }

    [Theory]
    [InlineData("create-only", false, false)]
    [InlineData("create-update", true, false)]
    [InlineData("create-delete", false, true)]
    [InlineData("sync", true, true)]
    public void The_policy_says_whether_Applications_are_changed_and_deleted(string policy, bool updates, bool deletes)
    {
        var plan = Plan(Set($"syncPolicy: {{applicationsSync: {policy}}}"), [Wanted("a"), Wanted("b", spec: "{project: team}")], Live((Application("b"), "set-uid"), (Application("c"), "set-uid")));
        Assert.Single(plan.Creates);
        Assert.Equal((updates, deletes), (plan.Updates.Count == 1, plan.Deletes.Count == 1));
    }

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(1, 1, true)]
    [InlineData(2, 1, false)]
    [InlineData(3, 2, false)]
    [InlineData(4, 2, false)]
    [InlineData(4, 3, true)]
    [InlineData(100, 50, false)]
    [InlineData(100, 51, true)]
    public void Nothing_or_far_fewer_than_before_waits_for_a_person(int existing, int leaving, bool holds) => Assert.Equal(holds, SafetyHold.Holds(existing, leaving));

    [Fact]
    public void An_agreement_counts_from_the_hold_on_and_a_set_that_may_be_empty_is_never_held()
    {
        var live = Live((Application("a"), "set-uid"), (Application("b"), "set-uid"));
        var since = new DateTimeOffset(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);
        Assert.Equal(["a", "b"], Plan(Set(), [], live).Held);
        Assert.Empty(Plan(Set(), [], live).Deletes);
        Assert.Equal(2, Plan(Set(metadata: "annotations: {capstan.dev/deletions-approved: '2029-12-31T00:00:00Z'}"), [], live, since).Held.Count);
        Assert.Equal(2, Plan(Set(metadata: "annotations: {capstan.dev/deletions-approved: '2030-01-01T12:00:00Z'}"), [], live, since).Deletes.Count);
        Assert.Equal(2, Plan(Set(metadata: "annotations: {capstan.dev/allow-empty: 'true'}"), [], live).Deletes.Count);
    }

    [Fact]
    public void Somebody_elses_Application_is_not_taken_over()
    {
        var plan = Plan(Set(), [Wanted("a"), Wanted("b"), Wanted("c")], Live((Application("a"), "other-uid"), (Application("b"), "tracked"), (Application("c"), "")));
        Assert.Equal(2, plan.Problems.Count);
        Assert.Contains("application \"a\" is owned by another object already", plan.Problems[0], StringComparison.Ordinal);
        Assert.Contains("application \"b\" is kept by another Application", plan.Problems[1], StringComparison.Ordinal);
        Assert.Equal("c", Assert.Single(plan.Updates).Live.Name);
        Assert.Empty(plan.Creates);
    }

    [Fact]
    public void Fields_of_people_and_other_tools_stay()
    {
        var set = Set("preservedFields: {annotations: [mine], labels: [ours]}");
        var live = Application("a", "{labels: {ours: x, theirs: z}, annotations: {mine: x, other: z, capstan.dev/pin: abc, notified.notifications.argoproj.io: z, argocd.argoproj.io/refresh: hard}, finalizers: [post-delete-finalizer.argocd.argoproj.io/x]}");
        var patch = Plan(set, [Wanted("a", "{labels: {new: z}}")], Live((live, "set-uid"))).Updates[0].Patch;
        Assert.Equal("""{"metadata":{"labels":{"theirs":null,"new":"z"},"annotations":{"other":null}}}""", patch.ToString());
    }

    [Fact]
    public void Differences_that_do_not_count_are_left_alone_and_a_change_inside_a_list_replaces_the_list()
    {
        var set = Set("ignoreApplicationDifferences: [{jsonPointers: [/spec/source/targetRevision]}, {name: b, jqPathExpressions: ['.spec.source.helm.parameters[] | select(.name == \"tag\")']}]");
        var a = Application("a", spec: "{project: default, source: {targetRevision: mine, path: p}}");
        var b = Application("b", spec: "{project: default, source: {helm: {parameters: [{name: tag, value: mine}, {name: x, value: '1'}]}}}");
        var wantedB = "{project: default, source: {helm: {parameters: [{name: tag, value: v1}, {name: x, value: '2'}]}}}";
        var plan = Plan(set, [Wanted("a", spec: "{project: default, source: {targetRevision: main, path: q}}"), Wanted("b", spec: wantedB)], Live((a, "set-uid"), (b, "set-uid")));
        Assert.Equal("""{"spec":{"source":{"path":"q"}}}""", plan.Updates[0].Patch.ToString());
        Assert.Equal("""{"spec":{"source":{"helm":{"parameters":[{"name":"x","value":"2"}]}}}}""", plan.Updates[1].Patch.ToString());
        Assert.Empty(Plan(set, [Wanted("a", spec: "{project: default, source: {targetRevision: main, path: p}}")], Live((a, "set-uid"))).Updates);
    }

    [Fact]
    public void In_a_rollout_automated_sync_is_off_and_deletion_may_go_in_reverse()
    {
        const string strategy = "strategy: {type: RollingSync, deletionOrder: Reverse, rollingSync: {steps: [{matchExpressions: [{key: env, operator: In, values: [dev]}]}, {matchExpressions: [{key: env, operator: In, values: [prod]}]}]}}";
        var set = Set(strategy, "annotations: {capstan.dev/allow-empty: 'true'}");
        var plan = Plan(set, [Wanted("n", spec: "{project: default, syncPolicy: {automated: {prune: true}, retry: {limit: 2}}}")],
            Live((Application("a", "labels: {env: dev}"), "set-uid"), (Application("b", "labels: {env: prod}"), "set-uid")));
        Assert.Equal("""{"retry":{"limit":2}}""", plan.Creates[0].Spec["syncPolicy"]!.ToString());
        Assert.Equal("b", Assert.Single(plan.Deletes).Name);
    }
}
