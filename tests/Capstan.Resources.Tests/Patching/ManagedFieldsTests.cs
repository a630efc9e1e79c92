using Capstan.Yaml;

namespace Capstan.Resources.Tests;

public sealed class ManagedFieldsTests
{
    private static readonly ObjectSchema Schema = BuiltInSchemas.For(new("", "v1", "ConfigMap"));

    [Fact]
    public void After_a_take_over_what_leaves_Git_leaves_the_cluster()
    {
        var live = ManagedFields.AfterUpdate(null, Map("""{"a":"1","b":"2"}"""), Context("kubectl-client-side-apply", 1));
        var taken = ManagedFields.Write(live, ManagedFields.TakeOver(ManagedFields.Parse(live), new HashSet<string> { "kubectl-client-side-apply" }, "capstan"));
        var applied = Assert.IsType<ApplyOutcome.Applied>(ServerSideApply.Apply(taken, Map("""{"a":"1"}"""), Context("capstan", 2), false));
        Assert.Equal("""{"a":"1"}""", applied.Object.Body["data"]!.ToString());

        var without = Assert.IsType<ApplyOutcome.Applied>(ServerSideApply.Apply(live, Map("""{"a":"1"}"""), Context("capstan", 2), false));
        Assert.Equal("""{"a":"1","b":"2"}""", without.Object.Body["data"]!.ToString());
    }

    [Fact]
    public void A_take_over_leaves_controllers_and_their_subresources_alone()
    {
        var entries = new[]
        {
            Entry("kubectl", ManagedOperation.Update, "", "a"), Entry("kubectl", ManagedOperation.Update, "status", "s"),
            Entry("mesh", ManagedOperation.Update, "", "m"), Entry("capstan", ManagedOperation.Apply, "", "c"),
        };
        var taken = ManagedFields.TakeOver(entries, new HashSet<string> { "kubectl" }, "capstan");
        Assert.Equal(
            ["Apply capstan .a,.c", "Update kubectl .s", "Update mesh .m"],
            taken.Select(e => $"{e.Operation} {e.Manager} {string.Join(',', e.Fields.Paths())}").Order(StringComparer.Ordinal));
        Assert.Same(entries, ManagedFields.TakeOver(entries, new HashSet<string> { "argocd" }, "capstan"));
    }

    [Fact]
    public void A_write_without_effect_keeps_the_times()
    {
        var live = ManagedFields.AfterUpdate(null, Map("""{"a":"1"}"""), Context("alice", 1));
        Assert.Equal(live.Body, ManagedFields.AfterUpdate(live, live, Context("bob", 99)).Body);
    }

    [Fact]
    public void Many_updaters_become_ancient_changes()
    {
        var live = ManagedFields.AfterUpdate(null, Map("""{"k0":"0"}"""), Context("m0", 0));
        for (var i = 1; i <= 14; i++)
        {
            live = ManagedFields.AfterUpdate(live, live.With(["data", $"k{i}"], $"{i}"), Context($"m{i}", i));
        }

        var entries = ManagedFields.Parse(live);
        Assert.Equal(ManagedFields.MaxUpdateManagers, entries.Count);
        Assert.Contains(entries, e => e.Manager == "ancient-changes");
        Assert.Equal(16, entries.Sum(e => e.Fields.Count));
    }

    [Fact]
    public void Malformed_entries_are_as_good_as_none()
    {
        var live = Map("""{"a":"1"}""").With(["metadata", "managedFields"], JsonText.Read("""[{"manager":"x","operation":"Sing","apiVersion":"v1","fieldsV1":{"z":1}}]"""));
        Assert.Throws<FormatException>(() => ManagedFields.Parse(live));
        Assert.IsType<ApplyOutcome.Applied>(ServerSideApply.Apply(live, Map("""{"a":"1"}"""), Context("alice", 1), false));
    }

    [Fact]
    public void An_empty_map_that_is_applied_is_owned()
    {
        var applied = (ApplyOutcome.Applied)ServerSideApply.Apply(null, Map("{}"), Context("alice", 1), false);
        Assert.Equal("""{"f:data":{}}""", ManagedFields.Parse(applied.Object).Single().Fields.ToFieldsV1().ToString());
    }

    [Fact]
    public void Conflicts_speak_as_Kubernetes_does()
    {
        var live = ManagedFields.AfterUpdate(null, Map("""{"a":"1","b":"2"}"""), Context("kubectl-client-side-apply", 1));
        var one = Assert.IsType<ApplyOutcome.Conflicted>(ServerSideApply.Apply(live, Map("""{"a":"x"}"""), Context("capstan", 2), false));
        Assert.Equal("Apply failed with 1 conflict: conflict with \"kubectl-client-side-apply\" using v1: .data.a", one.Message);
        var two = Assert.IsType<ApplyOutcome.Conflicted>(ServerSideApply.Apply(live, Map("""{"a":"x","b":"y"}"""), Context("capstan", 2), false));
        Assert.Equal("Apply failed with 2 conflicts: conflicts with \"kubectl-client-side-apply\" using v1:\n- .data.a\n- .data.b", two.Message);
    }

    private static ManagedEntry Entry(string manager, ManagedOperation operation, string subresource, string field) =>
        new(manager, operation, "v1", subresource, DateTimeOffset.UnixEpoch, FieldSet.Of(FieldPath.Of(field)));

    private static WriteContext Context(string manager, int second) => new(manager, Schema, DateTimeOffset.UnixEpoch.AddSeconds(second));

    private static KubernetesObject Map(string data) =>
        new((YamlMap)JsonText.Read($$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{{{data}}}}"""));
}
