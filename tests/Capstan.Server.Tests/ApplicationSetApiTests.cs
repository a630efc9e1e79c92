using System.Net;
using System.Text;
using System.Text.Json;

namespace Capstan.Server.Tests;

public sealed class ApplicationSetApiTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const string Set = """
        # who reads this file sees why
        apiVersion: argoproj.io/v1alpha1
        kind: ApplicationSet
        metadata: {name: NAME}
        spec:
          goTemplate: true
          generators: [{list: {elements: [{env: dev}, {env: Prod}]}}]
          template:
            metadata: {name: 'NAME-{{.env}}'}
            spec: {project: default, source: {repoURL: 'https://git.example/x.git', path: a}, destination: {server: https://kubernetes.default.svc, namespace: x}}
        """;

    private async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(string method, string path, string? text = null, string? token = null)
    {
        using var answer = await fixture.SendAsync(method, "/api/v1/" + path, token ?? fixture.Server.TokenText, r =>
        {
            if (text is not null) r.Content = new StringContent(JsonSerializer.Serialize(new Dictionary<string, string> { ["text"] = text }), Encoding.UTF8, "application/json");
        });
        var bytes = await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        return (answer.StatusCode, bytes.Length == 0 ? default : JsonDocument.Parse(bytes).RootElement);
    }

    [Fact]
    public async Task A_set_is_previewed_created_as_it_was_written_and_deleted()
    {
        var text = Set.Replace("NAME", "fleet", StringComparison.Ordinal);
        var preview = await SendAsync("POST", "applicationsets/preview", text);
        Assert.Equal(HttpStatusCode.OK, preview.Status);
        var items = preview.Body.GetProperty("applications");
        Assert.Equal("fleet-dev", items[0].GetProperty("application").GetProperty("metadata").GetProperty("name").GetString());
        Assert.Contains("normalize makes it so", items[1].GetProperty("problem").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync("GET", "applicationsets/fleet")).Status);

        var created = await SendAsync("POST", "applicationsets", text);
        Assert.Equal((HttpStatusCode.Created, "apps/appset-fleet.yaml"), (created.Status, created.Body.GetProperty("file").GetString()));
        await TokenTests.EventuallyAsync(async () => (await SendAsync("GET", "applications/fleet-dev")).Status == HttpStatusCode.OK);
        var why = await SendAsync("GET", "applicationsets/fleet/why");
        await TokenTests.EventuallyAsync(async () => (await SendAsync("GET", "applicationsets/fleet/why")).Body.GetProperty("reasons").GetArrayLength() > 0);
        Assert.Equal(HttpStatusCode.OK, why.Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await SendAsync("POST", "applicationsets/fleet/approve-deletions")).Status);
        Assert.Equal(HttpStatusCode.Accepted, (await SendAsync("POST", "applicationsets/fleet/refresh")).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await SendAsync("POST", "applicationsets", text.Replace("path: a", "path: b", StringComparison.Ordinal))).Status);

        Assert.Equal(HttpStatusCode.OK, (await SendAsync("DELETE", "applicationsets/fleet")).Status);
        await TokenTests.EventuallyAsync(async () => (await SendAsync("GET", "applications/fleet-dev")).Status == HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("kind: ApplicationSet", "kind: Application", "ApplicationSet is wanted")]
    [InlineData("name: NAME", "name: ../x", "is no DNS label")]
    [InlineData("{name: NAME}", "{name: NAME, namespace: kube-system}", "is none of")]
    [InlineData("goTemplate: true", "goTemplate: [", "appset:")]
    [InlineData("goTemplate: true", "goTempalte: true", "spec.goTempalte is not supported")]
    public async Task A_manifest_that_is_not_sound_is_not_committed(string sound, string wrong, string problem)
    {
        var answer = await SendAsync("POST", "applicationsets", Set.Replace(sound, wrong, StringComparison.Ordinal).Replace("NAME", "bad", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Contains(problem, answer.Body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_not_write_the_platform_repository_may_not_have_a_set_read_for_them()
    {
        async Task<string> TokenAsync(string name, params string[] allow)
        {
            using var made = await fixture.SendAsync("POST", "/api/v1/tokens", fixture.Server.TokenText, r => r.Content = new StringContent(
                JsonSerializer.Serialize(new { name, allow, expiresIn = "1h" }), Encoding.UTF8, "application/json"));
            return JsonDocument.Parse(await made.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).RootElement.GetProperty("token").GetString()!;
        }

        var text = Set.Replace("NAME", "sly", StringComparison.Ordinal);
        var token = await TokenAsync("sets", "get,create:applicationsets:*");
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync("POST", "applicationsets/preview", text, token)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync("POST", "applicationsets", text, token)).Status);
        var narrow = await TokenAsync("narrow", "get,create:applicationsets:team/*", "update:repositories:platform");
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync("POST", "applicationsets", text, narrow)).Status);
        var project = "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: team}\nspec: {sourceRepos: ['*']}\n";
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync("POST", "projects", project, await TokenAsync("projects", "get,create:projects:*"))).Status);
    }

    [Fact]
    public async Task A_project_is_created_changed_and_deleted_only_when_nothing_is_in_it()
    {
        var text = "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: shop-team}\nspec: {sourceRepos: ['*'], destinations: [{server: '*', namespace: shop}]}\n";
        Assert.Equal(HttpStatusCode.Created, (await SendAsync("POST", "projects", text)).Status);
        await TokenTests.EventuallyAsync(async () => (await SendAsync("GET", "projects/shop-team")).Status == HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await SendAsync("PUT", "projects/other", text)).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await SendAsync("PUT", "projects/shop-team", text.Replace("'*', n", "'!*', n", StringComparison.Ordinal))).Status);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("PUT", "projects/shop-team", text.Replace("namespace: shop", "namespace: 'shop-*'", StringComparison.Ordinal))).Status);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("DELETE", "projects/shop-team")).Status);
        await TokenTests.EventuallyAsync(async () => (await SendAsync("GET", "projects/shop-team")).Status == HttpStatusCode.NotFound);
    }
}
