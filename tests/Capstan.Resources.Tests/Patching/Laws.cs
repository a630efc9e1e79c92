using Capstan.Yaml;
using CsCheck;

namespace Capstan.Resources.Tests;

public sealed class Laws
{
    [Fact]
    public void A_field_set_is_what_was_written_of_it() => Trees.Sets.Sample(set => FieldSet.Parse(JsonText.Read(JsonText.Write(set.ToFieldsV1()))).Equals(set));

    [Fact]
    public void Field_sets_obey_the_algebra_of_sets() => Gen.Select(Trees.Sets, Trees.Sets).Sample((a, b) =>
    {
        var both = Names(a).Intersect(Names(b)).ToHashSet();
        return Names(a.Union(b)).SetEquals(Names(a).Union(Names(b))) && Names(a.Intersect(b)).SetEquals(both)
            && Names(a.Except(b)).SetEquals(Names(a).Except(both)) && a.Union(b).Equals(b.Union(a)) && a.Except(a).IsEmpty
            && a.Except(b).Union(a.Intersect(b)).Equals(a) && a.Paths().All(a.Has) && a.Count == Names(a).Count;
    });

    [Fact]
    public void A_created_merge_patch_leads_from_one_tree_to_the_other() => Gen.Select(Trees.Any, Trees.Any).Sample((from, to) =>
        MergePatch.Apply(from, MergePatch.Create(from, to)).Equals(to));

    [Fact]
    public void Applying_the_same_again_changes_nothing() => Gen.Select(Trees.Widgets, Trees.Widgets, Trees.Widgets).Sample((first, second, third) =>
    {
        var live = Apply(null, first, "alice").Object;
        live = Apply(live, second, "bob").Object;
        live = Apply(live, third, "alice").Object;
        var again = Apply(live, third, "alice");
        return !again.Changed && ReferenceEquals(again.Object, live);
    }, print: Show);

    [Fact]
    public void What_is_applied_is_there_and_what_nobody_applies_is_gone() => Gen.Select(Trees.Widgets, Trees.Widgets).Sample((first, second) =>
    {
        var live = Apply(Apply(null, first, "alice").Object, second, "alice").Object;
        var wanted = FieldSet.From(second.Body, Trees.Widget);
        var got = FieldSet.From(ManagedFields.Strip(live).Body, Trees.Widget);
        return wanted.Except(got).IsEmpty && got.Except(wanted).IsEmpty;
    }, print: pair => $"{pair.Item1.Body}\n{pair.Item2.Body}");

    [Fact]
    public void The_three_way_patch_brings_what_was_applied_to_what_is_wanted() => Gen.Select(Trees.Widgets, Trees.Widgets).Sample((last, wanted) =>
    {
        var patch = LastApplied.CreatePatch(last.Body, wanted.Body, last.Body, Trees.WidgetSchema, strategic: false);
        return MergePatch.Apply(last.Body, patch).Equals(wanted.Body);
    });

    [Fact]
    public void Adding_and_removing_by_JSON_patch_are_inverse() => Gen.Select(Trees.Maps, Trees.Any).Sample((map, value) =>
    {
        YamlNode patch = new YamlList([
            YamlMap.Of(("op", "add"), ("path", "/new~1key"), ("value", value)), YamlMap.Of(("op", "test"), ("path", "/new~1key"), ("value", value)),
            YamlMap.Of(("op", "move"), ("from", "/new~1key"), ("path", "/other")), YamlMap.Of(("op", "remove"), ("path", "/other"))]);
        return JsonPatch.Apply(map, patch).Equals(map);
    });

    private static string Show((KubernetesObject First, KubernetesObject Second, KubernetesObject Third) of) => $"{of.First.Body}\n{of.Second.Body}\n{of.Third.Body}";

    private static HashSet<string> Names(FieldSet set) => [.. set.Paths().Select(p => p.ToString())];

    private static ApplyOutcome.Applied Apply(KubernetesObject? live, KubernetesObject config, string manager) =>
        (ApplyOutcome.Applied)ServerSideApply.Apply(live, config, new WriteContext(manager, Trees.WidgetSchema, DateTimeOffset.UnixEpoch), true);
}
