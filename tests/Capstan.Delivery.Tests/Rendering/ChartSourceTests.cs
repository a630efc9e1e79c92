using Capstan.Delivery.Applications;
using Capstan.Delivery.Rendering;
using Capstan.Delivery.Sync.Directives;
using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Rendering;

public sealed class ChartSourceTests
{
    private const string Chart = "apiVersion: v2\nname: shop\nversion: 1.0.0\n";

    private const string Template = """
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: {{ .Release.Name }}
          namespace: {{ .Release.Namespace }}
        data:
          colour: {{ .Values.colour | quote }}
          size: {{ .Values.size | quote }}
          kube: {{ .Capabilities.KubeVersion.Version }}
          crons: {{ .Capabilities.APIVersions.Has "example.org/v1/Cron" | quote }}
        """;

    private static readonly RenderTarget Target = new("web", "prod", "default", new ClusterVersions("v1.33.1+k3s1", ["example.org/v1", "example.org/v1/Cron"]));

    private static MemoryTree Tree(params (string, string)[] more) => MemoryTree.Of(
        [("deploy/Chart.yaml", Chart), ("deploy/values.yaml", "colour: red\nsize: 1\n"), ("deploy/templates/a.yaml", Template), .. more]);

    private static ApplicationSource Source(string helm = "") => (helm.Length == 0 ? Make.Application(Spec("")) : Make.Application(Spec($",\"helm\":{helm}"))).Source;

    private static string Spec(string more) => $$"""
        {"source":{"repoURL":"https://git.example/shop.git","path":"deploy"{{more}}},"destination":{"server":"https://kubernetes.default.svc","namespace":"prod"} }
        """;

    private static RenderedSource Render(SourceTree tree, string helm = "", string commit = "0123456789abcdef") => new RenderCache().Render(tree, Source(helm), commit, target: Target);

    private static YamlMap Data(RenderedSource rendered)
    {
        Assert.Empty(rendered.Problems);
        return (YamlMap)Assert.Single(rendered.Manifests).Object.Body["data"]!;
    }

    [Fact]
    public void A_chart_is_rendered_for_the_application_its_namespace_and_its_cluster()
    {
        var rendered = Render(Tree());
        var data = Data(rendered);
        Assert.Equal("Helm", rendered.SourceType);
        Assert.Equal("web", rendered.Manifests[0].Object.Name);
        Assert.Equal("prod", rendered.Manifests[0].Object.Namespace);
        Assert.Equal("v1.33.1+k3s1", data["kube"]!.AsString());
        Assert.Equal("true", data["crons"]!.AsString());
        Assert.Equal("deploy/templates/a.yaml", rendered.Manifests[0].Origin.ToString());
    }

    [Fact]
    public void Values_win_in_the_order_of_Argo_CD()
    {
        var tree = Tree(("deploy/prod.yaml", "colour: file\nsize: file\n"));
        Assert.Equal("file", Data(Render(tree, """{"valueFiles":["prod.yaml"]}"""))["colour"]!.AsString());
        Assert.Equal("object", Data(Render(tree, """{"valueFiles":["prod.yaml"],"values":"colour: text","valuesObject":{"colour":"object"}}"""))["colour"]!.AsString());
        var all = Data(Render(tree, """{"valueFiles":["prod.yaml"],"values":"colour: text","parameters":[{"name":"colour","value":"single"}]}"""));
        Assert.Equal("single", all["colour"]!.AsString());
        Assert.Equal("file", all["size"]!.AsString());
    }

