using System.Net;
using System.Text;
using System.Text.Json;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Server.Tests;

/// <summary>What is promised of the API as a whole.</summary>
public sealed class ApiTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task The_OpenAPI_document_is_that_of_the_reference()
    {
        using var answer = await fixture.SendAsync("GET", "/api/v1/openapi.json", fixture.Server.TokenText);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var text = (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ReplaceLineEndings("\n").TrimEnd('\n') + "\n";
        var file = Path.Combine(ServerFixture.Root, "docs/reference/openapi.json");
        if (Environment.GetEnvironmentVariable("CAPSTAN_UPDATE") == "1") await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);
        Assert.Equal(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), text);
    }

    [Fact]
    public async Task The_OpenAPI_document_has_every_route_of_the_API()
    {
        using var document = await JsonAsync("/api/v1/openapi.json");
        Assert.StartsWith("3.1", document.RootElement.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        var paths = document.RootElement.GetProperty("paths");
        var missing = fixture.Server.RouteTable.Where(r => r.Contains(" /api/v1/", StringComparison.Ordinal) && !r.EndsWith("/openapi.json", StringComparison.Ordinal) && !r.StartsWith("HEAD ", StringComparison.Ordinal))
            .Select(r => r.Split(' ')).Where(r => !paths.TryGetProperty(r[1].TrimEnd('/').Replace("**", "", StringComparison.Ordinal), out var path) || !path.TryGetProperty(r[0].ToLowerInvariant(), out _))
            .Select(r => string.Join(' ', r));
        Assert.Empty(missing);
    }

    [Fact]
    public async Task An_answer_that_is_known_already_is_not_sent_again()
    {
        using var first = await fixture.SendAsync("GET", "/api/v1/repositories", fixture.Server.TokenText);
        var tag = first.Headers.ETag!;
        using var second = await fixture.SendAsync("GET", "/api/v1/repositories", fixture.Server.TokenText, r => r.Headers.IfNoneMatch.Add(tag));
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Empty(await second.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_POST_with_a_key_is_done_once()
    {
        async Task<HttpResponseMessage> MakeAsync(string key, string name) => await fixture.SendAsync("POST", "/api/v1/repositories", fixture.Server.TokenText, r =>
        {
            r.Headers.Add("Idempotency-Key", key);
            r.Content = new StringContent($"{{\"name\":\"{name}\"}}", Encoding.UTF8, "application/json");
        });
        using var first = await MakeAsync("k1", "once");
        using var again = await MakeAsync("k1", "once");
        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.Equal(HttpStatusCode.Created, again.StatusCode);
        Assert.Equal(await first.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), await again.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        using var other = await MakeAsync("k1", "twice");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.StatusCode);
        using var without = await MakeAsync("k2", "once");
        Assert.Equal(HttpStatusCode.Conflict, without.StatusCode);
    }

    [Fact]
    public async Task Lists_are_searched_filtered_sorted_and_cut_into_pages_on_the_server()
    {
        foreach (var name in new[] { "aa", "bb", "cc" }) await ApplyAsync(name, repository: "repo-of-list-tests");
        await TokenTests.EventuallyAsync(async () => (await NamesAsync("?search=repo-of-list-tests")).Length == 3);
        Assert.Equal(["aa", "bb", "cc"], await NamesAsync("?search=repo-of-list-tests"));
        Assert.Equal(["cc", "bb", "aa"], await NamesAsync("?search=repo-of-list-tests&sort=-name"));
        Assert.Equal(["bb"], await NamesAsync("?search=repo-of-list-tests&label=tier=bb"));
        Assert.Empty(await NamesAsync("?search=repo-of-list-tests&health=Healthy"));
        var seen = new List<string>();
        for (var next = ""; next is not null;)
        {
            using var page = await JsonAsync($"/api/v1/applications?search=repo-of-list-tests&limit=2&cursor={next}");
            seen.AddRange(page.RootElement.GetProperty("items").EnumerateArray().Select(a => a.GetProperty("metadata").GetProperty("name").GetString()!));
            next = page.RootElement.TryGetProperty("next", out var cursor) ? cursor.GetString() : null;
        }
        Assert.Equal(["aa", "bb", "cc"], seen);
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=1e9")]
    [InlineData("limit=-1")]
    [InlineData("cursor=zz")]
    [InlineData("cursor=00")]
    [InlineData("sort=metadata.managedFields")]
    public async Task A_query_that_makes_no_sense_is_refused(string query)
    {
        using var answer = await fixture.SendAsync("GET", "/api/v1/applications?" + query, fixture.Server.TokenText);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Events_go_on_where_a_client_left_and_say_reset_where_that_is_forgotten()
    {
        await ApplyAsync("followed");
        var first = await ReadEventsAsync(null, "application", "default/followed");
        await ApplyAsync("followed", "changed");
        var missed = await ReadEventsAsync(first.Id, "application", "default/followed");
        Assert.NotEqual(first.Id, missed.Id);
        var reset = await ReadEventsAsync("another-start-5", "reset", "");
        Assert.Equal("reset", reset.Kind);
    }

    [Fact]
    public async Task Applications_are_in_the_metrics_under_Argo_CDs_names()
    {
        await ApplyAsync("measured");
        await TokenTests.EventuallyAsync(async () =>
        {
            using var answer = await fixture.SendAsync("GET", "/metrics", fixture.Server.TokenText);
            var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            return text.Contains("argocd_app_info{autosync_enabled=\"false\",dest_namespace=\"x\",dest_server=\"https://kubernetes.default.svc\",health_status=\"", StringComparison.Ordinal)
                && text.Contains("name=\"measured\",namespace=\"capstan\",operation=\"\",project=\"default\",repo=\"file:///nowhere/another\"", StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_badge_tells_the_state_and_breaks_out_of_nothing()
    {
        await ApplyAsync("badged");
        await TokenTests.EventuallyAsync(async () =>
        {
            using var answer = await fixture.SendAsync("GET", "/badge/badged.svg", fixture.Server.TokenText);
            return answer.StatusCode == HttpStatusCode.OK && answer.Content.Headers.ContentType?.MediaType == "image/svg+xml";
        });
        using var without = await fixture.SendAsync("GET", "/badge/badged.svg");
        Assert.Equal(HttpStatusCode.Unauthorized, without.StatusCode);
        var drawn = Pages.Badge.Draw("<script>", "\"><script>", "#000");
        Assert.DoesNotContain("<script>", drawn, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_of_Secrets_are_masked_also_where_a_client_copied_them()
    {
        const string Value = "c2VjcmV0LW9mLXRoZS10ZXN0";
        var masked = Applications.LiveObjects.Mask(new KubernetesObject((YamlMap)YamlText.ReadOne($$"""
            apiVersion: v1
            kind: Secret
            metadata:
              name: s
              annotations:
                kubectl.kubernetes.io/last-applied-configuration: '{"data": {"k": "{{Value}}"} }'
            data: {k: {{Value}}}
            stringData: {l: secret-of-the-test}
            """)));
        Assert.DoesNotContain("secret-of-the-test", JsonText.Write(masked.Body), StringComparison.Ordinal);
        Assert.DoesNotContain(Value, JsonText.Write(masked.Body), StringComparison.Ordinal);
        Assert.Equal("***", masked.Body.At("data", "k")?.AsString());
    }

    private async Task<(string Id, string Kind)> ReadEventsAsync(string? after, string kind, string name)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        using var answer = await fixture.SendAsync("GET", "/api/v1/events", fixture.Server.TokenText, r =>
        {
            if (after is not null) r.Headers.Add("Last-Event-ID", after);
        });
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(limit.Token));
        var (id, found) = ("", "");
        while (await reader.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal)) id = line[4..];
            if (line.StartsWith("event: ", StringComparison.Ordinal)) found = line[7..];
            if (line.StartsWith("data: ", StringComparison.Ordinal) && found == kind && line.Contains(name, StringComparison.Ordinal)) return (id, found);
            if (after is null && line.StartsWith("data: ", StringComparison.Ordinal) && found == "hello") await ApplyAsync("followed", Guid.NewGuid().ToString("N"));
        }
        throw new InvalidOperationException("the stream ended");
    }

    private async Task ApplyAsync(string name, string? mark = null, string repository = "another") => await fixture.Cluster.ApplyAsync(new KubernetesObject((YamlMap)YamlText.ReadOne($$"""
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: {{name}}, namespace: capstan, labels: {tier: {{name}}, mark: "{{mark}}"} }
        spec:
          project: default
          source: {repoURL: "file:///nowhere/{{repository}}", path: ., targetRevision: HEAD}
          destination: {server: https://kubernetes.default.svc, namespace: x}
        """)), new Kubernetes.ApplyOptions { Force = true }, TestContext.Current.CancellationToken);

    private async Task<string[]> NamesAsync(string query)
    {
        using var list = await JsonAsync("/api/v1/applications" + query);
        return [.. list.RootElement.GetProperty("items").EnumerateArray().Select(a => a.GetProperty("metadata").GetProperty("name").GetString()!)];
    }

    private async Task<JsonDocument> JsonAsync(string path)
    {
        using var answer = await fixture.SendAsync("GET", path, fixture.Server.TokenText);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
