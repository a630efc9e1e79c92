using System.Diagnostics;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Bench;

/// <summary>From the push of code to its new version in dev, by part: a trivial test, an image without RUN, a release, the commit that promotes, the rollout.</summary>
internal sealed class LineScenario : IScenario
{
    private const int Pushes = 10;
    private const string Space = "shop-dev";
    private static readonly string[] Parts = ["the push returned", "the run began", "the run ended", "the release was made", "the Deployment has the new image", "it is available"];

    public string Name => "line";

    public string Title => "git push of code → its new version in dev";

    public async Task RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        await using var server = await Server.StartAsync(options, cancellation);
        using var platform = await WorkTree.CreateAsync(server.GitUrl("platform"), cancellation);
        await platform.PullAsync(cancellation);
        platform.Write("apps/shop-dev.yaml", Application(server));
        platform.Write("apps/shop-pipeline.yaml", Pipeline);
        await platform.CommitAsync("Deliver the shop", cancellation);
        await platform.PushAsync(cancellation);
        using var shop = await WorkTree.CreateAsync(server.GitUrl("shop"), cancellation);
        shop.Write("Dockerfile", "FROM scratch\nCOPY page.txt /\nENTRYPOINT [\"/serve\"]\n");
        shop.Write(".github/workflows/ci.yaml", Workflow);
        shop.Write("environments/base/kustomization.yaml", "resources: [deployment.yaml]\n");
        shop.Write("environments/base/deployment.yaml", Deployment);
        shop.Write("environments/dev/kustomization.yaml", "resources: [../base]\nimages:\n  - name: shop\n");
        var times = Parts.Select(_ => new List<double>()).ToList();
        for (var i = 0; i <= Pushes; i++)
        {
            if (i > 0) await shop.PullAsync(cancellation);
            shop.Write("page.txt", $"edition {i}\n");
            await shop.CommitAsync($"Edition {i}", cancellation);
            var arrived = await PushAsync(server.Client, shop, cancellation);

            // The first one makes the namespace and all else.
            for (var part = 0; i > 0 && part < Parts.Length; part++) times[part].Add(arrived[part].TotalMilliseconds);
        }

        for (var part = 0; part < Parts.Length; part++) Figures.Percentiles($"git push started → {Parts[part]}", times[part]);
    }

    private static async Task<TimeSpan[]> PushAsync(ClusterClient client, WorkTree shop, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(TimeSpan.FromSeconds(90));
        var runs = await Follower.StartAsync(client, new GroupKind("capstan.dev", "WorkflowRun"), "capstan", deadline.Token);
        var releases = await Follower.StartAsync(client, new GroupKind("capstan.dev", "Release"), "capstan", deadline.Token);
        var deployments = await Follower.StartAsync(client, new GroupKind("apps", "Deployment"), Space, deadline.Token);
        var old = deployments.Listed is [var there, ..] ? Image(there) : "";
        var started = Stopwatch.GetTimestamp();
        var began = runs.WhenAsync(r => r.Status["startedAt"]?.AsString() is { Length: > 0 }, deadline.Token);
        var ended = runs.WhenAsync(r => r.Status["phase"]?.AsString() == "completed", deadline.Token);
        var released = releases.WhenAsync(_ => true, deadline.Token);
        bool IsNew(KubernetesObject found) => Image(found) is var image && image != old && image.Contains("@sha256:", StringComparison.Ordinal);
        var changed = deployments.WhenAsync(IsNew, deadline.Token);
        var available = deployments.WhenAsync(d => IsNew(d) && d.Status["observedGeneration"]?.ToString() == d.Metadata["generation"]?.ToString() && d.Status["updatedReplicas"]?.ToString() == "1" && d.Status["availableReplicas"]?.ToString() == "1" && d.Status["replicas"]?.ToString() == "1", deadline.Token);
        await shop.PushAsync(cancellation);
        var pushed = Stopwatch.GetTimestamp();
        long[] all = [pushed, await began, await ended, await released, await changed, await available];
        return [.. all.Select(t => Stopwatch.GetElapsedTime(started, t))];
    }

    private static string Image(KubernetesObject deployment) => (deployment.Body.At("spec", "template", "spec", "containers")?.AsList() ?? YamlList.Empty).OfType<YamlMap>().FirstOrDefault()?["image"]?.AsString() ?? "";

    private static string Application(Server server) => $$"""
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: shop-dev, namespace: capstan}
        spec:
          project: default
          source: {repoURL: "{{server.RepositoryUrl("shop")}}", path: environments/dev, targetRevision: main}
          destination: {server: https://kubernetes.default.svc, namespace: {{Space}} }
          syncPolicy: {automated: {prune: true, selfHeal: true}, syncOptions: [CreateNamespace=true]}

        """;

    private const string Pipeline = """
        apiVersion: capstan.dev/v1alpha1
        kind: DeliveryPipeline
        metadata: {name: shop, namespace: capstan}
        spec:
          repository: shop
          stages:
            - name: dev
              soak: 1s
              applications: [shop-dev]
              write: {repository: shop, kustomization: environments/dev/kustomization.yaml}

        """;

    private const string Workflow = """
        name: Shop
        on: {push: {branches: [main], paths-ignore: ["environments/**"]}}
        jobs:
          test: {runs-on: x, steps: [{uses: actions/checkout@v4}, {run: grep -q edition page.txt}]}
          image: {needs: test, runs-on: x, steps: [{uses: actions/checkout@v4}, {uses: capstan/build-image@v1}]}

        """;

    private const string Deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: shop}
        spec:
          replicas: 1
          selector: {matchLabels: {app: shop} }
          template:
            metadata: {labels: {app: shop} }
            spec:
              containers: [{name: shop, image: shop}]

        """;

    /// <summary>A list of the objects of one kind, and what changes behind it: a watch tells the moment without asking again and again.</summary>
    private sealed record Follower(ClusterClient Client, ApiResource Resource, string Namespace, string Version, IReadOnlyList<KubernetesObject> Listed)
    {
        public static async Task<Follower> StartAsync(ClusterClient client, GroupKind kind, string space, CancellationToken cancellation)
        {
            var resource = await client.ResolveAsync(kind, cancellation);
            var list = await client.ListAsync(resource, new ListOptions { Namespace = space }, cancellation);
            return new Follower(client, resource, space, list.ResourceVersion, list.Items);
        }

        public async Task<long> WhenAsync(Func<KubernetesObject, bool> wanted, CancellationToken cancellation)
        {
            await foreach (var change in Client.WatchAsync(Resource, Version, new ListOptions { Namespace = Namespace }, cancellation))
            {
                if (change.Kind is WatchEventKind.Added or WatchEventKind.Modified && wanted(change.Object)) return Stopwatch.GetTimestamp();
            }

            throw new InvalidOperationException($"the watch of {Resource} ended before what was waited for");
        }
    }
}
