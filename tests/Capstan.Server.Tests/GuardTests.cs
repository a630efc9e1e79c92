using System.Net;
using System.Text.RegularExpressions;
using Capstan.Access.Rights;

namespace Capstan.Server.Tests;

/// <summary>Every route that is served, each with the same questions. A route that this list does not know fails the test.</summary>
public partial class GuardTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private static readonly string[] Open = ["GET /livez", "GET /readyz", "POST /hooks/git"];

    private static readonly string[] Closed =
    [
        "GET /metrics",
        "GET /api/v1/applications", "POST /api/v1/applications",
        "GET /api/v1/applications/{name}", "DELETE /api/v1/applications/{name}",
        "GET /api/v1/applications/{name}/blame", "GET /api/v1/applications/{name}/events", "GET /api/v1/applications/{name}/plan", "GET /api/v1/applications/{name}/why",
        "GET /api/v1/applications/{name}/tree", "GET /api/v1/applications/{name}/history", "GET /api/v1/applications/{name}/manifests",
        "POST /api/v1/applications/{name}/sync", "POST /api/v1/applications/{name}/refresh", "POST /api/v1/applications/{name}/terminate",
        "POST /api/v1/applications/{name}/rollback",
        "GET /api/v1/repositories", "POST /api/v1/repositories", "DELETE /api/v1/repositories/{**name}",
        "GET /api/v1/clusters", "GET /api/v1/version", "GET /api/v1/doctor",
        "GET /api/v1/tokens", "POST /api/v1/tokens", "DELETE /api/v1/tokens/{id}",
    ];

    [Fact]
    public void Every_route_is_known_here()
    {
        var served = fixture.Server.RouteTable.Where(r => !r.Contains(" /git/", StringComparison.Ordinal) && !r.Contains(" /v2/", StringComparison.Ordinal)).Select(r => r.TrimEnd('/'));
        Assert.Equal(Open.Concat(Closed).Order(StringComparer.Ordinal), served.Order(StringComparer.Ordinal));
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
        foreach (var (method, path) in Calls(fixture.Server.RouteTable))
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
    public async Task All_but_the_open_routes_need_the_token()
    {
        foreach (var (method, path) in Calls(fixture.Server.RouteTable))
        {
            using var wrong = await fixture.SendAsync(method, path, "wrong");
            Assert.True(wrong.StatusCode == HttpStatusCode.Unauthorized, $"{method} {path} with a wrong token: {wrong.StatusCode}");
        }
        foreach (var (method, path) in Calls(Closed))
        {
            using var without = await fixture.SendAsync(method, path);
            Assert.True(without.StatusCode == HttpStatusCode.Unauthorized, $"{method} {path} without a token: {without.StatusCode}");
            Assert.Equal("application/problem+json", without.Content.Headers.ContentType?.MediaType);
            using var with = await fixture.SendAsync(method, path, fixture.Server.TokenText);
            Assert.False(with.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.InternalServerError, $"{method} {path} with the token: {with.StatusCode}");
        }
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

    /// <summary>The routes as requests: of a thing that is not there, so that asking changes nothing.</summary>
    private static IEnumerable<(string Method, string Path)> Calls(IEnumerable<string> routes) => routes.Select(r => r.Split(' ', 2))
        .Select(r => (r[0] == "*" ? "GET" : r[0], Parameter().Replace(r[1], "nobody")));

    [GeneratedRegex(@"\{[^}]*\}", RegexOptions.NonBacktracking)]
    private static partial Regex Parameter();

    [GeneratedRegex("^(# (HELP|TYPE) [a-z_]+ .*|[a-z_]+({[^}]*})? -?[0-9.E+-]+)$", RegexOptions.NonBacktracking)]
    private static partial Regex MetricLine();
}
