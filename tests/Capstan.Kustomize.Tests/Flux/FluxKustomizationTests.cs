using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Kustomize.Tests.Flux;

public sealed class FluxKustomizationTests
{
    private static readonly MemoryTree Tree = MemoryTree.Of(
        ("kustomization.yaml", "resources: [a.yaml]\nnamespace: own\nimages: [{name: nginx, newTag: '1'}, {name: other, newTag: '9'}]\n"),
        ("a.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, annotations: {cluster: '${cluster_name:-dev}'}}\nspec:\n  replicas: ${replicas}\n  template: {spec: {containers: [{name: a, image: 'nginx:0', args: ['$${raw}', '${host}']}]}}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: raw, annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}}\ndata: {k: '${host}'}\n"),
        ("c/kustomization.yaml", "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ncommonAnnotations: {component: 'yes'}\n"));

    [Fact]
    public void The_spec_edits_what_is_built()
    {
        var yaml = Build("{targetNamespace: there, namePrefix: p-, nameSuffix: -s, components: [c, gone], ignoreMissingComponents: true, interval: 5m, prune: true}").Yaml;
        Assert.Contains("  name: p-web-s\n  namespace: there\n", yaml, StringComparison.Ordinal);
        Assert.Contains("    component: \"yes\"\n", yaml, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("images: [{name: nginx, newName: mirror/nginx, newTag: v2}]", "image: mirror/nginx:v2\n")]
    [InlineData("images: [{name: nginx, digest: 'sha256:aa'}]", "image: nginx@sha256:aa\n")]
    [InlineData("patches: [{patch: '[{\"op\": \"add\", \"path\": \"/spec/paused\", \"value\": true}]', target: {kind: Deployment, name: web}}]", "  paused: true\n")]
    [InlineData("patches: [{patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {minReadySeconds: 5}}'}]", "  minReadySeconds: 5\n")]
    public void Images_and_patches_are_added_to_those_of_the_kustomization(string spec, string expected) => Assert.Contains(expected, Build($"{{{spec}}}").Yaml, StringComparison.Ordinal);

    [Fact]
    public void Variables_are_put_into_what_was_built_and_a_text_may_become_a_number()
    {
        var from = new Dictionary<string, string> { ["replicas"] = "1", ["host"] = "first\n.example\n" };
        var variables = FluxKustomization.Variables(new Dictionary<string, string> { ["replicas"] = "3" }, from);
        var result = FluxKustomization.Substitute(Build("{}"), variables);
        Assert.Equal(ScalarKind.Integer, ((YamlScalar)result.Manifests.Single(m => m.Object.Kind == "Deployment").Object.Spec["replicas"]!).Kind);
        Assert.Contains("  replicas: 3\n", result.Yaml, StringComparison.Ordinal);
        Assert.Contains("cluster: dev\n", result.Yaml, StringComparison.Ordinal);
        Assert.Contains("- ${raw}\n        - first.example\n", result.Yaml, StringComparison.Ordinal);
        Assert.Contains("  k: ${host}\n", result.Yaml, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_variables_nothing_is_replaced_unless_it_is_asked_for_strictly()
    {
        var built = Build("{}");
        Assert.Same(built, FluxKustomization.Substitute(built, new Dictionary<string, string>()));
        var error = Assert.Throws<KustomizeException>(() => FluxKustomization.Substitute(built, new Dictionary<string, string>(), strict: true));
        Assert.Equal("a.yaml:1: Deployment/own/web: variable substitution failed: variable replicas is not set, and there is no default", error.Message);
    }

    [Theory]
    [InlineData("a-b")]
    [InlineData("1a")]
    [InlineData("")]
    [InlineData("ä")]
    public void A_name_that_is_none_is_refused(string name) =>
        Assert.Contains("is no name of a variable", Assert.Throws<KustomizeException>(() => FluxKustomization.Variables(new Dictionary<string, string> { [name] = "x" })).Message, StringComparison.Ordinal);

    private static KustomizeResult Build(string spec) => KustomizeBuild.Run(FluxKustomization.Apply(new KustomizeRequest(Tree, TreePath.Root), (YamlMap)YamlText.ReadOne(spec)));
}