    [Fact]
    public void A_changed_file_in_the_charts_folder_renders_only_what_read_it()
    {
        const string Reading = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\ndata: {note: {{ .Files.Get \"notes/b.txt\" | quote }}, all: {{ (.Files.Glob \"lists/*\").AsConfig | quote }}}\n";
        (string, string)[] files = [("deploy/a.yaml", "colour: a\n"), ("deploy/env/b.yaml", "colour: b\n"), ("deploy/notes/b.txt", "1"), ("deploy/notes/c.txt", "1"), ("deploy/lists/x", "1"), ("deploy/templates/b.yaml", Reading)];
        string[] sources = ["""{"valueFiles":["a.yaml"]}""", """{"valueFiles":["env/b.yaml"]}"""];
        var cache = new RenderCache();
        int RenderedAfter(params (string Path, string Text)[] changes)
        {
            var tree = Tree([.. files.Where(f => changes.All(c => c.Path != f.Item1)), .. changes]);
            var before = cache.Rendered;
            foreach (var source in sources)
            {
                Assert.Empty(cache.Render(tree, Source(source), "0", target: Target).Problems);
            }

            return (int)(cache.Rendered - before);
        }

        Assert.Equal(2, RenderedAfter());
        Assert.Equal(0, RenderedAfter());
        Assert.Equal(1, RenderedAfter(("deploy/a.yaml", "colour: c\n")));
        Assert.Equal(1, RenderedAfter(("deploy/env/b.yaml", "colour: c\n")));
        Assert.Equal(0, RenderedAfter(("deploy/notes/c.txt", "2")));
        Assert.Equal(2, RenderedAfter(("deploy/notes/b.txt", "2")));
        Assert.Equal(2, RenderedAfter(("deploy/lists/x", "2")));
        Assert.Equal(2, RenderedAfter(("deploy/lists/y", "1")));
        Assert.Equal(2, RenderedAfter(("deploy/templates/c.yaml", "{{/* nothing */}}")));
        Assert.Equal(2, RenderedAfter(("deploy/charts/sub/Chart.yaml", "apiVersion: v2\nname: sub\nversion: 1.0.0\n")));
        Assert.Equal(2, RenderedAfter(("deploy/.helmignore", "x\n")));
    }

    [Theory]
    [InlineData("$ARGOCD_APP_NAME", "web")]
    [InlineData("${ARGOCD_APP_NAMESPACE}-x", "prod-x")]
    [InlineData("$ARGOCD_APP_REVISION_SHORT", "0123456")]
    [InlineData("$ARGOCD_APP_SOURCE_PATH", "deploy")]
    [InlineData("a$$b", "a$b")]
    [InlineData("[$NOT_KNOWN]", "[]")]
    public void Parameters_know_the_build_environment(string text, string value) =>
        Assert.Equal(value, Data(Render(Tree(), $$"""{"parameters":[{"name":"colour","value":"{{text}}","forceString":true}]}"""))["colour"]!.AsString());

    [Fact]
    public void A_file_of_the_repository_overrides_the_source_for_all_or_for_one_application()
    {
        var tree = Tree(("deploy/.argocd-source.yaml", "helm: {parameters: [{name: colour, value: all}]}\npath: elsewhere\n"));
        Assert.Equal("all", Data(Render(tree))["colour"]!.AsString());
        var own = Tree(
            ("deploy/.argocd-source.yaml", "helm: {parameters: [{name: colour, value: all}]}\n"), ("deploy/.argocd-source-web.yaml", "helm: {parameters: [{name: colour, value: own}]}\n"),
            ("deploy/.argocd-source-other.yaml", "helm: {parameters: [{name: colour, value: other}]}\n"));
        Assert.Equal("own", Data(Render(own))["colour"]!.AsString());
        Assert.Contains("deploy/.argocd-source.yaml:1:", Assert.Single(Render(Tree(("deploy/.argocd-source.yaml", "- a\n"))).Problems));
    }

    [Fact]
    public void Definitions_come_along_unless_the_source_says_no_and_tests_never_do()
    {
        var tree = Tree(
            ("deploy/crds/cron.yaml", "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: crons.example.org}\n"),
            ("deploy/templates/tests/t.yaml", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: t\n  annotations: {helm.sh/hook: test}\n"));
        Assert.Equal(["deploy/crds/cron.yaml:1", "deploy/templates/a.yaml"], Render(tree).Manifests.Select(m => m.Origin.ToString()));
        Assert.Single(Render(tree, """{"skipCrds":true}""").Manifests);
    }

    [Fact]
    public void A_hook_of_a_chart_comes_along_with_its_annotations()
    {
        var rendered = Render(Tree(("deploy/templates/hook.yaml", "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: migrate\n  annotations: {helm.sh/hook: 'pre-install,pre-upgrade'}\n")));
        Assert.Empty(rendered.Problems);
        Assert.Equal(HookTypes.PreSync, ObjectDirectives.Of(rendered.Manifests.Single(m => m.Object.Kind == "Job").Object).Hooks);
    }

    [Fact]
    public void What_Helm_says_of_a_broken_chart_is_the_problem()
    {
        var rendered = Render(Tree(("deploy/templates/b.yaml", "a: {{ required \"say a size\" .Values.missing }}\n")));
        Assert.Contains("say a size", Assert.Single(rendered.Problems));
        Assert.Equal("Helm", rendered.SourceType);
    }

    [Fact]
    public void A_change_outside_of_what_was_read_renders_nothing_and_a_change_of_the_cluster_or_a_value_file_does()
    {
        var cache = new RenderCache();
        var source = Source("""{"valueFiles":["/env/prod.yaml"]}""");
        RenderedSource Of(string prod, string other, RenderTarget? target = null) =>
            cache.Render(Tree(("env/prod.yaml", prod), ("env/other.yaml", other)), source, "c", target: target ?? Target);

        var first = Of("colour: a", "x: 1");
        Assert.Same(first, Of("colour: a", "x: 2"));
        Assert.NotSame(first, Of("colour: b", "x: 2"));
        Assert.NotSame(first, Of("colour: a", "x: 1", Target with { Cluster = new ClusterVersions("v1.34.0", []) }));
        Assert.Same(first, Of("colour: a", "x: 3"));
        Assert.Equal(3, cache.Rendered);
    }
}
