using Capstan.Trees;

namespace Capstan.Helm.Tests.Values;

public sealed class SchemaTests
{
    // The messages are helm 4.1.4's own.
    [Theory]
    [InlineData("{\"not\": {}}", "1", "'not' failed")]
    [InlineData("{\"anyOf\": [{\"type\": \"number\"}, {\"type\": \"null\"}]}", "\"t\"", "'anyOf' failed\n  - at '/a': got string, want number\n  - at '/a': got string, want null")]
    [InlineData("{\"oneOf\": [{\"type\": \"number\"}, {\"minimum\": 1}]}", "3", "'oneOf' failed, subschemas 0, 1 matched")]
    [InlineData("{\"enum\": [\"a\", \"b\", 1, null]}", "5", "value must be one of 'a', 'b', 1, <nil>")]
    [InlineData("{\"const\": \"x\"}", "1", "value must be 'x'")]
    [InlineData("{\"additionalProperties\": false}", "{\"x\": 1, \"y\": 2}", "additional properties 'x', 'y' not allowed")]
    [InlineData("{\"uniqueItems\": true}", "[1, 1]", "items at 0 and 1 are equal")]
    [InlineData("{\"pattern\": \"^a\"}", "\"b\"", "'b' does not match pattern '^a'")]
    [InlineData("{\"maximum\": 70000}", "80000", "maximum: got 80,000, want 70,000")]
    [InlineData("{\"type\": [\"object\", \"string\"]}", "4", "got number, want string or object")]
    [InlineData("{\"$dynamicRef\": \"#n\", \"$defs\": {\"n\": {\"$dynamicAnchor\": \"n\", \"type\": \"integer\"}}}", "\"x\"", "got string, want integer")]
    public void Messages_are_those_of_helm(string schema, string value, string message)
    {
        var tree = MemoryTree.Of(
            ("Chart.yaml", "apiVersion: v2\nname: q\nversion: 0.1.0\n"),
            ("values.yaml", $"{{\"a\": {value}}}"),
            ("values.schema.json", $"{{\"properties\": {{\"a\": {schema}}}}}"));
        var result = new HelmRenderer().Render(new HelmRenderRequest { Tree = tree }, TestContext.Current.CancellationToken);
        Assert.Equal(
            $"values don't meet the specifications of the schema(s) in the following chart(s):\nq:\n- at '/a': {message}\n", result.Error?.Message);
    }

    // As helm 4.1.4 tells them too.
    [Theory]
    [InlineData("""{"$schema": "https://json-schema.org/draft/2020-12/schema", "$dynamicAnchor": "n", "properties": {"c": {"$dynamicRef": "#n"}, "v": {"type": "integer"}}}""", """{"c": {"v": "x"}}""", "- at '/c/v': got string, want integer")]
    [InlineData("""{"$schema": "https://json-schema.org/draft/2019-09/schema", "properties": {"c": {"$recursiveRef": "#"}, "v": {"type": "integer"}}}""", """{"c": {"v": "x"}}""", "- at '/c/v': got string, want integer")]
    [InlineData("""{"$schema": "https://json-schema.org/draft/2020-12/schema", "properties": {"a": {"prefixItems": [{"type": "string"}], "items": false}}}""", """{"a": ["x", 1]}""", "- at '/a/0': false schema")]
    [InlineData("""{"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"a": {"items": [{}], "additionalItems": {"type": "string"}}}}""", """{"a": [1, 2]}""", "- at '/a/0': got number, want string")]
    [InlineData("""{"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"a": {"format": "date-time"}}}""", """{"a": "x"}""", "- at '/a': 'x' is not valid date-time: less than 20 characters long")]
    [InlineData("""{"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"a": {"format": "hostname"}}}""", """{"a": "x-"}""", "- at '/a': 'x-' is not valid hostname: label ends with hyphen")]
    [InlineData("""{"properties": {"a": {"$ref": "#/nope"}}}""", """{"a": 1}""", "json-pointer in \"file:///values.schema.json#/nope\" not found")]
    public void Drafts_have_their_own_words(string schema, string values, string problem)
    {
        var tree = MemoryTree.Of(("Chart.yaml", "apiVersion: v2\nname: q\nversion: 0.1.0\n"), ("values.yaml", values), ("values.schema.json", schema));
        var result = new HelmRenderer().Render(new HelmRenderRequest { Tree = tree }, TestContext.Current.CancellationToken);
        Assert.Equal(problem, result.Error?.Message.TrimEnd('\n').Split('\n')[^1]);
    }

    [Fact]
    public void A_type_that_is_no_name_is_refused() => Assert.Contains(
        "names a type that is",
        new HelmRenderer().Render(
            new HelmRenderRequest { Tree = MemoryTree.Of(("Chart.yaml", "apiVersion: v2\nname: q\nversion: 0.1.0\n"), ("values.schema.json", "{\"type\": 5}")) },
            TestContext.Current.CancellationToken).Error!.Message,
        StringComparison.Ordinal);
}
