using Capstan.Yaml;

namespace Capstan.Resources.Tests;

public sealed class JsonPatchTests
{
    [Theory]
    [InlineData("""{"a":[1,2]}""", """[{"op":"add","path":"/a/1","value":9}]""", """{"a":[1,9,2]}""")]
    [InlineData("""{"a":[1,2]}""", """[{"op":"add","path":"/a/-","value":9}]""", """{"a":[1,2,9]}""")]
    [InlineData("""{"a":[1,2]}""", """[{"op":"remove","path":"/a/-1"}]""", """{"a":[1]}""")]
    [InlineData("""{"a":{"b":1}}""", """[{"op":"move","from":"/a/b","path":"/c"}]""", """{"a":{},"c":1}""")]
    [InlineData("""{"a":1}""", """[{"op":"replace","path":"","value":{"b":2}}]""", """{"b":2}""")]
    [InlineData("""{"a":1}""", """[{"op":"test","path":"/b","value":null}]""", """{"a":1}""")]
    [InlineData("""{"a":1}""", """[{"op":"add","path":"/b","value":null}]""", """{"a":1,"b":null}""")]
    [InlineData("""{"a/b":1,"m~n":2}""", """[{"op":"replace","path":"/a~1b","value":3},{"op":"remove","path":"/m~0n"}]""", """{"a/b":3}""")]
    public void Operations_do_what_RFC_6902_says(string document, string patch, string expected) =>
        Assert.Equal(JsonText.Read(expected), JsonPatch.Apply(JsonText.Read(document), JsonText.Read(patch)));

    [Theory]
    [InlineData("""[{"op":"remove","path":"/x"}]""", PatchProblem.DoesNotApply, "doc is missing path: /x")]
    [InlineData("""[{"op":"replace","path":"/x","value":1}]""", PatchProblem.DoesNotApply, "doc is missing key: /x")]
    [InlineData("""[{"op":"add","path":"/x/y/z","value":1}]""", PatchProblem.DoesNotApply, "doc is missing path: /x/y/z")]
    [InlineData("""[{"op":"add","path":"/l/3","value":1}]""", PatchProblem.DoesNotApply, "invalid index")]
    [InlineData("""[{"op":"add","path":"/l/01","value":1}]""", PatchProblem.DoesNotApply, "invalid index")]
    [InlineData("""[{"op":"test","path":"/a","value":2}]""", PatchProblem.DoesNotApply, "testing value /a failed")]
    [InlineData("""[{"op":"jump","path":"/a"}]""", PatchProblem.Malformed, "Unexpected kind: jump")]
    [InlineData("""[{"op":"add","path":"/a"}]""", PatchProblem.Malformed, "has no \"value\"")]
    [InlineData("""[{"op":"add","path":"a","value":1}]""", PatchProblem.Malformed, "must begin with a slash")]
    [InlineData("""{"op":"add"}""", PatchProblem.Malformed, "must be a list")]
    public void What_does_not_apply_says_why(string patch, PatchProblem problem, string message)
    {
        var refused = Assert.Throws<PatchException>(() => JsonPatch.Apply(JsonText.Read("""{"a":1,"l":[1]}"""), JsonText.Read(patch)));
        Assert.Equal(problem, refused.Problem);
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_many_operations_and_too_much_copying_are_refused()
    {
        var test = JsonText.Read("""{"op":"test","path":"/a","value":1}""");
        var document = JsonText.Read("""{"a":1,"l":[]}""");
        Assert.Equal(PatchProblem.TooLarge, Assert.Throws<PatchException>(() => JsonPatch.Apply(document, new YamlList(Enumerable.Repeat(test, 10_001)))).Problem);
        Assert.Equal(document, JsonPatch.Apply(document, new YamlList(Enumerable.Repeat(test, 10_000))));

        // Each copy doubles the document.
        var copies = Enumerable.Range(0, 40).Select(_ => JsonText.Read("""{"op":"copy","from":"","path":"/l/-"}"""));
        Assert.Equal(PatchProblem.TooLarge, Assert.Throws<PatchException>(() => JsonPatch.Apply(document, new YamlList(copies))).Problem);
    }

    [Fact]
    public void A_path_of_many_steps_ends_without_a_stack_overflow()
    {
        var path = string.Concat(Enumerable.Repeat("/a", 100_000));
        var patch = new YamlList([YamlMap.Of(("op", "add"), ("path", path), ("value", 1))]);
        Assert.Equal(PatchProblem.DoesNotApply, Assert.Throws<PatchException>(() => JsonPatch.Apply(JsonText.Read("""{"a":1}"""), patch)).Problem);
    }
}
