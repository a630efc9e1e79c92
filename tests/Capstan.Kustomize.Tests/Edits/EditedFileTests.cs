using System.Text;
using Capstan.Kustomize.Tests.Judges;
using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Kustomize.Tests.Edits;

/// <summary>What Argo CD's <c>source.kustomize</c> builds to is what kubectl makes of the kustomization that <c>kustomize edit</c> would have left.</summary>
public sealed class EditedFileTests
{
    private const string Kustomization =
        "resources: [d.yaml]\nnamePrefix: own-\ncommonLabels: {app: web}\nlabels: [{pairs: {old: one}}]\ncommonAnnotations: {note: own}\nimages: [{name: nginx, newName: mirror/nginx, newTag: '1'}]\nreplicas: [{name: web, count: 2}]\n";

    private static readonly (string Path, string Text)[] Files =
    [
        ("d.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: x}}\n  template:\n    metadata: {labels: {app: x}}\n    spec: {containers: [{name: a, image: nginx:0}, {name: b, image: busybox}]}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: x}}\n"),
        ("comp/kustomization.yaml", "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnameSuffix: -comp\n"),
        ("p.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {paused: true}\n"),
    ];

    [Theory]
    [InlineData("namePrefix: new-", "namePrefix: own-", "namePrefix: new-")]
    [InlineData("nameSuffix: -s", "", "nameSuffix: -s\n")]
    [InlineData("namespace: shop", "", "namespace: shop\n")]
    [InlineData("images: ['nginx:2']", "newName: mirror/nginx, newTag: '1'", "newTag: '2'")]
    [InlineData("images: ['nginx=*:2']", "newTag: '1'", "newTag: '2'")]
    [InlineData("images: ['nginx=other/nginx:*']", "mirror/nginx", "other/nginx")]
    [InlineData("images: ['busybox=b:5000/busybox@sha256:aa']", "images: [", "images: [{name: busybox, newName: 'b:5000/busybox', digest: 'sha256:aa'}, ")]
    [InlineData("replicas: [{name: web, count: 7}]", "count: 2", "count: 7")]
    [InlineData("replicas: [{name: web, count: '0'}]", "count: 2", "count: 0")]
    [InlineData("commonLabels: {team: a}", "commonLabels: {app: web}", "commonLabels: {app: web, team: a}")]
    [InlineData("{commonLabels: {app: b}, forceCommonLabels: true}", "commonLabels: {app: web}", "commonLabels: {app: b}")]
    [InlineData("{commonLabels: {team: a}, labelWithoutSelector: true}", "pairs: {old: one}", "pairs: {old: one, team: a}")]
    [InlineData("{commonLabels: {team: a}, labelWithoutSelector: true, labelIncludeTemplates: true}", "labels: [{pairs: {old: one}}]", "labels: [{pairs: {old: one}}, {pairs: {team: a}, includeTemplates: true}]")]
    [InlineData("{commonLabels: {old: two}, labelWithoutSelector: true, forceCommonLabels: true}", "pairs: {old: one}", "pairs: {old: two}")]
    [InlineData("commonAnnotations: {more: m}", "{note: own}", "{note: own, more: m}")]
    [InlineData("{commonAnnotations: {note: new}, forceCommonAnnotations: true}", "{note: own}", "{note: new}")]
    [InlineData("{commonAnnotations: {note: '<$X>'}, forceCommonAnnotations: true, commonAnnotationsEnvsubst: true}", "{note: own}", "{note: '<x>'}")]
    [InlineData("patches: [{path: p.yaml}, {target: {kind: Service}, patch: '[{\"op\": \"add\", \"path\": \"/spec/type\", \"value\": \"NodePort\"}]'}]", "", "patches: [{path: p.yaml}, {target: {kind: Service}, patch: '[{\"op\": \"add\", \"path\": \"/spec/type\", \"value\": \"NodePort\"}]'}]\n")]
    [InlineData("patches: [{target: {name: web}, patch: '{apiVersion: v1, kind: Any, metadata: {name: renamed}}', options: {allowNameChange: true}}]", "", "patches: [{target: {name: web}, patch: '{apiVersion: v1, kind: Any, metadata: {name: renamed}}', options: {allowNameChange: true}}]\n")]
    [InlineData("components: [comp]", "", "components: [comp]\n")]
    [InlineData("{components: [comp, nothing], ignoreMissingComponents: true}", "", "components: [comp]\n")]
    [InlineData("{kubeVersion: '1.30', apiVersions: [a/v1], version: v5.7.1}", "", "")]
    public async Task A_field_acts_as_the_edit_would(string field, string old, string now)
    {
        var edited = old.Length == 0 ? Kustomization + now : Kustomization.Replace(old, now, StringComparison.Ordinal);
        var request = new KustomizeRequest(Tree(Kustomization), TreePath.Root);
        var own = KustomizeBuild.Run(ArgoKustomizeSource.Apply(request, (YamlMap)YamlText.ReadOne(field), text => text.Replace("$X", "x", StringComparison.Ordinal))).Yaml;
        Assert.Equal(KustomizeBuild.Run(new KustomizeRequest(Tree(edited), TreePath.Root)).Yaml, own);
        if (KubectlJudge.Program is null)
        {
            return;
        }

        var folder = Directory.CreateTempSubdirectory("capstan-kustomize-").FullName;
        try
        {
            foreach (var (path, text) in Files.Append(("kustomization.yaml", edited)))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, path))!);
                await File.WriteAllTextAsync(Path.Combine(folder, path), text, TestContext.Current.CancellationToken);
            }

            var (exit, output, error) = await KubectlJudge.BuildAsync(folder, TestContext.Current.CancellationToken);
            Assert.True(exit == 0, error);
            Assert.Equal(output, own);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_component_that_the_kustomization_names_itself_must_be_there()
    {
        var request = new KustomizeRequest(Tree(Kustomization + "components: [nothing]\n"), TreePath.Root);
        var error = Assert.Throws<KustomizeException>(() => KustomizeBuild.Run(ArgoKustomizeSource.Apply(request, (YamlMap)YamlText.ReadOne("ignoreMissingComponents: true"), t => t)));
        Assert.StartsWith("kustomization.yaml:8:14: 'nothing' is neither a file nor a folder", error.Message, StringComparison.Ordinal);
    }

    private static MemoryTree Tree(string kustomization) => new(Files.Append(("kustomization.yaml", kustomization))
        .Select(f => (TreePath.Parse(f.Item1), (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(f.Item2))));
}
