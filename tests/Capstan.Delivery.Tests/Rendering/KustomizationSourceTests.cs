using Capstan.Delivery.Rendering;
using Capstan.Trees;

namespace Capstan.Delivery.Tests.Rendering;

public sealed class KustomizationSourceTests
{
    private static MemoryTree Tree(string overlay = "resources: [../base]\nnamePrefix: prod-\n", string value = "1") => MemoryTree.Of(
        ("base/kustomization.yaml", "resources: [a.yaml]\n"),
        ("base/a.yaml", $"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  answer: yes\n  k: '{value}'\n"),
        ("deploy/kustomization.yaml", overlay),
        ("other/x.yaml", "x: 1\n"));

    private static RenderedSource Render(SourceTree tree, string kustomize = "", string commit = "c1", RenderCache? cache = null)
    {
        var more = kustomize.Length == 0 ? "" : $",\"kustomize\":{kustomize}";
        var application = Make.Application($$"""
            {"source":{"repoURL":"https://git.example/shop.git","path":"deploy"{{more}}},"destination":{"server":"https://kubernetes.default.svc","namespace":"prod"} }
            """);
        Assert.Empty(application.Problems);
        return (cache ?? new RenderCache()).Render(tree, application.Source, commit, target: new RenderTarget("web", "prod", "default", ClusterVersions.Unknown));
    }

    [Fact]
    public void A_kustomization_is_built_with_its_bases_and_origins()
    {
        var rendered = Render(Tree());
        Assert.Empty(rendered.Problems);
        Assert.Equal("Kustomize", rendered.SourceType);
        var manifest = Assert.Single(rendered.Manifests);
        Assert.Equal("prod-a", manifest.Object.Name);
        Assert.Equal("base/a.yaml:1", manifest.Origin.ToString());

        // A cluster gets what kubectl would read of the text: Kustomize puts a yes in quotes.
        Assert.Equal(Yaml.ScalarKind.String, ((Yaml.YamlScalar)manifest.Object.Body.At("data", "answer")!).Kind);
    }

    [Fact]
    public void What_the_application_says_counts_as_if_the_file_had_been_edited()
    {
        var manifest = Assert.Single(Render(
            Tree(), """{"namePrefix":"own-","commonLabels":{"team":"a"},"commonAnnotations":{"app":"${ARGOCD_APP_NAME}"},"commonAnnotationsEnvsubst":true,"namespace":"there"}""").Manifests);
        Assert.Equal("own-a", manifest.Object.Name);
        Assert.Equal("there", manifest.Object.Namespace);
        Assert.Equal("a", manifest.Object.Label("team"));
        Assert.Equal("web", manifest.Object.Annotation("app"));
    }

    [Fact]
    public void A_kustomization_beats_a_chart_in_the_same_folder()
    {
        var tree = MemoryTree.Of(("deploy/kustomization.yaml", "resources: []\nnamePrefix: a\n"), ("deploy/Chart.yaml", "apiVersion: v2\nname: x\nversion: 1.0.0\n"));
        Assert.Equal("Kustomize", Render(tree).SourceType);
    }

    [Fact]
    public void A_broken_kustomization_says_where()
    {
        var rendered = Render(Tree("resources: [../base]\nsurprise: 1\n"));
        Assert.StartsWith("deploy/kustomization.yaml:2:", Assert.Single(rendered.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Programs_of_a_repository_charts_and_remote_bases_are_refused()
    {
        foreach (var overlay in (string[])["helmCharts: [{name: x}]\n", "resources: ['https://github.com/a/b?ref=v1']\n"])
        {
            Assert.Contains("allowed here", Assert.Single(Render(Tree(overlay)).Problems).Replace("enabled here", "allowed here", StringComparison.Ordinal), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_base_outside_of_the_folder_counts_and_nothing_else_does()
    {
        var cache = new RenderCache();
        var first = Render(Tree(), cache: cache);
        Assert.Same(first, Render(Tree(), commit: "c2", cache: cache));
        Assert.NotEqual(first.Hash, Render(Tree(value: "2"), commit: "c3", cache: cache).Hash);
        Assert.Equal(2, cache.Rendered);
    }

    [Fact]
    public void A_rendering_that_names_the_commit_is_made_for_each_commit()
    {
        const string Kustomize = """{"commonAnnotations":{"at":"$ARGOCD_APP_REVISION"},"commonAnnotationsEnvsubst":true}""";
        var cache = new RenderCache();
        Assert.Equal("c1", Render(Tree(), Kustomize, "c1", cache).Manifests[0].Object.Annotation("at"));
        Assert.Equal("c2", Render(Tree(), Kustomize, "c2", cache).Manifests[0].Object.Annotation("at"));
    }
}
