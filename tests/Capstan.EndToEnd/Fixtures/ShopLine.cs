using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.EndToEnd.Fixtures;

/// <summary>A repository with a program, its test, its Dockerfile and its environments; the three applications over those, and the pipeline between them.</summary>
internal sealed class ShopLine : IDisposable
{
    private static readonly string[] Stages = ["dev", "staging", "production"];
    private readonly LiveServer _server;

    private ShopLine(LiveServer server, WorkingCopy copy) => (_server, Copy) = (server, copy);

    public WorkingCopy Copy { get; }

    /// <summary>Pushes the applications and the pipeline into the platform repository, and the sources. Which of these comes first does not matter.</summary>
    public static async Task<ShopLine> PushAsync(LiveServer server)
    {
        using var platform = await WorkingCopy.CreateAsync(server, "platform");
        await platform.GitAsync("pull", "--quiet", "origin", "main");
        foreach (var stage in Stages) platform.Write($"apps/shop-{stage}.yaml", Application(server, stage));
        platform.Write("apps/shop-pipeline.yaml", Pipeline);
        await platform.PushAsync("Deliver the shop");

        var line = new ShopLine(server, await WorkingCopy.CreateAsync(server, "shop"));
        line.Copy.Write("page.txt", "the shop, first edition\n");
        line.Copy.Write("Dockerfile", "FROM scratch\nCOPY page.txt /\nENTRYPOINT [\"/serve\"]\n");
        line.Copy.Write(".github/workflows/ci.yaml", Workflow);
        line.Copy.Write("environments/base/kustomization.yaml", "resources: [deployment.yaml]\n");
        line.Copy.Write("environments/base/deployment.yaml", Deployment);
        foreach (var stage in Stages) line.Copy.Write($"environments/{stage}/kustomization.yaml", $"# the environment {stage}\nresources: [../base]\nimages:\n  - name: shop # written by promotions\n");
        await line.Copy.PushAsync("Open the shop");
        return line;
    }

    /// <summary>Changes the page, as a developer does: on top of what promotions wrote.</summary>
    public async Task<string> ChangeAsync(string page)
    {
        await Copy.GitAsync("pull", "--quiet", "--rebase", "origin", "main");
        Copy.Write("page.txt", page + "\n");
        return await Copy.PushAsync("Change the page: " + page);
    }

    /// <summary>Waits until a stage has proven the newest release.</summary>
    public Task ProvenAsync(string stage, int releases) => Eventually.BecomesAsync($"{stage} has proven release {releases}", async () =>
        (await ReleasesAsync()) is { Count: var count } all && count == releases && (await StageAsync(stage))["proven"]?.AsString() == all[^1], TimeSpan.FromSeconds(60));

    /// <summary>The releases, the oldest first.</summary>
    public async Task<IReadOnlyList<string>> ReleasesAsync()
    {
        var answer = await _server.CapstanAsync("get", "releases", "-o", "json");
        return answer.Code != 0 ? [] : [.. Items(JsonText.Read(answer.Out)).OrderBy(r => ((YamlMap)r["spec"]!)["createdAt"]!.AsString(), StringComparer.Ordinal).Select(r => new KubernetesObject(r).Name)];
    }

    /// <summary>The runs that failed.</summary>
    public async Task<IReadOnlyList<string>> LostRunsAsync()
    {
        var answer = await _server.CapstanAsync("get", "runs", "-o", "json");
        return answer.Code != 0 ? [] : [.. Items(JsonText.Read(answer.Out)).Where(r => r["conclusion"]?.AsString() == "failure").Select(r => r["name"]!.AsString()!)];
    }

    public async Task<YamlMap> StageAsync(string stage)
    {
        var answer = await _server.CapstanAsync("get", "pipeline", "shop", "-o", "json");
        return answer.Code != 0 ? YamlMap.Empty
            : (new KubernetesObject((YamlMap)JsonText.Read(answer.Out)).Status["stages"]?.AsList() ?? YamlList.Empty).OfType<YamlMap>().FirstOrDefault(s => s["name"]?.AsString() == stage) ?? YamlMap.Empty;
    }

    /// <summary>The promotions and reverts in Git, the oldest first, each as <c>STAGE RELEASE [was REVERTED]</c>.</summary>
    public async Task<IReadOnlyList<string>> PromotionsAsync()
    {
        await Copy.GitAsync("fetch", "--quiet", "origin");
        var log = await Copy.GitAsync("log", "--reverse", "--format=%(trailers:key=Capstan-Stage,valueonly,separator=) %(trailers:key=Capstan-Release,valueonly,separator=) %(trailers:key=Capstan-Reverted-Release,valueonly,separator=)", "origin/main");
        return [.. log.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0)];
    }

    public void Dispose() => Copy.Dispose();

    private static IEnumerable<YamlMap> Items(YamlNode list) => (((YamlMap)list)["items"]?.AsList() ?? YamlList.Empty).OfType<YamlMap>();

    private static string Application(LiveServer server, string stage) => $$"""
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: shop-{{stage}}, namespace: capstan}
        spec:
          project: default
          source: {repoURL: "{{server.Url}}/git/shop.git", path: environments/{{stage}}, targetRevision: main}
          destination: {server: https://kubernetes.default.svc, namespace: shop-{{stage}} }
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
            - name: staging
              applications: [shop-staging]
              write: {repository: shop, kustomization: environments/staging/kustomization.yaml}
              gates: [{type: Healthy, for: 1s}, {type: Signature}]
            - name: production
              applications: [shop-production]
              write: {repository: shop, kustomization: environments/production/kustomization.yaml}
              gates: [{type: Approval}]

        """;

    private const string Workflow = """
        name: Shop
        on:
          push:
            branches: [main]
            paths-ignore: ["environments/**"]
        jobs:
          test:
            runs-on: ubuntu-latest
            steps:
              - uses: actions/checkout@v4
              - run: grep -q edition page.txt
              - run: echo '<testsuite><testcase name="edition"/><testcase name="later"><skipped/></testcase></testsuite>' > tests.xml
              - uses: actions/upload-artifact@v4
                with: {name: tests, path: tests.xml}
          image:
            needs: test
            runs-on: ubuntu-latest
            steps:
              - uses: actions/checkout@v4
              - uses: capstan/build-image@v1

        """;

    private const string Deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: shop}
        spec:
          replicas: 1
          progressDeadlineSeconds: 3
          selector: {matchLabels: {app: shop} }
          template:
            metadata: {labels: {app: shop} }
            spec:
              containers: [{name: shop, image: shop}]

        """;
}
