using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Kustomize.Tests.Edits;

public sealed class ArgoKustomizeSourceTests
{
    private const string Deployment =
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template: {spec: {containers: [{name: a, image: 'nginx:1'}]}}\n";

    [Theory]
    [InlineData("namePrefix: p-", "  name: p-web\n")]
    [InlineData("nameSuffix: -s", "  name: web-s\n")]
    [InlineData("namespace: shop", "  namespace: shop\n")]
    [InlineData("images: ['nginx:2']", "image: nginx:2\n")]
    [InlineData("images: ['nginx=registry.example:5000/nginx@sha256:aa']", "image: registry.example:5000/nginx@sha256:aa\n")]
    [InlineData("replicas: [{name: web, count: 4}]", "  replicas: 4\n")]
    [InlineData("replicas: [{name: web, count: '4'}]", "  replicas: 4\n")]
    [InlineData("commonLabels: {team: a}", "    matchLabels:\n      team: a\n")]
    [InlineData("{commonLabels: {team: a}, labelWithoutSelector: true, labelIncludeTemplates: true}", "      labels:\n        team: a\n")]
    [InlineData("{commonAnnotations: {app: '${X}'}, commonAnnotationsEnvsubst: true}", "  annotations:\n    app: <${X}>\n")]
    [InlineData("{commonAnnotations: {own: new}, forceCommonAnnotations: true}", "  annotations:\n    own: new\n")]
    [InlineData("patches: [{target: {kind: Deployment}, patch: '[{\"op\": \"add\", \"path\": \"/spec/paused\", \"value\": true}]'}]", "  paused: true\n")]
    [InlineData("components: [c]", "  name: web-component\n")]
    [InlineData("{components: [nothing], ignoreMissingComponents: true}", "  name: web\n")]
    public void Fields_act_as_if_kustomize_edit_had_been_called(string field, string expected) =>
        Assert.Contains(expected, Build(field).Yaml, StringComparison.Ordinal);

    [Theory]
    [InlineData("commonAnnotations: {own: new}", "annotation own already in kustomization file")]
    [InlineData("components: [nothing]", "'nothing' is neither a file nor a folder")]
    [InlineData("images: [nginx]", "invalid format of image")]
    [InlineData("replicas: [{name: web, count: many}]", "replicas.count must be an integer")]
    public void What_cannot_be_done_is_told(string field, string expected) =>
        Assert.Contains(expected, Assert.Throws<KustomizeException>(() => Build(field)).Message, StringComparison.Ordinal);

    private static KustomizeResult Build(string field)
    {
        var tree = MemoryTree.Of(
            ("kustomization.yaml", "resources: [d.yaml]\ncommonAnnotations: {own: old}\n"),
            ("d.yaml", Deployment),
            ("c/kustomization.yaml", "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnameSuffix: -component\n"));
        var request = new KustomizeRequest(tree, TreePath.Root);
        return KustomizeBuild.Run(ArgoKustomizeSource.Apply(request, (YamlMap)YamlText.ReadOne(field), text => $"<{text}>"));
    }
}
