using Capstan.Helm.Applications;
using Capstan.Helm.Charts;
using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Helm.Tests.Applications;

public sealed class ArgoHelmSourceTests
{
    private static readonly MemoryTree Tree = MemoryTree.Of(
        ("chart/Chart.yaml", "apiVersion: v2\nname: q\nversion: 0.1.0\n"),
        ("chart/values.yaml", "a: default\nb: default\nc: default\nd: default\n"),
        ("chart/templates/a.yaml", "out: {{ .Release.Name }} {{ .Release.Namespace }} {{ .Values | toJson }}"),
        ("chart/crds/x.yaml", "kind: CustomResourceDefinition"),
        ("envs/one.yaml", "a: one"),
        ("envs/two.yaml", "a: two"),
        ("text.txt", "file, content"));

    [Fact]
    public void Parameters_win_over_the_object_which_wins_over_files()
    {
        var output = Render("""
            valueFiles: [../envs/one.yaml]
            valuesObject: {b: object}
            values: "b: text"
            parameters: [{name: c, value: "1,2"}, {name: d, value: "5", forceString: true}]
            """);
        Assert.Contains("out: app prod {\"a\":\"one\",\"b\":\"object\",\"c\":\"1,2\",\"d\":\"5\"}", output, StringComparison.Ordinal);
        Assert.Contains("CustomResourceDefinition", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_are_found_by_glob_from_the_root_and_by_reference()
    {
        Assert.Contains("\"a\":\"two\"", Render("valueFiles: [/envs/*.yaml]"), StringComparison.Ordinal);
        Assert.Contains("\"a\":\"two\"", Render("valueFiles: [$other/envs/two.yaml]"), StringComparison.Ordinal);
        Assert.Contains("\"a\":\"default\"", Render("{valueFiles: [nope.yaml], ignoreMissingValueFiles: true, skipCrds: true}"), StringComparison.Ordinal);
        Assert.Contains("\"a\":\"file, content\"", Render("fileParameters: [{name: a, path: ../text.txt}]"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../outside.yaml")]
    [InlineData("values.yaml/../../../x")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://127.0.0.1/values.yaml")]
    [InlineData("%2e%2e/%2e%2e/outside.yaml")]
    [InlineData("$nobody/values.yaml")]
    [InlineData("nope.yaml")]
    public void R5_files_outside_the_repository_are_refused(string file) =>
        Assert.Throws<ChartException>(() => Render($"valueFiles: ['{file}']"));

    [Fact]
    public void R2_a_values_file_that_is_a_link_out_of_the_repository_is_refused_and_one_within_it_works()
    {
        (TreePath, ReadOnlyMemory<byte>)[] files = [(TreePath.Parse("chart/Chart.yaml"), "apiVersion: v2\nname: q\nversion: 0.1.0\n"u8.ToArray()), (TreePath.Parse("envs/one.yaml"), "a: one"u8.ToArray())];
        IReadOnlyList<HelmValuesFile> Values(string target) => ArgoHelmSource.Read((YamlMap)YamlText.ReadOne("valueFiles: [link.yaml]"))
            .ToRequest(new ArgoHelmTarget { Tree = new MemoryTree(files, [(TreePath.Parse("chart/link.yaml"), target)]), ChartPath = TreePath.Parse("chart"), ApplicationName = "app" }).ValuesFiles;
        Assert.True(Values("../envs/one.yaml")[0].Content.Span.SequenceEqual("a: one"u8));
        Assert.DoesNotContain("passwd", Assert.Throws<ChartException>(() => Values("../../etc/passwd")).Message, StringComparison.Ordinal);
    }

    private static string Render(string helm)
    {
        var target = new ArgoHelmTarget
        {
            Tree = Tree,
            ChartPath = TreePath.Parse("chart"),
            ApplicationName = "app",
            Namespace = "prod",
            Reference = static name => name == "other" ? Tree : null,
        };
        var request = ArgoHelmSource.Read((YamlMap)YamlText.ReadOne(helm)).ToRequest(target);
        var result = new HelmRenderer().Render(request, TestContext.Current.CancellationToken);
        return result.Error is null ? result.Output : throw new ChartException(result.Error.Message);
    }
}
