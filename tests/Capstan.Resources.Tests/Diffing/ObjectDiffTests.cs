using Capstan.Yaml;

namespace Capstan.Resources.Tests;

public sealed class ObjectDiffTests
{
    private const string Desired = """
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","labels":{"app":"web"}},
         "spec":{"replicas":2,"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},
           "spec":{"hostNetwork":false,"containers":[{"name":"web","image":"nginx:1","resources":{"limits":{"cpu":1,"memory":"1Gi"}},"ports":[{"containerPort":80}]}]}}}}
        """;

    [Fact]
    public void What_the_server_defaulted_and_wrote_otherwise_is_no_difference()
    {
        var live = Applied(Desired).With(["spec", "revisionHistoryLimit"], 10).With(["spec", "strategy"], YamlMap.Of(("type", "RollingUpdate")));
        live = Patch(live, """{"spec":{"template":{"spec":{"dnsPolicy":"ClusterFirst","containers":[{"name":"web","imagePullPolicy":"Always","resources":{"limits":{"cpu":"1000m","memory":"1024Mi"}}}]}}},"status":{"replicas":2}}""");
        Assert.Empty(Diff(Desired, live));
    }

    [Fact]
    public void A_changed_field_names_path_values_and_manager()
    {
        var live = Edit(Applied(Desired), """{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"nginx:evil"}]}}}}""", "kubectl-edit");
        var difference = Assert.Single(Diff(Desired, live));
        Assert.Equal(".spec.template.spec.containers[name=\"web\"].image", difference.Path);
        Assert.Equal(("nginx:1", "nginx:evil", "kubectl-edit"), (difference.Wanted!.AsString(), difference.Live!.AsString(), difference.Manager));
        Assert.NotNull(difference.Time);
    }

    [Fact]
    public void What_another_controller_adds_is_no_difference()
    {
        var live = Edit(Applied(Desired), """{"metadata":{"labels":{"injected":"yes"}},"spec":{"template":{"spec":{"containers":[{"name":"sidecar","image":"envoy"}]}}}}""", "mesh");
        Assert.Empty(Diff(Desired, live));
    }

    [Fact]
    public void What_we_applied_and_do_not_desire_any_longer_is_a_difference()
    {
        var live = Applied(Desired.Replace("\"app\":\"web\"}},\n", "\"app\":\"web\",\"old\":\"1\"}},\n", StringComparison.Ordinal).Replace("\"replicas\":2,", "\"replicas\":2,\"paused\":true,", StringComparison.Ordinal));
        Assert.Equal([".metadata.labels.old", ".spec.paused", ".spec.template.metadata.labels.old"], Diff(Desired, live).Select(d => d.Path));
    }

    [Fact]
    public void What_kubectl_applied_last_and_is_not_desired_any_longer_is_a_difference()
    {
        var old = new KubernetesObject((YamlMap)JsonText.Read("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"a":"1","b":"2"}}"""));
        var live = LastApplied.WithAnnotation(old).With(["data", "c"], "3");
        Assert.Equal([".data.b"], Diff("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"a":"1"}}""", live).Select(d => d.Path));
    }

    [Fact]
    public void A_missing_item_and_a_missing_field_are_differences()
    {
        var live = Patch(Applied(Desired), """{"spec":{"replicas":null,"template":{"spec":{"containers":[{"$patch":"replace"},{"name":"other","image":"x"}]}}}}""");
        Assert.Equal([".spec.replicas", ".spec.template.spec.containers[name=\"web\"]"], Diff(Desired, live).Select(d => d.Path));
    }

    [Fact]
    public void The_order_of_items_with_keys_does_not_count()
    {
        const string wanted = """{"apiVersion":"v1","kind":"Service","metadata":{"name":"a"},"spec":{"ports":[{"port":1},{"port":2,"protocol":"UDP"}]}}""";
        var live = Applied("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"a"},"spec":{"ports":[{"port":2,"protocol":"UDP"},{"port":1,"protocol":"TCP"}]}}""");
        Assert.Empty(Diff(wanted, live));
    }

    [Fact]
    public void Values_of_secrets_are_hidden_but_whether_they_are_equal_is_not()
    {
        const string wanted = """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"},"data":{"same":"YQ=="},"stringData":{"other":"geheim"}}""";
        var live = new KubernetesObject((YamlMap)JsonText.Read("""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"},"data":{"same":"YQ==","other":"bGl2ZQ=="}}"""));
        var difference = Assert.Single(Diff(wanted, live));
        Assert.Equal(".data.other", difference.Path);
        Assert.Equal((SecretMask.Hidden, SecretMask.HiddenOther), (difference.Wanted!.AsString(), difference.Live!.AsString()));
        var masked = SecretMask.Apply(LastApplied.WithAnnotation(live)).Body.ToString();
        Assert.DoesNotContain("bGl2ZQ", masked, StringComparison.Ordinal);
    }

    [Fact]
    public void StringData_is_data_and_aggregated_rules_are_the_controllers()
    {
        Assert.Empty(Diff("""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"},"stringData":{"a":"a"}}""",
            new KubernetesObject((YamlMap)JsonText.Read("""{"apiVersion":"v1","kind":"Secret","type":"Opaque","metadata":{"name":"a"},"data":{"a":"YQ=="}}"""))));
        const string role = """{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"a"},"aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"a":"b"}}]},"rules":RULES}""";
        Assert.Empty(Diff(role.Replace("RULES", "[]", StringComparison.Ordinal),
            new KubernetesObject((YamlMap)JsonText.Read(role.Replace("RULES", """[{"verbs":["get"]}]""", StringComparison.Ordinal)))));
    }

    private static KubernetesObject Applied(string text)
    {
        var config = new KubernetesObject((YamlMap)JsonText.Read(text));
        return ((ApplyOutcome.Applied)ServerSideApply.Apply(null, config, Context("capstan", config), false)).Object;
    }

    private static KubernetesObject Edit(KubernetesObject live, string patch, string manager) =>
        ManagedFields.AfterUpdate(live, Patch(live, patch), Context(manager, live));

    private static KubernetesObject Patch(KubernetesObject live, string patch) =>
        new(StrategicMergePatch.Apply(live.Body, (YamlMap)JsonText.Read(patch), BuiltInSchemas.For(live.GroupVersionKind).Root));

    private static WriteContext Context(string manager, KubernetesObject value) => new(manager, BuiltInSchemas.For(value.GroupVersionKind), DateTimeOffset.UnixEpoch);

    private static IReadOnlyList<FieldDifference> Diff(string desired, KubernetesObject live) =>
        ObjectDiff.Of(new KubernetesObject((YamlMap)JsonText.Read(desired)), live, new DiffOptions(BuiltInSchemas.For(live.GroupVersionKind)));
}
