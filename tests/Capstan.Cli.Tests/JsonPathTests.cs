using Capstan.Cli.Output;
using Capstan.Yaml;

namespace Capstan.Cli.Tests;

public class JsonPathTests
{
    private static readonly YamlNode Data = JsonText.Read("""
        {"items":[{"metadata":{"name":"a","labels":{"app.kubernetes.io/name":"x"}},"n":1},{"metadata":{"name":"b"},"n":2}],"flag":true}
        """);

    [Theory]
    [InlineData("{.items[*].metadata.name}", "a b")]
    [InlineData("{.items[0].metadata.name}", "a")]
    [InlineData("{.items[-1].n}", "2")]
    [InlineData("{$.flag}", "true")]
    [InlineData(".flag", "true")]
    [InlineData("{.items[0].metadata.labels.app\\.kubernetes\\.io/name}", "x")]
    [InlineData("{.items[0].metadata.labels['app.kubernetes.io/name']}", "x")]
    [InlineData("{range .items[*]}{.metadata.name}={.n}{\"\\n\"}{end}", "a=1\nb=2\n")]
    [InlineData("{.nothing.there}", "")]
    [InlineData("{.items[1].metadata}", "{\"name\":\"b\"}")]
    public void A_template_prints_what_kubectl_prints(string template, string expected) => Assert.Equal(expected, JsonPath.Parse(template).Apply(Data));

    [Theory]
    [InlineData("{.items")]
    [InlineData("{.items[?(@.n==1)]}")]
    [InlineData("{..name}")]
    [InlineData("{range .items[*]}x")]
    [InlineData("{end}")]
    public void What_is_not_served_is_refused(string template) => Assert.Throws<FormatException>(() => JsonPath.Parse(template));
}
