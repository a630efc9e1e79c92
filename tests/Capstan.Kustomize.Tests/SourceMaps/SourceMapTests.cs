using Capstan.Trees;

namespace Capstan.Kustomize.Tests.SourceMaps;

public sealed class SourceMapTests
{
    private static readonly MemoryTree Tree = MemoryTree.Of(
        ("base/kustomization.yaml", "resources:\n- web.yaml\nconfigMapGenerator:\n- name: settings\n  literals: [a=1]\n"),
        ("base/web.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 1\n  paused: false\n  template:\n    spec:\n      containers:\n      - name: web\n        image: nginx:1\n        envFrom:\n        - configMapRef: {name: settings}\n"),
        ("prod/kustomization.yaml", "resources:\n- ../base\nnamePrefix: prod-\nnamespace: shop\nimages:\n- name: nginx\n  newTag: '2'\npatches:\n- path: patch.yaml\n- target: {kind: Deployment}\n  patch: |-\n    - op: replace\n      path: /spec/paused\n      value: true\ncommonAnnotations:\n  team: a\n"),
        ("prod/patch.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 3\n  template:\n    spec:\n      containers:\n      - name: web\n        env:\n        - name: A\n          value: b\n"));

    private static readonly MemoryTree Nasty = MemoryTree.Of(
        ("base/kustomization.yaml", """
            resources: [a.yaml]
            namePrefix: b-
            configMapGenerator: [{name: cfg, literals: [x=1]}]

            """),
        ("base/a.yaml", """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web, labels: {app: web}}
            spec:
              replicas: 1
              template:
                spec:
                  containers:
                  - name: a
                    image: nginx:1
                    envFrom: [{configMapRef: {name: cfg}}]

            """),
        ("overlay/kustomization.yaml", """
            resources: [../base]
            components: [../comp]
            namespace: prod
            nameSuffix: -s
            images: [{name: nginx, newTag: '2'}]
            replicas: [{name: web, count: 5}]
            commonAnnotations: {team: t}
            labels: [{pairs: {env: prod}, includeSelectors: true}]
            configMapGenerator: [{name: cfg, behavior: merge, literals: [y=2]}]
            patches:
            - patch: |-
                - op: add
                  path: /spec/paused
                  value: true
              target: {kind: Deployment, name: w.*}
            - path: p.yaml
            replacements:
            - source: {kind: ConfigMap, name: cfg, fieldPath: data.y}
              targets: [{select: {kind: Deployment}, fieldPaths: ['spec.template.metadata.annotations.cfg'], options: {create: true}}]

            """),
        ("overlay/p.yaml", """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              template:
                spec:
                  hostNetwork: false
                  containers:
                  - name: side
                    image: nginx:9

            """),
        ("comp/kustomization.yaml", """
            apiVersion: kustomize.config.k8s.io/v1alpha1
            kind: Component
            patches:
            - patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {minReadySeconds: 7}}'

            """));

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

    [Theory]
    [InlineData("Deployment", "spec/replicas", "overlay/kustomization.yaml", 6, "replicas")]
    [InlineData("Deployment", "spec/paused", "overlay/kustomization.yaml", 11, "patch")]
    [InlineData("Deployment", "spec/minReadySeconds", "comp/kustomization.yaml", 4, "patch")]
    [InlineData("Deployment", "spec/template/spec/hostNetwork", "overlay/p.yaml", 7, "patch")]
    [InlineData("Deployment", "spec/template/spec/containers/0/name", "overlay/p.yaml", 9, "patch")]
    [InlineData("Deployment", "spec/template/spec/containers/0/image", "overlay/kustomization.yaml", 5, "images")]
    [InlineData("Deployment", "spec/template/spec/containers/1/name", "base/a.yaml", 9, "resource")]
    [InlineData("Deployment", "spec/template/spec/containers/1/image", "overlay/kustomization.yaml", 5, "images")]
    [InlineData("Deployment", "spec/template/spec/containers/1/envFrom/0/configMapRef/name", "overlay/kustomization.yaml", 1, "name reference")]
    [InlineData("Deployment", "spec/template/metadata/annotations/cfg", "overlay/kustomization.yaml", 18, "replacements")]
    [InlineData("Deployment", "spec/template/metadata/annotations/team", "overlay/kustomization.yaml", 7, "commonAnnotations")]
    [InlineData("Deployment", "spec/selector/matchLabels/env", "overlay/kustomization.yaml", 8, "labels")]
    [InlineData("Deployment", "metadata/labels/app", "base/a.yaml", 3, "resource")]
    [InlineData("Deployment", "metadata/namespace", "overlay/kustomization.yaml", 3, "namespace")]
    [InlineData("Deployment", "metadata/name", "overlay/kustomization.yaml", 4, "nameSuffix")]
    [InlineData("ConfigMap", "data/x", "base/kustomization.yaml", 3, "generator")]
    [InlineData("ConfigMap", "data/y", "overlay/kustomization.yaml", 9, "generator")]
    [InlineData("ConfigMap", "metadata/name", "overlay/kustomization.yaml", 1, "name hash")]
    public void Each_field_of_a_nasty_overlay_knows_what_set_it(string kind, string path, string file, int line, string by)
    {
        var result = KustomizeBuild.Run(new KustomizeRequest(Nasty, TreePath.Parse("overlay")) { SourceMap = true });
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
