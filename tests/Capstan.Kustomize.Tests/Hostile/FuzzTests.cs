using System.Text;
using Capstan.Testing;
using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Kustomize.Tests.Hostile;

/// <summary>No kustomization, resource, patch or definition makes a build fail in another way than it says.</summary>
public sealed class FuzzTests
{
    private const string Resource =
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, labels: {app: web}}\nspec: {template: {spec: {containers: [{name: a, image: nginx:1, args: [$(V)]}]}}}\n";

    private static readonly string[] Words =
    [
        "resources:", "- a.yaml", "patches:", "patch: |-", "target:", "kind: Deployment", "name: web", "$patch: delete", "$setElementOrder/containers:", "$retainKeys:",
        "op: replace", "/spec/template", "~1", "fieldPath:", "spec.template.spec.containers.[name=a].image", "*", "metadata.name", "options: {create: true, delimiter: ':', index: 1}",
        "literals:", "- a=b", "namespace: x", "namePrefix: p-", "labels:", "pairs:", "includeSelectors: true", "images:", "newTag: '1'", "replicas:", "count: 3", "vars:", "$(V)",
        "sortOptions:", "order: legacy", "---\n", "&a", "*a", "<<: *a", "null", "~", "[", "]", "{", "}", ": ", "\n", "  ", "!!binary", "apiVersion: builtin", "transformers:",
        "buildMetadata: [originAnnotations]", "openapi: {path: a.yaml}", "crds: [a.yaml]", "configurations: [a.yaml]", "components: [a.yaml]", ".", "..", "../", "kustomization.yaml",
    ];

    [Fact]
    public void Kustomizations_withstand_any_input() => Fuzz.Run(
        [
            "resources: [a.yaml]\nnamePrefix: p-\nimages: [{name: nginx, newTag: '2'}]\nreplicas: [{name: web, count: 2}]\n",
            "resources: [a.yaml]\npatches:\n- target: {kind: Deployment}\n  patch: '[{\"op\": \"replace\", \"path\": \"/spec/replicas\", \"value\": 1}]'\n",
            "resources: [a.yaml]\nreplacements:\n- source: {kind: Deployment, fieldPath: metadata.name}\n  targets: [{select: {kind: Deployment}, fieldPaths: ['spec.template.spec.containers.[name=a].image']}]\n",
            "configMapGenerator: [{name: c, literals: [a=b], files: [a.yaml], envs: [a.yaml]}]\ngeneratorOptions: {immutable: true}\nsortOptions: {order: fifo}\n",
            "resources: [a.yaml]\nvars: [{name: V, objref: {kind: Deployment, name: web}}]\nlabels: [{pairs: {a: b}, includeSelectors: true}]\ncommonAnnotations: {c: d}\n",
            "resources: [a.yaml]\ntransformers: ['{apiVersion: builtin, kind: PrefixTransformer, metadata: {name: x}, prefix: y, fieldSpecs: [{path: metadata/name}]}']\n",
        ],
        Words, static input => Build(("kustomization.yaml", input), ("a.yaml", Encoding.UTF8.GetBytes(Resource))));

    [Fact]
    public void Resources_withstand_any_input() => Fuzz.Run(
        [
            Resource,
            "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {selector: {app: web}}}]\n",
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: r}\nroleRef: {apiGroup: g, kind: Role, name: x}\nsubjects: [{kind: ServiceAccount, name: default}]\n",
        ],
        Words, static input => Build(
            ("kustomization.yaml", "resources: [a.yaml]\nnamePrefix: p-\nnamespace: n\ncommonLabels: {a: b}\nimages: [{name: nginx, newTag: '2'}]\nbuildMetadata: [originAnnotations, transformerAnnotations]\n"u8.ToArray()),
            ("a.yaml", input)));

    [Fact]
    public void Patches_withstand_any_input() => Fuzz.Run(
        [
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: a, $patch: delete}, {name: b, image: c}]}}}\n",
            "[{\"op\": \"add\", \"path\": \"/spec/template/spec/containers/-\", \"value\": {\"name\": \"b\"}}, {\"op\": \"move\", \"from\": \"/spec\", \"path\": \"/x~1y\"}]",
        ],
        Words, static input => Build(
            ("kustomization.yaml", "resources: [a.yaml]\npatches: [{path: p.yaml, target: {kind: Deployment}, options: {allowNameChange: true, allowKindChange: true}}]\n"u8.ToArray()),
            ("a.yaml", Encoding.UTF8.GetBytes(Resource)), ("p.yaml", input)));

    [Fact]
    public void Definitions_and_configurations_withstand_any_input() => Fuzz.Run(
        [
            "{\"definitions\": {\"a\": {\"properties\": {\"spec\": {\"$ref\": \"#/definitions/b\"}}, \"x-kubernetes-group-version-kind\": [{\"group\": \"apps\", \"version\": \"v1\", \"kind\": \"Deployment\"}]}, \"b\": {}}}",
            "{\"a.B\": {\"Schema\": {\"properties\": {\"kind\": {}, \"apiVersion\": {}, \"metadata\": {}, \"spec\": {\"$ref\": \"a.B\"}}}}}",
            "namePrefix: [{path: metadata/name}]\nnameReference: [{kind: Deployment, fieldSpecs: [{path: spec/a, kind: B}]}]\nimages: [{path: spec/template/spec/containers[]/image, kind: Deployment}]\n",
        ],
        Words, static input => string.Join('|', ((string[])["openapi: {path: c}", "crds: [c]", "configurations: [c]"]).Select(field => Build(
            ("kustomization.yaml", Encoding.UTF8.GetBytes($"resources: [a.yaml]\n{field}\nnamePrefix: p-\npatches: [{{path: a.yaml}}]\n")), ("a.yaml", Encoding.UTF8.GetBytes(Resource)), ("c", input)))));

    [Fact]
    public void Application_fields_withstand_any_input() => Fuzz.Run(
        [
            "namePrefix: p-\nimages: ['nginx:2', 'a=b:c', 'x@sha256:aa']\nreplicas: [{name: web, count: '2'}]\ncommonLabels: {a: b}\npatches: [{target: {kind: Deployment}, patch: '[]'}]\n",
        ],
        Words, static input =>
        {
            try
            {
                var tree = MemoryTree.Of(("kustomization.yaml", "resources: [a.yaml]\n"), ("a.yaml", Resource));
                return YamlText.ReadOne(input) is YamlMap map
                    ? "gives " + KustomizeBuild.Run(ArgoKustomizeSource.Apply(new KustomizeRequest(tree, TreePath.Root), map, t => t)).Manifests.Count
                    : "no map";
            }
            catch (Exception refused) when (refused is KustomizeException or YamlException)
            {
                return refused.Message;
            }
        });

    private static string Build(params ReadOnlySpan<(string Path, byte[] Content)> files)
    {
        var tree = new MemoryTree(files.ToArray().Select(f => (TreePath.Parse(f.Path), (ReadOnlyMemory<byte>)f.Content)));
        try
        {
            return "gives " + Math.Min(KustomizeBuild.Run(new KustomizeRequest(tree, TreePath.Root)).Yaml.Length, 3);
        }
        catch (KustomizeException refused)
        {
            return refused.Message;
        }
    }
}
