using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Capstan.Access.Rights;
using Microsoft.AspNetCore.Routing;

namespace Capstan.Server.Tests;

/// <summary>Every route that is served, each with the same questions. The routes are a contract: docs/reference/routes.txt, rewritten with CAPSTAN_UPDATE=1.</summary>
public partial class GuardTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task The_routes_are_those_of_the_reference()
    {
        var text = string.Concat(fixture.Server.Endpoints.SelectMany(Lines).Order(StringComparer.Ordinal).Select(l => l + "\n"));
        var file = Path.Combine(ServerFixture.Root, "docs/reference/routes.txt");
        if (Environment.GetEnvironmentVariable("CAPSTAN_UPDATE") == "1") await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);
        Assert.Equal(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), text);
    }

    [Fact]
    public void Every_route_states_its_right_or_why_it_needs_none()
    {
        Assert.NotEmpty(fixture.Server.Endpoints);
        var silent = fixture.Server.Endpoints.Where(e => e.Metadata.GetMetadata<StatedRight>() is null == e.Metadata.GetMetadata<OpenToAll>() is null).Select(e => e.DisplayName);
        Assert.Empty(silent);
        Assert.All(fixture.Server.Endpoints, e => Assert.True(e.Metadata.GetMetadata<StatedRight>()?.NameFrom is not { } name || e.RoutePattern.GetParameter(name) is not null, e.DisplayName));
    }

    [Fact]
    public async Task No_route_answers_under_a_foreign_name_or_to_another_site()
    {
        foreach (var (method, path, _) in Calls())
        {
            using var rebound = await fixture.SendAsync(method, path, fixture.Server.TokenText, r => r.Headers.Host = "evil.example");
            Assert.True(rebound.StatusCode == HttpStatusCode.MisdirectedRequest, $"{method} {path} under a foreign name: {rebound.StatusCode}");
            using var foreign = await fixture.SendAsync(method, path, fixture.Server.TokenText, r => r.Headers.Add("Origin", "https://evil.example"));
            Assert.True(foreign.StatusCode == HttpStatusCode.Forbidden, $"{method} {path} from another site: {foreign.StatusCode}");
            using var fetched = await fixture.SendAsync(method, path, fixture.Server.TokenText, r => r.Headers.Add("Sec-Fetch-Site", "cross-site"));
            Assert.True(fetched.StatusCode == HttpStatusCode.Forbidden, $"{method} {path} fetched by another site: {fetched.StatusCode}");
        }
    }

    [Fact]
    public async Task A_credential_that_is_wrong_opens_nothing_not_even_what_is_open()
    {
        foreach (var (method, path, endpoint) in Calls())
        {
            using var wrong = await fixture.SendAsync(method, path, "wrong");
            Assert.True(IsChallenge(wrong), $"{method} {path} with a wrong token: {wrong.StatusCode}");
            if (endpoint.Metadata.GetMetadata<OpenToAll>() is not null) continue;
            using var without = await fixture.SendAsync(method, path);
            // The registry says of a path that is none of its protocol's that there is nothing, whoever asks.
            Assert.True(IsChallenge(without) || (without.StatusCode == HttpStatusCode.NotFound && path.StartsWith("/v2/", StringComparison.Ordinal)), $"{method} {path} without a token: {without.StatusCode}");
        }
    }

    [Fact]
    public async Task A_principal_without_rights_reaches_no_route_but_its_own()
    {
        // A token that may something, but nothing that any route does.
        var token = await TokenAsync("exec:instance");
        foreach (var (method, path, endpoint) in Calls().Where(c => c.Endpoint.Metadata.GetMetadata<StatedRight>() is { OwnIsEnough: false }))
        {
            using var answer = await fixture.SendAsync(method, path, token);
            Assert.True(answer.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.NotFound, $"{method} {path} without a right: {answer.StatusCode}");
            using var with = await fixture.SendAsync(method, path, fixture.Server.TokenText);
            Assert.False(with.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.InternalServerError || (with.StatusCode == HttpStatusCode.Forbidden && endpoint.Metadata.GetMetadata<StatedRight>() is { AsksItself: false }), $"{method} {path} as administrator: {with.StatusCode}");
        }
    }

    [Theory]
    [InlineData("get:applications")]
    [InlineData("get,list:applications,repositories,instance,clusters")]
    public async Task A_viewer_changes_nothing(string allow)
    {
        var token = await TokenAsync(allow);
        foreach (var (method, path, endpoint) in Calls().Where(c => c.Endpoint.Metadata.GetMetadata<StatedRight>() is { OwnIsEnough: false, Verb: not (Verb.Get or Verb.List) }))
        {
            using var answer = await fixture.SendAsync(method, path, token);
            Assert.True(answer.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.NotFound, $"{method} {path} by a viewer: {answer.StatusCode}");
        }
    }

    [Fact]
    public async Task Probes_are_open()
    {
        foreach (var path in new[] { "/livez", "/readyz" })
        {
            using var probe = await fixture.SendAsync("GET", path);
            Assert.Equal(HttpStatusCode.OK, probe.StatusCode);
        }
    }

    [Theory]
    [InlineData("GET", "/git/platform.git/info/refs?service=git-upload-pack")]
    [InlineData("GET", "/git/platform.git/info/refs?service=git-receive-pack")]
    [InlineData("POST", "/git/platform.git/git-upload-pack")]
    [InlineData("POST", "/git/platform.git/git-receive-pack")]
    [InlineData("GET", "/git/platform.git/HEAD")]
    public async Task The_Git_host_needs_the_token_too(string method, string path)
    {
        using var without = await fixture.SendAsync(method, path);
        Assert.Equal(HttpStatusCode.Unauthorized, without.StatusCode);
    }

    [Fact]
    public async Task Metrics_are_in_Prometheus_form_with_those_of_the_engine()
    {
        var text = "";
        for (var attempt = 0; attempt < 100 && !text.Contains("capstan_reconcile_total", StringComparison.Ordinal); attempt++)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
            using var answer = await fixture.SendAsync("GET", "/metrics", fixture.Server.TokenText);
            text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        }
        Assert.Contains("# TYPE capstan_reconcile_total counter\ncapstan_reconcile_total{loop=", text, StringComparison.Ordinal);
        Assert.Contains("le=\"+Inf\"", text, StringComparison.Ordinal);
        Assert.All(text.TrimEnd('\n').Split('\n'), line => Assert.Matches(MetricLine(), line));
    }

    private static IEnumerable<string> Lines(RouteEndpoint endpoint)
    {
        var right = endpoint.Metadata.GetMetadata<StatedRight>();
        var need = right is null ? "open: " + endpoint.Metadata.GetMetadata<OpenToAll>()!.Why : right.OwnIsEnough ? $"signed in ({right})" : right.ToString() + (right.NameFrom is { } name ? $" {{{name}}}" : "");
        return (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["*"]).Where(m => m != "HEAD").Select(m => $"{endpoint.RoutePattern.RawText,-60} {m,-7} {need}");
    }

    /// <summary>The routes as requests: of a thing that is not there, so that asking changes nothing.</summary>
    private IEnumerable<(string Method, string Path, RouteEndpoint Endpoint)> Calls() => fixture.Server.Endpoints.SelectMany(e => (e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"])
        .Where(m => m != "HEAD").Select(m => (m, "/" + Parameter().Replace(e.RoutePattern.RawText!, "nobody").TrimStart('/'), e)));

    private static bool IsChallenge(HttpResponseMessage answer) => answer.StatusCode == HttpStatusCode.Unauthorized
        || (answer.StatusCode == HttpStatusCode.Found && answer.Headers.Location?.OriginalString.StartsWith("/sign-in?next=", StringComparison.Ordinal) == true);

    private async Task<string> TokenAsync(string allow)
    {
        using var made = await fixture.SendAsync("POST", "/api/v1/tokens", fixture.Server.TokenText,
            r => r.Content = new StringContent($"{{\"name\":\"{Guid.NewGuid():N}\",\"allow\":[\"{allow}\"]}}", Encoding.UTF8, "application/json"));
        using var json = JsonDocument.Parse(await made.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return json.RootElement.GetProperty("token").GetString()!;
    }

    [GeneratedRegex(@"\{[^}]*\}", RegexOptions.NonBacktracking)]
    private static partial Regex Parameter();

    [GeneratedRegex("^(# (HELP|TYPE) [a-z_]+ .*|[a-z_]+({[^}]*})? -?[0-9.E+-]+)$", RegexOptions.NonBacktracking)]
    private static partial Regex MetricLine();
}
