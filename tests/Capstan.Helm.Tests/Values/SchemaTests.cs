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
}
