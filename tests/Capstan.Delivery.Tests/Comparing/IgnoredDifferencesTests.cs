using Capstan.Delivery.Comparing.Ignoring;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Comparing;

public sealed class IgnoredDifferencesTests
{
    private const string Source = "\"source\":{\"repoURL\":\"x\",\"path\":\"p\"},\"destination\":{\"server\":\"https://kubernetes.default.svc\"}";

    private const string Deployment = """
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop","annotations":{"example.com/a":"1"}},
         "spec":{"replicas":2,"template":{"spec":{"containers":[{"name":"main","image":"a:1"},{"name":"proxy","image":"p:1"},{"name":"log-x","image":"l:1"}]}}}}
        """;

    private static IgnoredDifferences Rules(string rule)
    {
        var read = Make.Application($"{{{Source},\"ignoreDifferences\":[{rule}]}}");
        Assert.Empty(read.Problems);
        return read.Ignored;
    }

    private static string Left(string rule)
    {
        var made = Make.Object(Deployment);
        var (desired, live) = Rules(rule).Strip(made, made);
        Assert.Equal(desired.Body, live.Body);
        return JsonText.Write(desired.Body.Without("apiVersion").Without("kind").WithoutAt("metadata", "name").WithoutAt("metadata", "namespace"));
    }

    [Theory]
    [InlineData("\"jsonPointers\":[\"/spec/replicas\"]", "\"replicas\"")]
    [InlineData("\"jsonPointers\":[\"/metadata/annotations/example.com~1a\"]", "example.com")]
    [InlineData("\"jsonPointers\":[\"/spec/template/spec/containers/1\"]", "proxy")]
    [InlineData("\"jqPathExpressions\":[\".spec.replicas\"]", "\"replicas\"")]
    [InlineData("\"jqPathExpressions\":[\".spec.template.spec.containers[] | select(.name == \\\"proxy\\\")\"]", "proxy")]
    [InlineData("\"jqPathExpressions\":[\".spec.template.spec.containers[1].image\"]", "p:1")]
    [InlineData("\"jqPathExpressions\":[\".metadata.annotations[\\\"example.com/a\\\"]\"]", "example.com")]
    [InlineData("\"jqPathExpressions\":[\".spec.template.spec.containers[]? | select(.name | startswith(\\\"log-\\\")) | .image\"]", "l:1")]
    [InlineData("\"jqPathExpressions\":[\".spec.template.spec.containers[] | select(.name != \\\"main\\\" and (.image | test(\\\"^p:\\\")))\"]", "proxy")]
    public void A_field_that_does_not_count_is_on_neither_side(string rule, string gone)
    {
        var left = Left($"{{\"group\":\"apps\",\"kind\":\"Deployment\",{rule}}}");
        Assert.DoesNotContain(gone, left, StringComparison.Ordinal);
        Assert.Contains("main", left, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"group\":\"\",\"kind\":\"Deployment\",\"jsonPointers\":[\"/spec\"]}")]
    [InlineData("{\"group\":\"apps\",\"kind\":\"StatefulSet\",\"jsonPointers\":[\"/spec\"]}")]
    [InlineData("{\"group\":\"apps\",\"kind\":\"Deployment\",\"name\":\"other\",\"jsonPointers\":[\"/spec\"]}")]
    [InlineData("{\"group\":\"apps\",\"kind\":\"Deployment\",\"namespace\":\"other\",\"jsonPointers\":[\"/spec\"]}")]
    [InlineData("{\"group\":\"apps\",\"kind\":\"Deployment\",\"jsonPointers\":[\"/spec/none/below\",\"/spec/template/spec/containers/9\"]}")]
    [InlineData("{\"group\":\"apps\",\"kind\":\"Deployment\",\"jqPathExpressions\":[\".spec.replicas.below\", \".spec.none[]?\"]}")]
    public void What_a_rule_does_not_name_counts(string rule) => Assert.Contains("\"replicas\"", Left(rule), StringComparison.Ordinal);

    [Fact]
    public void A_rule_for_any_kind_and_group_concerns_all() =>
        Assert.DoesNotContain("\"replicas\"", Left("{\"group\":\"*\",\"kind\":\"*\",\"jsonPointers\":[\"/spec/replicas\"]}"), StringComparison.Ordinal);

    [Fact]
    public void What_another_manager_owns_does_not_count()
    {
        var live = Make.Object(Deployment).With(["metadata", "managedFields"], JsonText.Read("""
            [{"manager":"scaler","operation":"Update","apiVersion":"apps/v1","fieldsType":"FieldsV1",
              "fieldsV1":{"f:spec":{"f:replicas":{},"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"proxy\"}":{"f:image":{}}}}}}}}]
            """));
        var (desired, counted) = Rules("""{"group":"apps","kind":"Deployment","managedFieldsManagers":["scaler"]}""").Strip(Make.Object(Deployment), live);
        foreach (var side in new[] { desired, counted })
        {
            Assert.Null(side.Spec["replicas"]);
            var containers = (YamlList)side.Spec.At("template", "spec", "containers")!;
            Assert.Equal(["a:1", null, "l:1"], containers.Select(c => ((YamlMap)c)["image"]?.AsString()));
        }
    }

    [Fact]
    public void A_sync_that_respects_them_takes_the_live_values()
    {
        var rules = Rules("""{"group":"apps","kind":"Deployment","jsonPointers":["/spec/replicas","/spec/paused"],"jqPathExpressions":[".spec.template.spec.containers[] | select(.name == \"proxy\") | .image"]}""");
        var live = new KubernetesObject(Make.Object(Deployment.Replace("\"replicas\":2", "\"replicas\":7,\"paused\":true", StringComparison.Ordinal).Replace("p:1", "p:9", StringComparison.Ordinal)).Body);
        var adopted = rules.Adopt(Make.Object(Deployment), live);
        Assert.Equal("{\"replicas\":7,\"template\":{\"spec\":{\"containers\":[{\"name\":\"main\",\"image\":\"a:1\"},{\"name\":\"proxy\",\"image\":\"p:9\"},{\"name\":\"log-x\",\"image\":\"l:1\"}]}},\"paused\":true}", JsonText.Write(adopted.Spec));
        Assert.Null(rules.Adopt(live, Make.Object(Deployment)).Spec["paused"]);
    }

    [Theory]
    [InlineData(".", "")]
    [InlineData(".a | .b,.c", "")]
    [InlineData(".a[", "column 4: only []")]
    [InlineData("..", "column 2: recursive descent")]
    [InlineData(".a | foo(1)", "column 6: the function foo is not served")]
    [InlineData(".a == \"x", "column 9: the string has no end")]
    [InlineData("select(test(\"(a\"))", "is no pattern")]
    [InlineData(".a b", "column 4: \"b\" was not expected")]
    public void A_path_is_read_or_refused_with_the_column(string text, string problem)
    {
        Assert.Equal(problem.Length == 0, JqPath.TryParse(text, out _, out var said));
        Assert.Contains(problem, said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_that_would_never_end_gives_up_and_ignores_nothing()
    {
        Assert.False(JqPath.TryParse(new string('(', 5_000), out _, out _));
        Assert.False(JqPath.TryParse(string.Concat(Enumerable.Repeat("(", 100)) + "." + string.Concat(Enumerable.Repeat(")", 100)), out _, out var problem));
        Assert.Contains("nested too deep", problem, StringComparison.Ordinal);
        Assert.True(JqPath.TryParse(string.Join(" | ", Enumerable.Repeat("(.,.,.,.)", 12)), out var path, out _));
        Assert.Empty(path!.In(Make.Object(Deployment).Body));
    }
}
