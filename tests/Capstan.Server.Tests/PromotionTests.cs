using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Capstan.Resources;
using Capstan.Testing;
using Capstan.Yaml;

namespace Capstan.Server.Tests;

/// <summary>A release goes from dev over staging to prod: by commits that applications sync, in a whole server.</summary>
public sealed class PromotionTests(ServerFixture fixture) : IClassFixture<ServerFixture>, IDisposable
{
    private static readonly string[] Stages = ["dev", "staging", "prod"];
    private readonly string _work = Directory.CreateTempSubdirectory("capstan-promotion-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Host => fixture.Server.Url.Authority;

    private string Repository => $"{fixture.Server.Url}git/shop-envs.git";

    public void Dispose() => Directory.Delete(_work, recursive: true);

    [Fact]
    public async Task A_release_is_carried_to_production_by_commits_and_waits_where_it_has_to()
    {
        using var registry = new RegistryWire(fixture.Server.Url, "admin", fixture.Server.TokenText);
        await PushEnvironmentsAsync();
        foreach (var stage in Stages) await ApplyAsync(Application(stage));
        await ApplyAsync(Pipeline());

        // 1. A release whose image is not in the registry is not named by any commit.
        var digest = RegistryWire.DigestOf(Encoding.UTF8.GetBytes(await registry.ImageJsonAsync("team/shop", "layer one")));
        await ApplyAsync(Release("shop-1", digest, "v1"));
        await EventuallyAsync(async () => (await StageAsync("dev"))["message"]?.AsString()?.Contains("is not in the registry", StringComparison.Ordinal) == true);
        Assert.Equal(1, await CommitsAsync());

        // 2. With it, it enters dev, is healthy there, and enters staging by itself.
        await registry.PushImageAsync("team/shop", "v1", "layer one");
        await EventuallyAsync(async () => (await StageAsync("staging"))["proven"]?.AsString() == "shop-1");
        Assert.Equal($"{Host}/team/shop:v1@{digest}", await ImageAsync("staging"));
        Assert.Equal("old.example/shop:v0", await ImageAsync("prod"));

        // … and staging and production are told apart by what they have and what they run.
        using var compared = await fixture.SendAsync("GET", "/api/v1/pipelines/shop/compare?from=staging&to=prod", fixture.Server.TokenText);
        var differences = await compared.Content.ReadFromJsonAsync<JsonElement>(Stop);
        Assert.Equal("shop-1", differences.GetProperty("from").GetProperty("release").GetString());
        Assert.False(differences.GetProperty("to").TryGetProperty("release", out _));
        var field = differences.GetProperty("objects").EnumerateArray().Single().GetProperty("fields").EnumerateArray().Single();
        Assert.Equal(".spec.template.spec.containers[name=shop].image", field.GetProperty("path").GetString());
        Assert.Equal($"{Host}/team/shop:v1@{digest}", field.GetProperty("from").GetString());
        Assert.Equal("old.example/shop:v0", field.GetProperty("to").GetString());

        // 3. Production waits for a person, who is named in the commit.
        await EventuallyAsync(async () => (await StageAsync("prod"))["message"]?.AsString()?.StartsWith("shop-1 waits for 1 approval", StringComparison.Ordinal) == true);
        using var approved = await PostAsync("approve", """{"stage":"prod","reason":"seen it in staging"}""");
        Assert.True(approved.IsSuccessStatusCode, await approved.Content.ReadAsStringAsync(Stop));
        await EventuallyAsync(async () => (await StageAsync("prod"))["proven"]?.AsString() == "shop-1");
        Assert.Equal($"{Host}/team/shop:v1@{digest}", await ImageAsync("prod"));
        await GitAsync("pull", "-q");
        var message = await GitAsync("log", "-1", "--format=%B");
        foreach (var line in new[] { "Promote shop-1 to prod", "Capstan-Pipeline: shop", "Capstan-Stage: prod", "Capstan-Release: shop-1", "Capstan-Approved-By: admin: seen it in staging" }) Assert.Contains(line, message, StringComparison.Ordinal);
        Assert.Equal(4, await CommitsAsync());
        Assert.Contains("# the image of dev", await File.ReadAllTextAsync(Path.Combine(_work, "dev", "deployment.yaml"), Stop), StringComparison.Ordinal);

        // 4. Whoever names what is not there is told so.
        using var unknown = await PostAsync("promote", """{"stage":"moon"}""");
        Assert.Equal(404, (int)unknown.StatusCode);
        using var none = await PostAsync("approve", """{"stage":"prod"}""");
        Assert.Equal(422, (int)none.StatusCode);
    }

    [Fact]
    public async Task The_board_of_a_pipeline_has_the_releases_of_its_repository_whatever_its_name_is()
    {
        await ApplyAsync("""
            apiVersion: capstan.dev/v1alpha1
            kind: DeliveryPipeline
            metadata: {name: delivery, namespace: capstan}
            spec:
              repository: code
              frozen: true
              stages: [{name: dev, applications: [code-dev], write: {repository: code, manifest: dev.yaml} }]
            """);
        await ApplyAsync($$"""
            apiVersion: capstan.dev/v1alpha1
            kind: Release
            metadata: {name: code-1, namespace: capstan}
            spec:
              repository: code
              commit: {{new string('b', 40)}}
              images: [{name: code, image: "{{Host}}/code:1@sha256:{{new string('1', 64)}}" }]
            """);
        await EventuallyAsync(async () => await ReadAsync("/api/v1/pipelines/delivery/board", b => b.GetProperty("releases").EnumerateArray().Any(r => r.GetProperty("name").GetString() == "code-1")));
        Assert.True(await ReadAsync("/api/v1/releases/code-1", r => r.GetProperty("pipeline").GetString() == "delivery"));

        async Task<bool> ReadAsync(string path, Func<JsonElement, bool> holds)
        {
            using var answer = await fixture.SendAsync("GET", path, fixture.Server.TokenText);
            return answer.IsSuccessStatusCode && holds(await answer.Content.ReadFromJsonAsync<JsonElement>(Stop));
        }
    }

    private async Task PushEnvironmentsAsync()
    {
        using var made = await fixture.SendAsync("POST", "/api/v1/repositories", fixture.Server.TokenText, r => r.Content = JsonContent.Create(new Dictionary<string, string> { ["name"] = "shop-envs" }));
        Assert.True(made.IsSuccessStatusCode, await made.Content.ReadAsStringAsync(Stop));
        await GitAsync("init", "-q", "-b", "main", ".");
        foreach (var stage in Stages)
        {
            Directory.CreateDirectory(Path.Combine(_work, stage));
            await File.WriteAllTextAsync(Path.Combine(_work, stage, "deployment.yaml"), $$"""
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: shop}
                spec:
                  replicas: 1
                  selector: {matchLabels: {app: shop} }
                  template:
                    metadata: {labels: {app: shop} }
                    spec:
                      containers:
                        - name: shop
                          image: old.example/shop:v0 # the image of {{stage}}

                """, Stop);
        }

        await GitAsync("add", ".");
        await GitAsync("commit", "-q", "-m", "Begin");
        await GitAsync("remote", "add", "origin", Repository.Replace("://", $"://admin:{fixture.Server.TokenText}@", StringComparison.Ordinal));
        await GitAsync("push", "-q", "-u", "origin", "main");
    }

    private string Application(string stage) => $$"""
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: shop-{{stage}}, namespace: capstan}
        spec:
          project: default
          source: {repoURL: "{{Repository}}", path: {{stage}}, targetRevision: main}
          destination: {server: https://kubernetes.default.svc, namespace: {{stage}} }
          syncPolicy: {automated: {prune: true, selfHeal: true}, syncOptions: [CreateNamespace=true]}
        """;

    private static string Pipeline() => $$"""
        apiVersion: capstan.dev/v1alpha1
        kind: DeliveryPipeline
        metadata: {name: shop, namespace: capstan}
        spec:
          stages:
            - name: dev
              applications: [shop-dev]
              write: {repository: shop-envs, manifest: dev/deployment.yaml}
            - name: staging
              applications: [shop-staging]
              write: {repository: shop-envs, manifest: staging/deployment.yaml}
              gates: [{type: Healthy, for: 1s}]
            - name: prod
              applications: [shop-prod]
              write: {repository: shop-envs, manifest: prod/deployment.yaml}
              gates: [{type: Approval, count: 1}]
        """;

    private string Release(string name, string digest, string tag) => $$"""
        apiVersion: capstan.dev/v1alpha1
        kind: Release
        metadata: {name: {{name}}, namespace: capstan}
        spec:
          pipeline: shop
          commit: {{new string('a', 40)}}
          images: [{name: old.example/shop, image: "{{Host}}/team/shop:{{tag}}@{{digest}}" }]
        """;

    private async Task ApplyAsync(string yaml) => await fixture.Cluster.ApplyAsync(new KubernetesObject((YamlMap)YamlText.ReadOne(Encoding.UTF8.GetBytes(yaml))!), new() { Force = true }, Stop);

    private async Task<YamlMap> StageAsync(string stage)
    {
        var pipeline = await fixture.Cluster.FindAsync(new ObjectKey(new GroupKind("capstan.dev", "DeliveryPipeline"), "capstan", "shop"), Stop);
        return (pipeline!.Status["stages"]?.AsList() ?? YamlList.Empty).OfType<YamlMap>().FirstOrDefault(s => s["name"]?.AsString() == stage) ?? YamlMap.Empty;
    }

    private async Task<string?> ImageAsync(string stage)
    {
        var deployment = await fixture.Cluster.FindAsync(new ObjectKey(new GroupKind("apps", "Deployment"), stage, "shop"), Stop);
        return deployment?.Spec.At("template", "spec", "containers")?.AsList()?[0].AsMap()?["image"]?.AsString();
    }

    private Task<HttpResponseMessage> PostAsync(string what, string json) =>
        fixture.SendAsync("POST", "/api/v1/pipelines/shop/" + what, fixture.Server.TokenText, r => r.Content = new StringContent(json, Encoding.UTF8, "application/json"));

    private async Task<int> CommitsAsync()
    {
        await GitAsync("fetch", "-q");
        return int.Parse(await GitAsync("rev-list", "--count", "origin/main"), System.Globalization.CultureInfo.InvariantCulture);
    }

    private async Task EventuallyAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        while (!await condition())
        {
            if (limit.IsCancellationRequested)
            {
                var pipeline = await fixture.Cluster.FindAsync(new ObjectKey(new GroupKind("capstan.dev", "DeliveryPipeline"), "capstan", "shop"), Stop);
                Assert.Fail($"not within the time: {pipeline?.Status}");
            }

            await Task.Delay(200, Stop);
        }
    }

    private async Task<string> GitAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments) { WorkingDirectory = _work, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in new[] { ("HOME", _work), ("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_TERMINAL_PROMPT", "0"), ("GIT_AUTHOR_NAME", "Ada"), ("GIT_AUTHOR_EMAIL", "ada@example.com"), ("GIT_COMMITTER_NAME", "Ada"), ("GIT_COMMITTER_EMAIL", "ada@example.com") }) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(Stop), process.StandardError.ReadToEndAsync(Stop));
        await process.WaitForExitAsync(Stop);
        Assert.True(process.ExitCode == 0, $"git {string.Join(' ', arguments)}: {await errors}");
        return (await output).Trim();
    }
}
