using System.Text;
using Capstan.Resources;
using Capstan.Testing;
using Capstan.Yaml;

namespace Capstan.Server.Tests;

/// <summary>What a promotion waits for before its commit names an image that a run built.</summary>
public sealed class ReleaseArtifactsTests(WorkflowServer server) : IClassFixture<WorkflowServer>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_is_promoted_that_is_not_there_not_signed_or_built_from_another_commit()
    {
        var commit = server.Push("claims",
        [
            ("Dockerfile", "FROM scratch\nCOPY hello.txt /\n"), ("hello.txt", "hello\n"), ("dev/deployment.yaml", "image: claims\n"),
            (".github/workflows/ci.yaml", "on: push\njobs: {a: {runs-on: x, steps: [{uses: actions/checkout@v4}, {id: i, uses: capstan/build-image@v1}]}}"),
        ]);
        await server.EndedAsync("claims");
        using var cluster = server.Cluster();
        await ApplyAsync(cluster, """
            apiVersion: capstan.dev/v1alpha1
            kind: DeliveryPipeline
            metadata: {name: claims, namespace: capstan}
            spec:
              stages: [{name: dev, promotion: Automatic, applications: [claims], write: {repository: claims, manifest: dev/deployment.yaml} } ]
            """);
        using var registry = new RegistryWire(server.Server.Url, "admin", server.Server.TokenText);
        var host = server.Server.Url.Authority;
        var unsigned = RegistryWire.DigestOf(Encoding.UTF8.GetBytes(await registry.ImageJsonAsync("claims", "unsigned")));
        var built = (await server.Cluster().FindAsync(new ObjectKey(new GroupKind("capstan.dev", "Release"), "capstan", await ReleaseAsync(cluster)), Stop))!.Spec["images"]!.AsList()![0].AsMap()!["image"]!.AsString()!;

        await ApplyAsync(cluster, Release("claims-1", commit, $"{host}/claims@{unsigned}", 1));
        await WaitsAsync(cluster, "is not in the registry");
        await registry.PushImageAsync("claims", "unsigned", "unsigned");
        await WaitsAsync(cluster, "is not signed by this installation's key");
        await ApplyAsync(cluster, Release("claims-2", new string('b', 40), built, 2));
        await WaitsAsync(cluster, $"was built from commit {commit}, and the release claims {new string('b', 40)}");
        await ApplyAsync(cluster, Release("claims-3", commit, built, 3));
        await EventuallyAsync(async () => (await StageAsync(cluster))["release"]?.AsString() == "claims-3", "the honest one enters");
    }

    private static string Release(string name, string commit, string image, int second) => $$"""
        apiVersion: capstan.dev/v1alpha1
        kind: Release
        metadata: {name: {{name}}, namespace: capstan}
        spec:
          pipeline: claims
          commit: {{commit}}
          run: a-run
          createdAt: "2026-01-01T00:00:0{{second}}Z"
          images: [{name: claims, image: "{{image}}" } ]
        """;

    private static async Task<string> ReleaseAsync(Kubernetes.ClusterClient cluster)
    {
        var name = "";
        await EventuallyAsync(async () =>
        {
            var kind = await cluster.ResolveAsync(new GroupKind("capstan.dev", "Release"), Stop);
            name = (await cluster.ListAsync(kind, new() { Namespace = "capstan" }, Stop)).Items.FirstOrDefault(r => r.Spec["repository"]?.AsString() == "claims")?.Name ?? "";
            return name.Length > 0;
        }, "the run has a release");
        return name;
    }

    private static async Task ApplyAsync(Kubernetes.ClusterClient cluster, string yaml) => await cluster.ApplyAsync(new KubernetesObject((YamlMap)YamlText.ReadOne(Encoding.UTF8.GetBytes(yaml))!), new() { Force = true }, Stop);

    private static async Task<YamlMap> StageAsync(Kubernetes.ClusterClient cluster)
    {
        var pipeline = await cluster.FindAsync(new ObjectKey(new GroupKind("capstan.dev", "DeliveryPipeline"), "capstan", "claims"), Stop);
        return (pipeline!.Status["stages"]?.AsList() ?? YamlList.Empty).OfType<YamlMap>().FirstOrDefault() ?? YamlMap.Empty;
    }

    private static Task WaitsAsync(Kubernetes.ClusterClient cluster, string why) =>
        EventuallyAsync(async () => await StageAsync(cluster) is var stage && stage["release"] is null && stage["message"]?.AsString()?.Contains(why, StringComparison.Ordinal) == true, why);

    private static async Task EventuallyAsync(Func<Task<bool>> condition, string what)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await condition())
        {
            Assert.False(limit.IsCancellationRequested, $"not within the time: {what}");
            await Task.Delay(100, Stop);
        }
    }
}
