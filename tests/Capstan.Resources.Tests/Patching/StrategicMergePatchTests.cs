using Capstan.Yaml;

namespace Capstan.Resources.Tests;

public sealed class StrategicMergePatchTests
{
    private static readonly ObjectSchema Deployment = BuiltInSchemas.For(new("apps", "v1", "Deployment"));

    [Theory]
    [InlineData("""[{"name":"a","image":"1"}]""", """[{"name":"a","image":"2","$patch":"merge"}]""", """[{"name":"a","image":"2"}]""")]
    [InlineData("""[{"name":"a"},{"name":"b"}]""", """[{"name":"c"},{"name":"a","$patch":"delete"}]""", """[{"name":"c"},{"name":"b"}]""")]
    [InlineData("""[{"name":"a"}]""", """[{"name":"b","image":null,"env":[{"name":"x","$patch":"delete"}]}]""", """[{"name":"b","env":[]},{"name":"a"}]""")]
    public void Containers_merge_by_name(string before, string patch, string after)
    {
        var result = StrategicMergePatch.Apply(Pod(before), Pod(patch), Deployment.Root);
        var names = (YamlList)result.At("spec", "template", "spec", "containers")!;
        Assert.Equal(((YamlList)JsonText.Read(after)).OrderBy(i => i.ToString()), names.OrderBy(i => i.ToString()));
    }

    [Theory]
    [InlineData("""{"spec":{"$patch":"explode"}}""", "Unknown patch type")]
    [InlineData("""{"spec":{"template":{"spec":{"containers":[{"image":"x"}]}}}}""", "has no name")]
    [InlineData("""{"spec":{"template":{"spec":{"containers":["x"]}}}}""", "must be maps")]
    [InlineData("""{"spec":{"strategy":{"$retainKeys":["a"],"type":"x"}}}""", "$retainKeys")]
    public void Malformed_patches_say_why(string patch, string message)
    {
        var live = Pod("""[{"name":"a"}]""").WithAt(["spec", "strategy", "type"], "x");
        var refused = Assert.Throws<PatchException>(() => StrategicMergePatch.Apply(live, (YamlMap)JsonText.Read(patch), Deployment.Root));
        Assert.Equal(PatchProblem.Malformed, refused.Problem);
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_three_way_patch_removes_what_was_applied_and_keeps_what_was_not()
    {
        var last = Pod("""[{"name":"web","image":"1","env":[{"name":"A","value":"1"},{"name":"B","value":"2"}]},{"name":"old","image":"1"}]""");
        var wanted = Pod("""[{"name":"web","image":"2","env":[{"name":"B","value":"2"}]}]""");
        var live = Pod("""[{"name":"web","image":"1","tty":true,"env":[{"name":"A","value":"1"},{"name":"B","value":"2"},{"name":"C","value":"3"}]},{"name":"old","image":"1"},{"name":"sidecar","image":"9"}]""");
        var patch = LastApplied.CreatePatch(last, wanted, live, Deployment, strategic: true);
        Assert.Equal(
            Pod("""[{"name":"web","image":"2","tty":true,"env":[{"name":"B","value":"2"},{"name":"C","value":"3"}]},{"name":"sidecar","image":"9"}]"""),
            StrategicMergePatch.Apply(live, patch, Deployment.Root));
        Assert.Empty(LastApplied.CreatePatch(wanted, wanted, wanted, Deployment, strategic: true));
    }

    private static YamlMap Pod(string containers) => YamlMap.Empty.WithAt(["spec", "template", "spec", "containers"], JsonText.Read(containers));
}
