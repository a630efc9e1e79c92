using Capstan.Trees;

namespace Capstan.Helm.Tests.SourceMaps;

/// <summary>What stands below Helm's own text.</summary>
public sealed class ErrorPlaceTests
{
    [Theory]
    [InlineData("a: {{ .Values.a.b.c }}", ".Values.a")]
    [InlineData("a: {{ .Values.image.imageTag.image }}", ".Values.image")]
    [InlineData("{{ $x := .Values }}{{ $x.a.b }}", "$x.a")]
    [InlineData("a: {{ upper .Values.x }}", ".Values.x")]
    [InlineData("a: {{ .Foo.bar.baz }}", ".Foo")]
    [InlineData("a: {{ fail \"no\" }}", "")]
    [InlineData("a: {{ add 1 | upper }}", "")]
    public void The_value_that_was_nil_is_named(string template, string path) => Assert.Equal(path, Fail(("templates/a.yaml", template)).NilValue);

    [Fact]
    public void Chart_file_line_and_column_come_with_the_line_and_a_caret()
    {
        var error = Fail(("templates/a.yaml", "a: 1"), ("charts/sub/Chart.yaml", "apiVersion: v2\nname: sub\nversion: 0.1.0\n"), ("charts/sub/templates/b.yaml", "b: 1\nc: {{ .Values.a.b }}\n"));
        Assert.Equal("chart sub: q/charts/sub/templates/b.yaml:2:13: .Values.a is nil\n  c: {{ .Values.a.b }}\n               ^\n", error.Excerpt);
        Assert.Equal("chart q: q/templates/a.yaml:1:7\n  {{ end }}\n         ^\n", Fail(("templates/a.yaml", "{{ end }}")).Excerpt);
    }

    private static HelmError Fail(params (string, string)[] files) => new HelmRenderer().Render(
        new HelmRenderRequest { Tree = MemoryTree.Of([("Chart.yaml", "apiVersion: v2\nname: q\nversion: 0.1.0\n"), .. files]) }, TestContext.Current.CancellationToken).Error!;
}
