using System.Net;
using System.Text;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Tests;

/// <summary>Admission webhooks: what they change, what they refuse, and what happens where they do not answer.</summary>
public sealed class WebhookTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly string _space = "hooks-" + Guid.NewGuid().ToString("N")[..8];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mutating_webhook_changes_what_is_stored()
    {
        await using var host = new WebhookHost(_ => WebhookHost.Patch("""[{"op":"add","path":"/data/added","value":"yes"}]"""));
        await ConfigureAsync("mutating", Hook(host));

        var (status, made) = await SendAsync(HttpMethod.Post, Maps, Map("a"));

        Assert.Equal((HttpStatusCode.Created, "yes"), (status, made.At("data", "added")?.AsString()));
        var request = Assert.Single(host.Requests);
        Assert.Equal(("CREATE", "admin", "a"), (request["operation"]?.AsString(), request.At("userInfo", "username")?.AsString(), request["name"]?.AsString()));
    }

    [Fact]
    public async Task A_validating_webhook_refuses_in_its_own_words()
    {
        await using var host = new WebhookHost(r => r["operation"]!.AsString() == "DELETE"
            ? YamlMap.Of(("allowed", false), ("status", YamlMap.Of(("message", "it stays"), ("code", 403)))) : WebhookHost.Allow.With("warnings", YamlList.Create(["mind the gap"])));
        await ConfigureAsync("validating", Hook(host));

        Assert.Equal(HttpStatusCode.Created, (await SendAsync(HttpMethod.Post, Maps, Map("a"))).Status);
        var (status, answer) = await SendAsync(HttpMethod.Delete, Maps + "/a", null);

        Assert.Equal((HttpStatusCode.Forbidden, "admission webhook \"hook.example.com\" denied the request: it stays"), (status, answer["message"]!.AsString()));
    }

    [Theory]
    [InlineData("Fail", HttpStatusCode.InternalServerError)]
    [InlineData("Ignore", HttpStatusCode.Created)]
    public async Task A_webhook_that_does_not_answer_counts_as_its_policy_says(string policy, HttpStatusCode expected)
    {
        var hook = YamlMap.Of(("name", "hook.example.com"), ("clientConfig", YamlMap.Of(("url", "https://127.0.0.1:1/none"))));
        await ConfigureAsync("validating", Complete(hook).With("failurePolicy", policy));

        var (status, answer) = await SendAsync(HttpMethod.Post, Maps, Map("a"));

        Assert.Equal(expected, status);
        Assert.Equal(policy == "Fail", answer["message"]?.AsString()?.StartsWith("Internal error occurred: failed calling webhook \"hook.example.com\"", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task A_certificate_that_the_bundle_does_not_know_is_not_trusted()
    {
        await using var host = new WebhookHost(_ => WebhookHost.Allow);
        await using var other = new WebhookHost(_ => WebhookHost.Allow);
        await ConfigureAsync("validating", Hook(host).WithAt(["clientConfig", "caBundle"], other.Bundle));

        Assert.Equal(HttpStatusCode.InternalServerError, (await SendAsync(HttpMethod.Post, Maps, Map("a"))).Status);
        Assert.Empty(host.Requests);
    }

    [Fact]
    public async Task Selectors_keep_a_webhook_away()
    {
        await using var host = new WebhookHost(_ => YamlMap.Of(("allowed", false)));
        await ConfigureAsync("validating", Hook(host).WithAt(["objectSelector", "matchLabels", "watched"], "yes"));

        Assert.Equal(HttpStatusCode.Created, (await SendAsync(HttpMethod.Post, Maps, Map("free"))).Status);
        var watched = Map("held").WithAt(["metadata", "labels", "watched"], "yes");
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(HttpMethod.Post, Maps, watched)).Status);
    }

    [Theory]
    [InlineData("object.metadata.name == 'watched'", HttpStatusCode.BadRequest, HttpStatusCode.Created)]
    [InlineData("request.userInfo.username != 'admin'", HttpStatusCode.Created, HttpStatusCode.Created)]
    [InlineData("object.data.absent == 'x'", HttpStatusCode.Forbidden, HttpStatusCode.Forbidden)]
    public async Task Conditions_keep_a_webhook_away_and_one_that_fails_refuses(string condition, HttpStatusCode watched, HttpStatusCode other)
    {
        await using var host = new WebhookHost(_ => YamlMap.Of(("allowed", false)));
        await ConfigureAsync("validating", Hook(host).With("matchConditions", YamlList.Create([YamlMap.Of(("name", "named"), ("expression", condition))])));

        Assert.Equal(watched, (await SendAsync(HttpMethod.Post, Maps, Map("watched"))).Status);
        Assert.Equal(other, (await SendAsync(HttpMethod.Post, Maps, Map("other"))).Status);
    }

    [Fact]
    public async Task A_dry_run_is_refused_by_a_webhook_that_has_side_effects_and_told_to_others()
    {
        await using var host = new WebhookHost(_ => WebhookHost.Allow);
        await ConfigureAsync("validating", Hook(host).With("sideEffects", "Some"));
        var (status, answer) = await SendAsync(HttpMethod.Post, Maps + "?dryRun=All", Map("a"));
        Assert.Equal((HttpStatusCode.BadRequest, "admission webhook \"hook.example.com\" does not support dry run"), (status, answer["message"]!.AsString()));

        await ConfigureAsync("validating", Hook(host));
        Assert.Equal(HttpStatusCode.Created, (await SendAsync(HttpMethod.Post, Maps + "?dryRun=All", Map("a"))).Status);
        Assert.Equal("true", Assert.Single(host.Requests)["dryRun"]!.ToString());
    }

    [Fact]
    public async Task A_webhook_is_asked_again_when_a_later_one_changed_the_object()
    {
        await using var first = new WebhookHost(r => WebhookHost.Patch($$"""[{"op":"add","path":"/data/first","value":"{{(r.At("object", "data", "second") is null ? "alone" : "together")}}"}]"""));
        await using var second = new WebhookHost(_ => WebhookHost.Patch("""[{"op":"add","path":"/data/second","value":"yes"}]"""));
        await ConfigureAsync("mutating", Hook(first).With("reinvocationPolicy", "IfNeeded"), Hook(second).With("name", "second.example.com"));

        var (_, made) = await SendAsync(HttpMethod.Post, Maps, Map("a"));

        Assert.Equal("together", made.At("data", "first")!.AsString());
        Assert.Equal((2, 1), (first.Requests.Count, second.Requests.Count));
    }

    private string Maps => $"/api/v1/namespaces/{_space}/configmaps";

    private static YamlMap Map(string name) => YamlMap.Of(("metadata", YamlMap.Of(("name", name))), ("data", YamlMap.Of(("k", "v"))));

    private YamlMap Hook(WebhookHost host) => Complete(YamlMap.Of(
        ("name", "hook.example.com"), ("clientConfig", YamlMap.Of(("url", host.Url), ("caBundle", host.Bundle)))));

    // Only for config maps of this test's own namespace.
    private YamlMap Complete(YamlMap hook) => hook.With("sideEffects", "None").With("admissionReviewVersions", YamlList.Create(["v1"])).With("timeoutSeconds", 5)
        .With("namespaceSelector", YamlMap.Of(("matchLabels", YamlMap.Of(("kubernetes.io/metadata.name", _space)))))
        .With("rules", YamlList.Create([YamlMap.Of(
            ("operations", YamlList.Create(["*"])), ("apiGroups", YamlList.Create([""])), ("apiVersions", YamlList.Create(["v1"])), ("resources", YamlList.Create(["configmaps"])))]));

    private async Task ConfigureAsync(string kind, params YamlMap[] hooks)
    {
        // The namespace's own ConfigMap is made before the webhook could be asked about it.
        await SendAsync(HttpMethod.Post, "/api/v1/namespaces", YamlMap.Of(("metadata", YamlMap.Of(("name", _space)))));
        for (var i = 0; i < 200 && (await SendAsync(HttpMethod.Get, Maps + "/kube-root-ca.crt", null)).Status != HttpStatusCode.OK; i++)
        {
            await Task.Delay(20, Cancellation);
        }

        var path = $"/apis/admissionregistration.k8s.io/v1/{kind}webhookconfigurations";
        await SendAsync(HttpMethod.Delete, $"{path}/{_space}", null);
        var (status, answer) = await SendAsync(HttpMethod.Post, path, YamlMap.Of(("metadata", YamlMap.Of(("name", _space))), ("webhooks", new YamlList(hooks))));
        Assert.True(status == HttpStatusCode.Created, answer.ToString());
    }

    private async Task<(HttpStatusCode Status, YamlMap Body)> SendAsync(HttpMethod method, string path, YamlMap? body)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(JsonText.Write(body), Encoding.UTF8, "application/json");
        }

        using var answer = await fixture.Http.SendAsync(request, Cancellation);
        return (answer.StatusCode, (YamlMap)JsonText.Read(await answer.Content.ReadAsByteArrayAsync(Cancellation)));
    }
}
