using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Testing;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Engine;

public sealed class CorpusTests
{
    private const string Policy = """{"automated":{"prune":true,"selfHeal":true},"syncOptions":["CreateNamespace=true"]}""";

    private static readonly SemaphoreSlim NodeGate = new(1);
    private static TestNode? node;

    // What each server decides for itself.
    private static readonly string[][] Assigned =
    [
        ["metadata", "uid"], ["metadata", "resourceVersion"], ["metadata", "creationTimestamp"], ["metadata", "managedFields"], ["metadata", "generation"],
        ["metadata", "selfLink"], ["metadata", "annotations"], ["metadata", "namespace"], ["status"], ["secrets"],
        ["spec", "clusterIP"], ["spec", "clusterIPs"], ["spec", "finalizers"],
    ];

    // Fields that a server of today defaults, and that 1.20 does not have.
    private static readonly string[][] Newer = [["spec", "ipFamilies"], ["spec", "ipFamilyPolicy"], ["spec", "internalTrafficPolicy"], ["spec", "allocateLoadBalancerNodePorts"], ["metadata", "labels", "kubernetes.io/metadata.name"]];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sock-shop/deploy/kubernetes", 42)]
    [InlineData("voting-app/k8s-specifications", 9)]
    [InlineData("online-boutique/release", 35)]
    public async Task Repositories_of_real_teams_become_synced_and_healthy_on_the_embedded_cluster(string folder, int objects)
    {
        await using var ground = await Ground.StartAsync();
        await BecomesGreenAsync(ground, Corpus.Folder(folder), objects);
    }

    [Theory]
    [InlineData("online-boutique/kustomize", "\"kustomize\":{\"commonAnnotations\":{\"team\":\"shop\"}}", "Kustomize", 35)]
    [InlineData("podinfo/charts/podinfo", "\"helm\":{\"parameters\":[{\"name\":\"replicaCount\",\"value\":\"2\"}]}", "Helm", 2)]
    public async Task Kustomizations_and_charts_of_real_teams_become_synced_and_healthy(string folder, string kind, string type, int objects)
    {
        await using var ground = await Ground.StartAsync();
        await BecomesGreenAsync(ground, Corpus.Folder(folder), objects, kind);
        var status = (await ground.ApplicationAsync()).Status;
        Assert.Equal(type, status["sourceType"]!.AsString());
        Assert.NotEmpty(Assert.IsType<YamlList>(status.At("summary", "images")));
    }

    [Fact]
    public async Task A_scaler_without_metrics_keeps_nothing_from_becoming_healthy()
    {
        await using var ground = await Ground.StartAsync();
        var commit = await ground.Git.ImportAsync(Corpus.Folder("podinfo/deploy/webapp"), "deploy");
        await ground.CreateApplicationAsync(policy: Policy, kind: """ "directory":{"recurse":true} """);
        await ground.SyncedAsync(commit);
        var status = await ground.UntilAsync(s => s.At("health", "status")?.AsString() == "Healthy");
        Assert.Contains(((YamlList)status["resources"]!).OfType<YamlMap>(), r => r["kind"]!.AsString() == "HorizontalPodAutoscaler");
    }

    [Theory]
    [InlineData("sock-shop/deploy/kubernetes", 42)]
    [InlineData("voting-app/k8s-specifications", 9)]
    public async Task On_a_real_api_server_they_end_as_on_the_embedded_cluster(string folder, int objects)
    {
        await using var real = await Ground.StartAsync(kind: ClusterKind.Real);
        await NodeAsync(real);
        var onReal = await BecomesGreenAsync(real, Corpus.Folder(folder), objects);
        await using var local = await Ground.StartAsync();
        var onLocal = await BecomesGreenAsync(local, Corpus.Folder(folder), objects);
        Assert.Equal(onReal.Keys.Order(StringComparer.Ordinal), onLocal.Keys.Order(StringComparer.Ordinal));
        foreach (var (key, @object) in onReal)
        {
            Assert.Equal(@object, onLocal[key]);
        }
    }

    [Fact]
    public async Task Kinds_that_a_server_does_not_have_are_named_and_hide_no_other()
    {
        await using var ground = await Ground.StartAsync(kind: ClusterKind.Real);
        await ground.Git.ImportAsync(Corpus.Folder("podinfo/deploy/secure"), "deploy");
        await ground.CreateApplicationAsync(policy: Policy, kind: """ "directory":{"recurse":true} """);
        var status = await ground.UntilAsync(s => s["conditions"] is YamlList { Count: > 0 } && s.At("operationState", "phase")?.AsString() == "Failed");
        var said = status["conditions"]!.ToString();
        foreach (var missing in (string[])["Certificate", "ClusterIssuer", "HorizontalPodAutoscaler", "deploy/frontend/certificate.yaml:1", "cert-manager.io"])
        {
            Assert.Contains(missing, said, StringComparison.Ordinal);
        }

        Assert.Equal("OutOfSync", status.At("sync", "status")!.AsString());
        Assert.NotNull(await ground.FindAsync("Deployment", "frontend", "secure", "apps"));
    }

