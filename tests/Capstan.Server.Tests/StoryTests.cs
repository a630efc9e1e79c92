using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Server.Tests;

/// <summary>The timeline of an application, the logs of its pods, and what two deployments differ in.</summary>
public sealed class StoryTests(WorkflowServer server) : IClassFixture<WorkflowServer>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_timeline_has_commits_runs_and_syncs_and_two_deployments_are_compared_within_the_application()
    {
        server.Push("story", [("deploy/web.yaml", Manifest(1)), (".github/workflows/ci.yaml", "on: push\njobs: {a: {runs-on: x, steps: [{run: 'true'}]}}"), ("other.txt", "one\n")]);
        using var cluster = server.Cluster();
        await cluster.ApplyAsync(new KubernetesObject((YamlMap)YamlText.ReadOne($$"""
            apiVersion: argoproj.io/v1alpha1
            kind: Application
            metadata: {name: story, namespace: capstan}
            spec:
              project: default
              source: {repoURL: "{{server.Server.Url}}git/story.git", path: deploy, targetRevision: main}
              destination: {server: https://kubernetes.default.svc, namespace: story}
              syncPolicy: {automated: {}, syncOptions: [CreateNamespace=true]}
            """)), new() { Force = true }, Stop);
        await DeployedAsync(1);
        server.Push("story", [("deploy/web.yaml", Manifest(2)), (".github/workflows/ci.yaml", "on: push\njobs: {a: {runs-on: x, steps: [{run: 'true'}]}}"), ("other.txt", "two\n")]);
        var history = await DeployedAsync(2);

        var ids = history.GetProperty("deployments").EnumerateArray().Select(d => d.GetProperty("id").GetInt64()).ToArray();
        var diff = (await GetAsync($"/api/v1/applications/story/compare?from={ids[1]}&to={ids[0]}")).GetProperty("diff").GetString()!;
        Assert.Contains("+  replicas: 2", diff, StringComparison.Ordinal);
        Assert.DoesNotContain("other.txt", diff, StringComparison.Ordinal);
        using var none = await server.Http.GetAsync("/api/v1/applications/story/compare?from=0&to=4711", Stop);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);

        await server.EndedAsync("story");
        var items = (await GetAsync("/api/v1/applications/story/timeline")).GetProperty("items").EnumerateArray().ToArray();
        foreach (var kind in (string[])["commit", "run", "sync", "state"]) Assert.Contains(items, i => i.GetProperty("kind").GetString() == kind);
        var times = items.Select(i => DateTimeOffset.Parse(i.GetProperty("at").GetString()!, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(times.OrderDescending(), times);
    }

    [Fact]
    public async Task Logs_want_their_own_right_and_an_object_that_is_the_applications()
    {
        using var made = await server.Http.PostAsJsonAsync("/api/v1/tokens", new Dictionary<string, object> { ["name"] = "viewer", ["allow"] = new[] { "get,list:applications" } }, Stop);
        var token = (await made.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("token").GetString();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/applications/platform/logs");
        request.Headers.Authorization = new("Bearer", token);
        using var refused = await server.Http.SendAsync(request, Stop);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        using var foreign = await server.Http.GetAsync("/api/v1/applications/platform/logs?object=Pod/kube-system/secretive", Stop);
        Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
        Assert.Empty((await GetAsync("/api/v1/applications/platform/logs")).GetProperty("items").EnumerateArray());
    }

    private async Task<JsonElement> DeployedAsync(int count)
    {
        var started = Stopwatch.StartNew();
        while (started.Elapsed < TimeSpan.FromSeconds(60))
        {
            using var answer = await server.Http.GetAsync("/api/v1/applications/story/history", Stop);
            if (answer.IsSuccessStatusCode && await answer.Content.ReadFromJsonAsync<JsonElement>(Stop) is var history && history.GetProperty("deployments").GetArrayLength() >= count) return history;
            await Task.Delay(100, Stop);
        }
        Assert.Fail($"there were no {count} deployments in time");
        return default;
    }

    private static string Manifest(int replicas) => $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          replicas: {{replicas}}
          selector: {matchLabels: {app: web} }
          template:
            metadata: {labels: {app: web} }
            spec: {containers: [{name: web, image: "shop/web:1"}]}

        """;

    private Task<JsonElement> GetAsync(string path) => server.Http.GetFromJsonAsync<JsonElement>(path, Stop);
}
