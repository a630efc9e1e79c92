using System.Net;
using System.Text;
using System.Text.Json;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Server.Tests;

public sealed class ProjectRoleApiTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(string method, string path, object? body = null, string? token = null)
    {
        using var answer = await fixture.SendAsync(method, "/api/v1/" + path, token ?? fixture.Server.TokenText, r =>
        {
            if (body is not null) r.Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        });
        var bytes = await answer.Content.ReadAsByteArrayAsync(Cancel);
        return (answer.StatusCode, bytes.Length == 0 ? default : JsonDocument.Parse(bytes).RootElement);
    }

    private async Task ApplyAsync(string yaml) => await fixture.Cluster.ApplyAsync(new KubernetesObject((YamlMap)YamlText.ReadOne(yaml)), new ApplyOptions { Force = true }, Cancel);

    private Task ProjectAsync(string policies) => ApplyAsync(
        "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: crew, namespace: capstan}\nspec: {sourceRepos: ['*'], destinations: [{server: '*', namespace: '*'}], roles: [{name: ci, policies: [" + policies + "]}]}\n");

    [Fact]
    public async Task A_roles_token_may_what_its_policies_say_until_they_do_not()
    {
        await ProjectAsync("'p, proj:crew:ci, applications, get, crew/*, allow'");
        foreach (var (name, project) in new[] { ("crew-web", "crew"), ("foreign-web", "default") })
        {
            await ApplyAsync($"apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}, namespace: capstan}}\nspec: {{project: {project}, source: {{repoURL: 'file:///nowhere', path: a}}, destination: {{server: 'https://kubernetes.default.svc', namespace: x}}}}\n");
        }

        var token = "";
        await TokenTests.EventuallyAsync(async () =>
        {
            var made = await SendAsync("POST", "tokens", new { name = "ci", role = "crew/ci" });
            token = made.Status == HttpStatusCode.Created ? made.Body.GetProperty("token").GetString()! : "";
            return token.Length > 0;
        });
        await TokenTests.EventuallyAsync(async () => (await SendAsync("GET", "applications/crew-web", token: token)).Status == HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync("GET", "applications/foreign-web", token: token)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync("POST", "applications/crew-web/refresh", token: token)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync("GET", "projects/crew", token: token)).Status);

        await ProjectAsync("");
        await TokenTests.EventuallyAsync(async () => (await SendAsync("GET", "applications/crew-web", token: token)).Status == HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Who_may_not_change_a_project_makes_no_token_of_its_roles()
    {
        await ProjectAsync("'p, proj:crew:ci, applications, get, crew/*, allow'");
        var (_, made) = await SendAsync("POST", "tokens", new { name = "weak", allow = new[] { "get:projects:crew", "create:tokens" } });
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync("POST", "tokens", new { name = "up", role = "crew/ci" }, made.GetProperty("token").GetString())).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync("POST", "tokens", new { name = "none", role = "crew/none" })).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await SendAsync("POST", "tokens", new { name = "odd", role = "crew" })).Status);
    }
}
