using System.Net;
using Capstan.LocalCluster;
using Capstan.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.Cli.Tests;

/// <summary><c>render --dry-run=server</c> against the embedded cluster, beside the real helm against the same one.</summary>
public sealed class LiveLookupTests : IDisposable
{
    // What it prints is told by both; what a cluster adds (uid, times, versions) is the same object's.
    private const string Templates = """
        one: {{ (lookup "v1" "ConfigMap" "shop" "colours").data | toJson }}
        whole: {{ lookup "v1" "ConfigMap" "shop" "colours" | toJson }}
        number: {{ (lookup "apps/v1" "Deployment" "shop" "web").spec.replicas | printf "%T %v" }}
        absent: {{ lookup "v1" "ConfigMap" "shop" "none" | toJson }}
        nowhere: {{ lookup "v1" "ConfigMap" "none" "none" | toJson }}
        items: {{ range (lookup "v1" "ConfigMap" "shop" "").items }}<{{ .metadata.name }} {{ .kind }}>{{ end }}
        list: {{ $l := lookup "v1" "ConfigMap" "shop" "" }}{{ $l.kind }} {{ $l.apiVersion }} {{ keys $l | sortAlpha | toJson }}
        everywhere: {{ range (lookup "v1" "ConfigMap" "" "").items }}{{ if eq .metadata.namespace "shop" "store" }}<{{ .metadata.namespace }}/{{ .metadata.name }}>{{ end }}{{ end }}
        space: {{ (lookup "v1" "Namespace" "" "shop").metadata.name }}
        wrongSpace: {{ (lookup "v1" "Namespace" "ignored" "shop").metadata.name }}
        secret: {{ (lookup "v1" "Secret" "shop" "password").data.word | b64dec }}
        custom: {{ (lookup "capstan.test/v1" "Boat" "shop" "ark").spec | toJson }}
        missingKey: {{ (lookup "v1" "ConfigMap" "shop" "none").data | default "nothing" }}
        apis: {{ .Capabilities.APIVersions.Has "capstan.test/v1/Boat" }} {{ .Capabilities.APIVersions.Has "apps/v1/Deployment" }} {{ .Capabilities.APIVersions.Has "nobody/v1" }}
        version: {{ .Capabilities.KubeVersion.Version }} {{ .Capabilities.KubeVersion.Major }}
        """;

    private readonly HelmProgram _helm = HelmProgram.Find();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _helm.Dispose();

    [Fact]
    public async Task Lookups_versions_and_APIs_are_those_that_helm_sees()
    {
        await using var cluster = await LocalClusterServer.StartAsync(
            new LocalClusterOptions { DataFolder = At("cluster"), Listen = new IPEndPoint(IPAddress.Loopback, 0) }, TimeProvider.System, NullLoggerFactory.Instance, Cancel);
        _helm.Write("objects/a.yaml", """
            {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
            ---
            {apiVersion: v1, kind: Namespace, metadata: {name: store}}
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: colours, namespace: shop}, data: {one: red, two: "2"}}
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: shapes, namespace: store}}
            ---
            {apiVersion: v1, kind: Secret, metadata: {name: password, namespace: shop}, stringData: {word: hunter22}}
            ---
            {apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {replicas: 0, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}}
            ---
            {apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: boats.capstan.test}, spec: {group: capstan.test, scope: Namespaced, names: {plural: boats, singular: boat, kind: Boat, listKind: BoatList}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]}}
            ---
            {apiVersion: capstan.test/v1, kind: Boat, metadata: {name: ark, namespace: shop}, spec: {decks: 3, long: 137.5, made: true}}
            """);
        Assert.Equal((0, ""), await RunAsync("apply", At("objects"), "--kubeconfig", cluster.KubeconfigPath) is var (code, _, error) ? (code, code == 0 ? "" : error) : default);
        _helm.Write("chart/Chart.yaml", "apiVersion: v2\nname: q\nversion: 0.1.0\n");
        _helm.Write("chart/templates/a.yaml", $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata:\n  all: |\n    {Templates.ReplaceLineEndings("\n    ")}\n");

        string[] arguments = ["r", At("chart"), "--dry-run=server", "--kubeconfig", cluster.KubeconfigPath];
        var expected = await _helm.RunAsync(["template", .. arguments]);
        var rendered = await RunAsync(["render", .. arguments]);
        Assert.Equal((0, expected, ""), rendered);
        Assert.All((string[])["<shop/colours>", "<store/shapes>", "secret: hunter22"], seen => Assert.Contains(seen, rendered.Output, StringComparison.Ordinal));

        // Without a cluster there is nothing to see.
        var blind = await RunAsync("render", "r", At("chart"));
        Assert.Equal(await _helm.TryAsync("template", "r", At("chart")) is var (helmCode, helmOutput, _) ? (helmCode, helmOutput) : default, (blind.Code, blind.Output));
    }

    private string At(string file) => Path.Combine(_helm.Folder, file);

    private async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await CommandLine.RunAsync(arguments, Contexts.Of(output, error, At("mine")), Cancel);
        return (code, output.ToString(), error.ToString());
    }
}
