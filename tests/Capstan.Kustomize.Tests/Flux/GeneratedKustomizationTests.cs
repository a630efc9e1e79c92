using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Kustomize.Tests.Flux;

/// <summary>Folders without a kustomization, and <c>commonMetadata</c>, as Flux's kustomize-controller has them.</summary>
public sealed class GeneratedKustomizationTests
{
    private const string Web = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, labels: {app: web, team: old}}\nspec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}}}\n";

    [Fact]
    public void All_manifests_below_a_folder_are_its_resources_and_kustomizations_are_bases()
    {
        var tree = MemoryTree.Of(
            ("apps/b.yaml", Config("b")), ("apps/a/one.yml", Config("one")), ("apps/a/deep/two.yaml", Config("two")), ("apps/base/kustomization.yml", "namePrefix: p-\nresources: [x.yaml]\n"),
            ("apps/base/x.yaml", Config("x")), ("apps/base/unused.yaml", "not a resource"), ("apps/notes.md", "text"), ("apps/data.json", "{}"), ("elsewhere.yaml", Config("elsewhere")));
        Assert.Equal(
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- ./a/deep/two.yaml\n- ./a/one.yml\n- ./b.yaml\n- ./base\n",
            FluxKustomization.Generate(tree, TreePath.Parse("apps")));
        Assert.Equal(["b", "one", "p-x", "two"], Build(tree, "apps", "{}").Manifests.Select(m => m.Object.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_folder_with_a_kustomization_keeps_it() =>
        Assert.Null(FluxKustomization.Generate(MemoryTree.Of(("Kustomization", "resources: [a.yaml]\n"), ("a.yaml", Config("a"))), TreePath.Root));

    [Fact]
    public void The_spec_edits_what_is_generated()
    {
        var built = Build(MemoryTree.Of(("web.yaml", Web)), "", "{targetNamespace: there, patches: [{patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 2}}'}]}");
        Assert.Equal("there", built.Manifests.Single().Object.Namespace);
        Assert.Contains("  replicas: 2\n", built.Yaml, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_holds_no_resources_is_told_with_its_line()
    {
        var error = Assert.Throws<KustomizeException>(() => FluxKustomization.Generate(MemoryTree.Of(("a.yaml", Config("a")), ("values.yaml", "\nreplicas: 2\n")), TreePath.Root));
        Assert.Equal(
            "values.yaml:2:1: failed to decode Kubernetes YAML: missing kind in object; every .yaml and .yml file of a folder without a kustomization must hold resources: move it, or write a kustomization.yaml",
            error.Message);
    }

    [Fact]
    public void A_link_out_of_the_tree_is_refused()
    {
        var tree = new MemoryTree([], [(TreePath.Parse("secret.yaml"), "../../../etc/passwd")]);
        Assert.Equal(KustomizeProblem.NotAllowed, Assert.Throws<KustomizeException>(() => FluxKustomization.Generate(tree, TreePath.Root)).Kind);
    }

    [Fact]
    public void Common_metadata_wins_over_what_is_there_and_stays_out_of_selectors_and_templates()
    {
        const string Spec = "{commonMetadata: {labels: {team: new, n: '1'}, annotations: {owner: a}}}";
        var tree = MemoryTree.Of(("web.yaml", Web));
        var body = FluxKustomization.CommonMetadata(Build(tree, "", Spec), (YamlMap)YamlText.ReadOne(Spec)).Manifests.Single().Object.Body;
        Assert.Equal(YamlText.ReadOne("{name: web, labels: {app: web, team: new, n: '1'}, annotations: {owner: a}}"), body["metadata"]);
        Assert.Equal(YamlText.ReadOne("{selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}}}"), body["spec"]);
    }

    private static string Config(string name) => $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n";

    private static KustomizeResult Build(MemoryTree tree, string path, string spec) =>
        KustomizeBuild.Run(FluxKustomization.Apply(new KustomizeRequest(tree, TreePath.Parse(path)), (YamlMap)YamlText.ReadOne(spec)));
}
