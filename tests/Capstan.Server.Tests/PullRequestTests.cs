using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Capstan.Resources;
using Capstan.Server.Webhooks;
using Capstan.Yaml;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Capstan.Server.Tests;

/// <summary>Pull requests of another host (a second server plays it): what its webhooks start here, what forks are not given, and what the host is told of their commits.</summary>
public sealed class PullRequestTests : IAsyncLifetime
{
    private const string Key = "not-a-real-secret";
    private const string Repository = "team/shop";
    private readonly WorkflowServer _here = new();
    private readonly WorkflowServer _there = new();
    private readonly string _clone = Directory.CreateTempSubdirectory("capstan-pulls-").FullName;
    private readonly ConcurrentQueue<(string Path, string Token, JsonElement Body)> _told = new();
    private WebApplication? _api;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string From => $"{_there.Server.Url}git/{Repository}.git";

    public async ValueTask InitializeAsync()
    {
        await _here.InitializeAsync();
        await _there.InitializeAsync();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _api = builder.Build();
        _api.Run(async http =>
        {
            using var body = await JsonDocument.ParseAsync(http.Request.Body);
            _told.Enqueue((http.Request.Path, http.Request.Headers.Authorization.ToString(), body.RootElement.Clone()));
            http.Response.StatusCode = 201;
        });
        await _api.StartAsync(Stop);
        using var cluster = _here.Cluster();
        async Task PutAsync(YamlMap body) => await cluster.ApplyAsync(new KubernetesObject(body), new Kubernetes.ApplyOptions { FieldManager = "test", Force = true }, Stop);
        static YamlMap Secret(string name, string label, string mark, string key, string value) => YamlMap.Of(
            ("apiVersion", "v1"), ("kind", "Secret"), ("metadata", YamlMap.Of(("name", name), ("namespace", "capstan"), ("labels", YamlMap.Of((label, mark))))),
            ("data", YamlMap.Of((key, Convert.ToBase64String(Encoding.UTF8.GetBytes(value))))));
        await PutAsync(Secret("webhooks", WebhookKeys.Label, "", "github", Key));
        await PutAsync(Secret("host", "test", "", "token", _there.Server.TokenText));
        await PutAsync(Secret("shop", "capstan.dev/repository", "team.shop", "DEPLOY", "sesame-of-the-shop"));
        await PutAsync(YamlMap.Of(
            ("apiVersion", "capstan.dev/v1alpha1"), ("kind", "Settings"), ("metadata", YamlMap.Of(("name", "capstan"), ("namespace", "capstan"))),
            ("spec", YamlMap.Of(("workflows", YamlMap.Of(("pullRequests", new YamlList([YamlMap.Of(
                ("repository", Repository), ("from", From), ("apiURL", _api.Urls.Single()), ("tokenSecret", "host"), ("allowPrivate", true))]))))))));
        _there.Push(Repository, [("README", "Shop\n")]);
        _here.Push(Repository, [("README", "Shop\n")]);
        WorkflowServer.Git(_clone, "clone", "-q", Path.Combine(_there.Data, "git", Repository + ".git"), ".");
    }

    public async ValueTask DisposeAsync()
    {
        if (_api is not null) await _api.DisposeAsync();
        await _here.DisposeAsync();
        await _there.DisposeAsync();
        Directory.Delete(_clone, recursive: true);
    }

    [Fact]
    public async Task A_pull_request_of_a_fork_waits_for_an_approval_of_each_commit_gets_no_secrets_and_its_host_is_told()
    {
        var first = Commit("one");
        Assert.Equal(HttpStatusCode.Unauthorized, await TellAsync("opened", first, fork: true, key: "another secret"));
        Assert.Equal(HttpStatusCode.Accepted, await TellAsync("opened", first, fork: true));
        var run = await _here.WaitAsync(Repository, r => r.GetProperty("commit").GetString() == first);
        Assert.Equal(("pull_request", "waiting", "refs/pull/7/head", "mallory"), (run.GetProperty("event").GetString(), run.GetProperty("phase").GetString(), run.GetProperty("ref").GetString(), run.GetProperty("actor").GetString()));
        Assert.Contains("waits until somebody who may has looked at this very commit", run.GetProperty("message").GetString(), StringComparison.Ordinal);
        await ToldAsync(first, "pending", "Waits until somebody who may push approves this commit");

        // Neither ending it and running it again nor starting it by hand is a way around.
        var name = run.GetProperty("name").GetString();
        Assert.Equal(HttpStatusCode.Accepted, await _here.PostAsync($"/api/v1/runs/{name}/cancel", new { }));
        Assert.Equal(HttpStatusCode.OK, await _here.PostAsync($"/api/v1/runs/{name}/again", new { failedOnly = false }));
        run = await _here.WaitAsync(Repository, r => r.GetProperty("commit").GetString() == first);
        Assert.Equal("waiting", run.GetProperty("phase").GetString());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await _here.PostAsync("/api/v1/runs", new { repository = Repository, workflow = "ci.yaml", @ref = "refs/pull/7/head" }));

        Assert.Equal(HttpStatusCode.OK, await _here.PostAsync($"/api/v1/runs/{name}/approve", new { }));
        run = await _here.EndedAsync(Repository);
        var log = await _here.LogAsync(run);
        Assert.True(run.GetProperty("conclusion").GetString() == "success", log);
        Assert.Contains($"secret=[] 7/head feature into main at {first}", log, StringComparison.Ordinal);
        Assert.Contains("\none\n", log, StringComparison.Ordinal);
        Assert.Contains("push refused\n", log, StringComparison.Ordinal);
        await ToldAsync(first, "success", "Succeeded");

