using Capstan.Helm.Rendering;
using Capstan.Trees;

namespace Capstan.Helm.Tests.SourceMaps;

public sealed class SourceMapTests
{
    private static readonly MemoryTree Chart = MemoryTree.Of(
        ("Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n"),
        ("values.yaml", "image: {tag: '1'}\nports: [{name: http, number: 80}, {name: tls, number: 443}]\nresources: {limits: {cpu: 1}}\nprobe: {path: /}\nsub: {size: 3}\nextra: 'from: {{ .Release.Name }}'\n"),
        ("templates/_helpers.tpl", "{{- define \"labels\" -}}\napp: shop\nrelease: {{ .Release.Name }}\nversion: {{ .Values.image.tag | quote }}\n{{- end -}}\n"),
        ("templates/a.yaml", """
            # a comment
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: a
              labels:
                {{- include "labels" . | nindent 4 }}
            data:
              tag: {{ .Values.image.tag }}-{{ .Values.image.tag }}{{ default .Values.sub.size .Values.nothing }}
              {{- range .Values.ports }}
              {{ .name }}: {{ .number | quote }}
              {{- end }}
              {{- with .Values.probe }}
              probe: {{ .path }}
              {{- end }}
              {{- toYaml .Values.resources.limits | nindent 2 }}
              {{ tpl .Values.extra . }}
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: b
            """),
        ("charts/sub/Chart.yaml", "apiVersion: v2\nname: sub\nversion: 1.0.0\n"),
        ("charts/sub/templates/c.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  size: {{ .Values.size }}\n"));

    private static HelmRenderResult Render(bool map) =>
        new HelmRenderer().Render(new HelmRenderRequest { Tree = Chart, SourceMap = map }, TestContext.Current.CancellationToken);

    private static LineOrigin OriginOf(string name, string line)
    {
        var manifest = Render(map: true).Manifests.Single(m => m.Content.Contains($"name: {name}\n", StringComparison.Ordinal) || m.Content.EndsWith($"name: {name}", StringComparison.Ordinal) || m.Content.Contains($"{{name: {name}}}", StringComparison.Ordinal));
        var at = manifest.Content.Split('\n').Index().Single(l => l.Item.Trim() == line).Index;
        return manifest.Lines[at];
    }

    [Theory]
    [InlineData("a", "kind: ConfigMap", "templates/a.yaml", 3, "")]
    [InlineData("a", "app: shop", "templates/_helpers.tpl", 2, "")]
    [InlineData("a", "release: release-name", "templates/_helpers.tpl", 3, "")]
    [InlineData("a", "version: \"1\"", "templates/_helpers.tpl", 4, "image.tag")]
    [InlineData("a", "tag: 1-13", "templates/a.yaml", 9, "image.tag sub.size nothing")]
    [InlineData("a", "tls: \"443\"", "templates/a.yaml", 11, "ports[].name ports[].number")]
    [InlineData("a", "probe: /", "templates/a.yaml", 14, "probe.path")]
    [InlineData("a", "cpu: 1", "templates/a.yaml", 16, "resources.limits")]
    [InlineData("a", "from: release-name", "templates/a.yaml", 17, "extra")]
    [InlineData("b", "name: b", "templates/a.yaml", 22, "")]
    [InlineData("c", "size: 3", "charts/sub/templates/c.yaml", 5, "sub.size")]
    public void Each_line_knows_its_template_line_and_its_value(string manifest, string line, string path, int at, string values) =>
        Assert.Equal(new LineOrigin(path, at, values), OriginOf(manifest, line));

    [Fact]
    public void The_output_is_the_same_and_nothing_is_kept_when_nobody_asks()
    {
        Assert.Equal(Render(map: false).Output, Render(map: true).Output);
        Assert.All(Render(map: false).Manifests, m => Assert.Empty(m.Lines));
    }
}
