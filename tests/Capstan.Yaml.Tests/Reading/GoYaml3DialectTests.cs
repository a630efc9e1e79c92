namespace Capstan.Yaml.Tests.Reading;

public sealed class GoYaml3DialectTests
{
    private static readonly ReadLimits Limits = new() { Dialect = YamlDialect.GoYaml3 };

    [Theory]
    [InlineData("a: on", """{"a":"on"}""")]
    [InlineData("a: yes", """{"a":"yes"}""")]
    [InlineData("a: True", """{"a":true}""")]
    [InlineData("on: 1", """{"on":1}""")]
    [InlineData("1.50: a", """{"1.50":"a"}""")]
    [InlineData("a: 0644", """{"a":420}""")]
    [InlineData("a: 2020-1-2", """{"a":"2020-01-02T00:00:00Z"}""")]
    [InlineData("a: 2020-01-02 03:04:05.120", """{"a":"2020-01-02T03:04:05.12Z"}""")]
    [InlineData("a: 2020-01-02T03:04:05+02:00", """{"a":"2020-01-02T03:04:05+02:00"}""")]
    [InlineData("x: &x {a: 1}\ny: {a: 2, <<: *x}", """{"x":{"a":1},"y":{"a":2}}""")]
    [InlineData("x: &x {a: 1}\ny: {<<: *x, a: 2}", """{"x":{"a":1},"y":{"a":2}}""")]
    [InlineData("x: &x {a: 1}\nz: &z {a: 3}\ny: {<<: [*x, *z]}", """{"x":{"a":1},"z":{"a":3},"y":{"a":1}}""")]
    public void Plain_texts_mean_what_they_mean_to_go_yaml_3(string text, string json) =>
        Assert.Equal(json, JsonText.Write(YamlText.ReadOne(text, Limits)));

    [Theory]
    [InlineData("1.10", "1.1")]
    [InlineData("0x1F", "31")]
    [InlineData("~", "null")]
    [InlineData("TRUE", "true")]
    [InlineData("text", "text")]
    public void Scalars_remember_how_they_were_written(string source, string text)
    {
        var scalar = (YamlScalar)((YamlMap)YamlText.ReadOne("a: " + source))["a"]!;
        Assert.Equal((source, text), (scalar.Source, scalar.Text));
        Assert.Equal(source, scalar.At(new Position(1, 1)).Source);
    }

    [Theory]
    [InlineData("12", ScalarKind.Integer)]
    [InlineData("on", ScalarKind.String)]
    [InlineData("null", ScalarKind.Null)]
    [InlineData("1e3", ScalarKind.Integer)]
    [InlineData("a b", ScalarKind.String)]
    public void A_text_tells_what_it_would_be_without_quotes(string text, ScalarKind kind) => Assert.Equal(kind, YamlText.Plain(text, YamlDialect.GoYaml3).Kind);
}
