using Capstan.Yaml;

namespace Capstan.Resources.Tests;

public sealed class SchemaTests
{
    [Fact]
    public void Every_type_of_every_built_in_kind_can_be_read()
    {
        var seen = new HashSet<SchemaNode>();
        var todo = new Stack<SchemaNode>(BuiltInSchemas.Kinds.Select(k => BuiltInSchemas.For(k).Root));
        while (todo.TryPop(out var node))
        {
            if (seen.Add(node))
            {
                foreach (var field in node.Map?.Fields.Values ?? [])
                {
                    Assert.True(field.Type.Scalar is not null || field.Type.List is not null || field.Type.Map is not null, field.Name);
                    todo.Push(field.Type);
                }

                todo.Push(node.Items);
            }
        }

        Assert.True(seen.Count > 1000, $"{seen.Count}");
    }

    [Theory]
    [InlineData("", "v1", "Pod")]
    [InlineData("apps", "v1", "Deployment")]
    [InlineData("batch", "v1", "CronJob")]
    [InlineData("networking.k8s.io", "v1", "Ingress")]
    [InlineData("rbac.authorization.k8s.io", "v1", "ClusterRole")]
    [InlineData("autoscaling", "v1", "HorizontalPodAutoscaler")]
    [InlineData("autoscaling", "v2", "HorizontalPodAutoscaler")]
    [InlineData("policy", "v1", "PodDisruptionBudget")]
    [InlineData("storage.k8s.io", "v1", "StorageClass")]
    [InlineData("coordination.k8s.io", "v1", "Lease")]
    [InlineData("discovery.k8s.io", "v1", "EndpointSlice")]
    [InlineData("events.k8s.io", "v1", "Event")]
    [InlineData("admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicy")]
    [InlineData("apiextensions.k8s.io", "v1", "CustomResourceDefinition")]
    public void A_built_in_kind_has_a_schema(string group, string version, string kind)
    {
        Assert.True(BuiltInSchemas.TryGet(new(group, version, kind), out var schema));
        Assert.Equal(ListType.Set, schema.Root.At("metadata", "finalizers").List!.Type);
    }

    [Fact]
    public void The_table_knows_keys_strategies_defaults_and_types()
    {
        var pod = BuiltInSchemas.For(new("", "v1", "Pod")).Root.At("spec");
        var ports = pod.At("containers", "[]", "ports");
        Assert.Equal(["containerPort", "protocol"], ports.List!.Keys);
        Assert.Equal("TCP", ports.List.DefaultOfKey("protocol")!.AsString());
        var volumes = pod.Map!.Fields["volumes"];
        Assert.True(volumes is { PatchMerges: true, PatchRetainsKeys: true, PatchMergeKey: "name" });
        Assert.Equal(ListType.Atomic, pod.At("tolerations").List!.Type);
        Assert.True(pod.At("nodeSelector").Map!.IsAtomic);
        Assert.Equal(ScalarType.Quantity, pod.At("containers", "[]", "resources", "limits", "cpu").Scalar);
        Assert.Equal(EmptyForm.Struct, pod.At("containers", "[]").Map!.Fields["resources"].WhenEmpty);
    }

    [Fact]
    public void Custom_schemas_say_how_lists_and_maps_merge()
    {
        var spec = CrdSchema.From(ApplySequences.WidgetSchema).At("spec");
        Assert.Equal(ListType.Set, spec.At("tags").List!.Type);
        Assert.Equal(["kind", "name"], spec.At("parts").List!.Keys);
        Assert.Equal(ListType.Atomic, spec.At("plain").List!.Type);
        Assert.True(spec.At("whole").Map!.IsAtomic);
        Assert.NotNull(spec.At("free").Map!.Element);
    }

    [Fact]
    public void An_unknown_kind_merges_maps_and_replaces_lists()
    {
        var schema = ObjectSchema.Untyped(new("x.y", "v1", "Z"));
        Assert.False(schema.IsTyped);
        Assert.Equal(ListType.Atomic, schema.Root.At("spec", "anything").List!.Type);
        Assert.False(schema.Root.At("spec", "anything").Map!.IsAtomic);
    }

    [Fact]
    public void Empty_structs_are_filled_in_as_servers_show_them()
    {
        var kind = BuiltInSchemas.For(new("apps", "v1", "Deployment"));
        var filled = EmptyFields.Fill((YamlMap)JsonText.Read("""{"metadata":{"name":"a"},"spec":{"template":{"spec":{"containers":[{"name":"a"}]}}}}"""), kind.Root);
        Assert.Equal("{}", filled.At("status")!.ToString());
        Assert.Equal("{}", filled.At("spec", "strategy")!.ToString());
        Assert.Equal("""[{"name":"a","resources":{}}]""", filled.At("spec", "template", "spec", "containers")!.ToString());
    }
}
