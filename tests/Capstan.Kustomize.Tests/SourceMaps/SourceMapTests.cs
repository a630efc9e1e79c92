using Capstan.Trees;

namespace Capstan.Kustomize.Tests.SourceMaps;

public sealed class SourceMapTests
{
    private static readonly MemoryTree Tree = MemoryTree.Of(
        ("base/kustomization.yaml", "resources:\n- web.yaml\nconfigMapGenerator:\n- name: settings\n  literals: [a=1]\n"),
        ("base/web.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 1\n  paused: false\n  template:\n    spec:\n      containers:\n      - name: web\n        image: nginx:1\n        envFrom:\n        - configMapRef: {name: settings}\n"),
        ("prod/kustomization.yaml", "resources:\n- ../base\nnamePrefix: prod-\nnamespace: shop\nimages:\n- name: nginx\n  newTag: '2'\npatches:\n- path: patch.yaml\n- target: {kind: Deployment}\n  patch: |-\n    - op: replace\n      path: /spec/paused\n      value: true\ncommonAnnotations:\n  team: a\n"),
        ("prod/patch.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 3\n  template:\n    spec:\n      containers:\n      - name: web\n        env:\n        - name: A\n          value: b\n"));

    private static KustomizeResult Build(bool map) => KustomizeBuild.Run(new KustomizeRequest(Tree, TreePath.Parse("prod")) { SourceMap = map });

    [Theory]
    [InlineData("Deployment", "kind", "base/web.yaml", 2, "resource")]
    [InlineData("Deployment", "spec/template/spec/containers/0/name", "base/web.yaml", 11, "resource")]
    [InlineData("Deployment", "spec/replicas", "prod/patch.yaml", 6, "patch")]
    [InlineData("Deployment", "spec/template/spec/containers/0/env/0/value", "prod/patch.yaml", 13, "patch")]
    [InlineData("Deployment", "spec/paused", "prod/kustomization.yaml", 10, "patch")]
    [InlineData("Deployment", "metadata/name", "prod/kustomization.yaml", 3, "namePrefix")]
    [InlineData("Deployment", "metadata/namespace", "prod/kustomization.yaml", 4, "namespace")]
    [InlineData("Deployment", "spec/template/spec/containers/0/image", "prod/kustomization.yaml", 6, "images")]
    [InlineData("Deployment", "metadata/annotations/team", "prod/kustomization.yaml", 16, "commonAnnotations")]
    [InlineData("Deployment", "spec/template/spec/containers/0/envFrom/0/configMapRef/name", "prod/kustomization.yaml", 1, "name reference")]
    public void Each_field_knows_what_set_it(string kind, string path, string file, int line, string by)
    {
        var result = Build(map: true);
        var at = result.Manifests.Index().Single(m => m.Item.Object.Kind == kind).Index;
        Assert.Equal(new FieldOrigin(file, line, by), result.Origins[at].Of(path.Split('/')));
    }

    [Fact]
    public void What_a_generator_made_comes_from_the_kustomization()
    {
        var result = Build(map: true);
        var origin = result.Origins[result.Manifests.Index().Single(m => m.Item.Object.Kind == "ConfigMap").Index].Of(["data", "a"]);
        Assert.Equal(("base/kustomization.yaml", "generator"), (origin.File, origin.By));
    }

    [Fact]
    public void The_output_is_the_same_and_nothing_is_kept_when_nobody_asks()
    {
        Assert.Equal(Build(map: false).Yaml, Build(map: true).Yaml);
        Assert.Empty(Build(map: false).Origins);
    }
}