    [Fact]
    public async Task Objects_with_fields_that_a_server_does_not_have_are_all_named_and_hide_no_other()
    {
        await using var ground = await Ground.StartAsync(kind: ClusterKind.Real);
        await ground.Git.ImportAsync(Corpus.Folder("online-boutique/release"), "deploy");
        await ground.CreateApplicationAsync(policy: Policy);
        var status = await ground.UntilAsync(s => s["conditions"] is YamlList { Count: > 0 } && s.At("operationState", "phase")?.AsString() == "Failed");
        var said = status["conditions"]!.ToString();
        var results = Assert.IsType<YamlList>(status.At("operationState", "syncResult", "resources")).OfType<YamlMap>().ToList();
        var refused = results.Where(r => r["status"]!.AsString() == "SyncFailed").ToList();

        // Probes by gRPC came with 1.24.
        Assert.NotEmpty(refused);
        Assert.All(refused, r => Assert.Contains($"Deployment/{ground.Space}/{r["name"]!.AsString()}: failed to create typed patch object", said, StringComparison.Ordinal));
        Assert.All(refused, r => Assert.Contains("grpc: field not declared in schema", r["message"]!.AsString(), StringComparison.Ordinal));
        Assert.Equal(35, results.Count);
        Assert.NotNull(await ground.FindAsync("Service", "frontend"));
    }

    private static async Task NodeAsync(Ground ground)
    {
        await NodeGate.WaitAsync(Cancel);
        try
        {
            node ??= await TestNode.StartAsync(new ClusterClient(ClusterConnection.FromKubeconfig(ground.Kubeconfig), TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance), cancellation: Cancel);
        }
        finally
        {
            NodeGate.Release();
        }
    }

    private static async Task<Dictionary<string, string>> BecomesGreenAsync(Ground ground, string folder, int objects, string kind = """ "directory":{"recurse":true} """)
    {
        var commit = await ground.Git.ImportAsync(folder, "deploy");
        await ground.CreateApplicationAsync(policy: Policy, kind: kind);
        await ground.SyncedAsync(commit);
        await BalanceAsync(ground);
        var status = await ground.UntilAsync(s => s.At("sync", "status")?.AsString() == "Synced" && s.At("health", "status")?.AsString() == "Healthy");
        var resources = Assert.IsType<YamlList>(status["resources"]).OfType<YamlMap>().ToList();
        Assert.Equal(objects, resources.Count);
        Assert.DoesNotContain("Error", status["conditions"]?.ToString() ?? "", StringComparison.Ordinal);
        var found = new Dictionary<string, string>();
        foreach (var key in resources.Select(r => new ObjectKey(new GroupKind(r["group"]?.AsString() ?? "", r["kind"]!.AsString()!), r["namespace"]?.AsString() ?? "", r["name"]!.AsString()!)))
        {
            var live = await ground.Client.FindAsync(key, Cancel);
            var space = key.Namespace == ground.Space ? "SPACE" : key.Namespace;
            found[$"{key.GroupKind}/{space}/{key.Name}"] = Content(live!);
        }

        return found;
    }

    // Nobody hands out addresses to a real API server's load balancers here.
    private static async Task BalanceAsync(Ground ground)
    {
        var services = await ground.Client.ResolveAsync(new GroupKind("", "Service"), Cancel);
        var list = await ground.Client.ListAsync(services, new ListOptions { Namespace = ground.Space }, Cancel);
        foreach (var service in list.Items.Where(s => s.Spec["type"]?.AsString() == "LoadBalancer"))
        {
            await ground.Client.PatchAsync(
                services, service.Namespace, service.Name, PatchKind.Merge, JsonText.Read("""{"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}}"""), subresource: "status", cancellation: Cancel);
        }
    }

    private static string Content(KubernetesObject live)
    {
        var body = live.Body;
        foreach (var path in Assigned.Concat(Newer))
        {
            body = body.WithoutAt(path);
        }

        if (body.At("spec", "ports") is YamlList ports && body.At("spec", "type")?.AsString() == "LoadBalancer")
        {
            body = body.With("spec", ((YamlMap)body["spec"]!).With("ports", new YamlList(ports.OfType<YamlMap>().Select(p => (YamlNode)p.Without("nodePort")))));
        }

        return JsonText.Write(Sorted(body), indented: true);
    }

    private static YamlNode Sorted(YamlNode node) => node switch
    {
        YamlMap map => YamlMap.Of([.. map.Where(e => !IsNothing(e.Value) && e.Key != "creationTimestamp").OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => (e.Key, Sorted(e.Value)))]),
        YamlList list => new YamlList(list.Select(Sorted)),
        _ => node,
    };

    // An empty map, a null and nothing are one and the same to an API server.
    private static bool IsNothing(YamlNode node) => node is YamlMap { Count: 0 } or { IsNull: true };
}