        var second = Commit("two");
        Assert.Equal(HttpStatusCode.Accepted, await TellAsync("synchronize", second, fork: true));
        run = await _here.WaitAsync(Repository, r => r.GetProperty("commit").GetString() == second);
        Assert.Equal("waiting", run.GetProperty("phase").GetString());
        Assert.Equal(HttpStatusCode.Accepted, await TellAsync("closed", second, fork: true));
        run = await _here.EndedAsync(Repository);
        Assert.Equal(("cancelled", "The pull request was closed"), (run.GetProperty("conclusion").GetString(), run.GetProperty("message").GetString()));
        await ToldAsync(second, "error", "The pull request was closed");
        Assert.Equal(2, (await _here.RunsAsync(Repository)).Count);
        Assert.All(_told, t => Assert.Equal($"Bearer {_there.Server.TokenText}", t.Token));
    }

    [Fact]
    public async Task A_pull_request_of_the_same_repository_runs_at_once_with_its_secrets_and_only_for_what_it_changed()
    {
        var commit = Commit("own");
        Assert.Equal(HttpStatusCode.Accepted, await TellAsync("opened", commit, fork: false));
        var run = await _here.EndedAsync(Repository);
        var log = await _here.LogAsync(run);
        Assert.True(run.GetProperty("conclusion").GetString() == "success", log);
        Assert.Contains("secret=[***] 7/head feature into main", log, StringComparison.Ordinal);
        Assert.Contains("CI", Assert.Single(await _here.RunsAsync(Repository)).GetProperty("workflow").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_acknowledged_while_its_host_was_away_is_dealt_with_after_a_restart()
    {
        var commit = Commit("late");
        var waiting = Path.Combine(_here.Data, "workflows", "pull-requests");
        await _here.StopAsync();
        Directory.CreateDirectory(waiting);
        await File.WriteAllTextAsync(Path.Combine(waiting, $"{TimeProvider.System.GetUtcNow().UtcTicks:D20}-000001-github.json"), Body("opened", commit, fork: false), Stop);
        await _here.StartAsync();
        var run = await _here.EndedAsync(Repository);
        Assert.Equal((commit, "success"), (run.GetProperty("commit").GetString(), run.GetProperty("conclusion").GetString()));
        Assert.Empty(Directory.EnumerateFiles(waiting));
    }

    private string Commit(string text)
    {
        Directory.CreateDirectory(Path.Combine(_clone, ".github", "workflows"));
        File.WriteAllText(Path.Combine(_clone, ".github", "workflows", "ci.yaml"), """
            name: CI
            on: pull_request
            permissions: write-all
            jobs:
              a:
                runs-on: x
                steps:
                  - uses: actions/checkout@v4
                  - run: |
                      echo "secret=[${{ secrets.DEPLOY }}] $GITHUB_REF_NAME $GITHUB_HEAD_REF into $GITHUB_BASE_REF at $GITHUB_SHA"
                      cat text
                      git push -q "${GITHUB_SERVER_URL/:\/\//:\/\/x:${{ github.token }}@}/git/team/shop.git" HEAD:refs/heads/mine || echo push refused
            """);
        File.WriteAllText(Path.Combine(_clone, ".github", "workflows", "docs.yaml"), "name: Docs\non: {pull_request: {paths: [docs/**]}}\njobs: {a: {runs-on: x, steps: [{run: echo}]}}\n");
        File.WriteAllText(Path.Combine(_clone, "text"), text + "\n");
        WorkflowServer.Git(_clone, "add", ".");
        WorkflowServer.Git(_clone, "-c", "user.name=Mallory", "-c", "user.email=m@example.org", "commit", "-q", "-m", text);
        WorkflowServer.Git(_clone, "push", "-q", "origin", "HEAD:refs/pull/7/head");
        return WorkflowServer.Git(_clone, "rev-parse", "HEAD").Trim();
    }

    private string Body(string action, string commit, bool fork) => $$"""
        {"action":"{{action}}","number":7,"repository":{"full_name":"team/shop","clone_url":"{{From}}"},"sender":{"login":"mallory"},
         "pull_request":{"number":7,"title":"Better","updated_at":"{{TimeProvider.System.GetUtcNow().UtcTicks.ToString(CultureInfo.InvariantCulture)}}",
          "head":{"ref":"feature","sha":"{{commit}}","repo":{"id": {{(fork ? 2 : 1)}} ,"full_name":"{{(fork ? "mallory/shop" : "team/shop")}}","clone_url":"http://127.0.0.1:1/evil.git"} },
          "base":{"ref":"main","sha":"{{commit}}","repo":{"id":1,"full_name":"team/shop"} } } }
        """;

    private async Task<HttpStatusCode> TellAsync(string action, string commit, bool fork, string key = Key)
    {
        var body = Encoding.UTF8.GetBytes(Body(action, commit, fork));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/hooks/git") { Content = new ByteArrayContent(body) };
        request.Headers.Add("X-GitHub-Event", "pull_request");
        request.Headers.Add("X-Hub-Signature-256", "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), body)));
        using var answer = await _here.Http.SendAsync(request, Stop);
        return answer.StatusCode;
    }

    private async Task ToldAsync(string commit, string state, string description)
    {
        bool Fits((string Path, string Token, JsonElement Body) told) => told.Path == $"/repos/git/{Repository}/statuses/{commit}" && told.Body.GetProperty("state").GetString() == state
            && told.Body.GetProperty("description").GetString() == description && told.Body.GetProperty("context").GetString() == "capstan/CI (pull_request)";
        for (var i = 0; i < 600 && !_told.Any(Fits); i++) await Task.Delay(50, Stop);
        Assert.Contains(_told, Fits);
    }
}
