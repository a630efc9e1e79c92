using System.Net;
using System.Text;
using System.Text.Json;
using Capstan.Resources;
using Capstan.Server.Hosting;
using Capstan.Yaml;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.Server.Tests;

public sealed class TokenTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task A_token_opens_what_its_scope_names_and_hides_the_rest()
    {
        var token = await CreateAsync("scoped", "get:repositories:platform", "get:applications:default/*");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("GET", "/git/platform.git/info/refs?service=git-upload-pack", token));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("GET", "/git/platform.git/info/refs?service=git-receive-pack", token));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("GET", "/git/other.git/info/refs?service=git-upload-pack", token));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("GET", "/api/v1/applications", token));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("GET", "/api/v1/doctor", token));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("POST", "/api/v1/repositories", token, "{\"name\":\"mine\"}"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("POST", "/api/v1/tokens", token, "{\"name\":\"successor\"}"));
        await WaitForPlatformAsync();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("GET", "/api/v1/applications/platform", token));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("POST", "/api/v1/applications/platform/sync", token, "{}"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("POST", "/api/v1/applications/platform/refresh", token));
    }

    [Fact]
    public async Task Lists_hold_only_what_may_be_seen()
    {
        await WaitForPlatformAsync();
        var nothing = await CreateAsync("sees-nothing", "get:applications:other/*", "get:repositories:other");
        using var applications = await JsonAsync("/api/v1/applications", nothing);
        Assert.Equal(0, applications.RootElement.GetProperty("items").GetArrayLength());
        using var repositories = await JsonAsync("/api/v1/repositories", nothing);
        Assert.Equal(0, repositories.RootElement.GetProperty("items").GetArrayLength());
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("GET", "/api/v1/applications/platform", nothing));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("POST", "/api/v1/applications/platform/sync", nothing, "{}"));
    }

    [Fact]
    public async Task A_deleted_token_is_refused_from_the_next_request_on()
    {
        var token = await CreateAsync("short-lived");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("GET", "/api/v1/version", token));
        Assert.Equal(HttpStatusCode.NoContent, await StatusAsync("DELETE", "/api/v1/tokens/short-lived", fixture.Server.TokenText));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("GET", "/api/v1/version", token));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("DELETE", "/api/v1/tokens/short-lived", fixture.Server.TokenText));
    }

    [Fact]
    public async Task A_token_whose_Secret_is_deleted_in_the_cluster_ends_too()
    {
        var token = await CreateAsync("by-kubectl");
        var id = token.Split('_')[1];
        await fixture.Cluster.DeleteAsync(new ObjectKey(new GroupKind("", "Secret"), "capstan", $"token-{id}"), null, TestContext.Current.CancellationToken);
        await EventuallyAsync(async () => await StatusAsync("GET", "/api/v1/version", token) == HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task The_Secret_of_a_token_holds_its_hash_and_not_the_token()
    {
        var token = await CreateAsync("hashed");
        var secret = await fixture.Cluster.FindAsync(new ObjectKey(new GroupKind("", "Secret"), "capstan", $"token-{token.Split('_')[1]}"), TestContext.Current.CancellationToken);
        var text = JsonText.Write(secret!.Body);
        Assert.DoesNotContain(token.Split('_', 3)[2], text, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(token)), text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokens_outlive_a_restart()
    {
        var data = Directory.CreateTempSubdirectory("capstan-tokens-").FullName;
        string token;
        await using (var first = await CapstanServer.StartAsync(ServerFixture.Settings(data), TimeProvider.System, NullLoggerFactory.Instance, TestContext.Current.CancellationToken))
        {
            token = await CreateAsync("lasting", first);
        }
        await using (var second = await CapstanServer.StartAsync(ServerFixture.Settings(data), TimeProvider.System, NullLoggerFactory.Instance, TestContext.Current.CancellationToken))
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(second.Url, "/api/v1/version"));
            request.Headers.Authorization = new("Bearer", token);
            using var answer = await fixture.Http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
        Directory.Delete(data, recursive: true);
    }

    [Theory]
    [InlineData("{\"name\":\"a b\"}", "name: needs 1 to 63 characters")]
    [InlineData("{\"name\":\"x\",\"days\":0}", "days: 0 is not from 1 to 365")]
    [InlineData("{\"name\":\"x\",\"days\":366}", "days: 366 is not from 1 to 365")]
    [InlineData("{\"name\":\"x\",\"allow\":[]}", "allow: is empty")]
    [InlineData("{\"name\":\"x\",\"allow\":[\"fly:repositories\"]}", "fly is no verb")]
    public async Task A_wish_for_a_token_that_makes_no_sense_is_refused_with_the_field(string body, string said)
    {
        using var answer = await SendAsync("POST", "/api/v1/tokens", fixture.Server.TokenText, body);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains(said, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_binding_with_a_mistake_binds_nobody_and_the_doctor_names_it()
    {
        var binding = new KubernetesObject((YamlMap)YamlText.ReadAll(Encoding.UTF8.GetBytes("""
            apiVersion: capstan.dev/v1alpha1
            kind: AccessBinding
            metadata: {name: mistaken, namespace: capstan}
            spec:
              subjects: ["user:system:masters"]
              rules: [{verbs: ["*"], resources: ["*"]}]
            """)).Single()!);
        await fixture.Cluster.CreateAsync(binding, null, TestContext.Current.CancellationToken);
        await EventuallyAsync(async () =>
        {
            using var doctor = await JsonAsync("/api/v1/doctor", fixture.Server.TokenText);
            return doctor.RootElement.GetRawText().Contains("AccessBinding/capstan/mistaken: spec.subjects: user:system:masters", StringComparison.Ordinal);
        });
    }

    private Task WaitForPlatformAsync() => EventuallyAsync(async () => await StatusAsync("GET", "/api/v1/applications/platform", fixture.Server.TokenText) == HttpStatusCode.OK);

    internal static async Task EventuallyAsync(Func<Task<bool>> reached)
    {
        for (var attempt = 0; attempt < 300; attempt++)
        {
            if (await reached()) return;
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
        Assert.Fail("did not happen in time");
    }

    private Task<string> CreateAsync(string name, params string[] allow) => CreateAsync(name, fixture.Server, allow);

    private async Task<string> CreateAsync(string name, CapstanServer server, params string[] allow)
    {
        var scope = allow.Length == 0 ? "" : $",\"allow\":[{string.Join(',', allow.Select(a => $"\"{a}\""))}]";
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Url, "/api/v1/tokens"));
        request.Headers.Authorization = new("Bearer", server.TokenText);
        request.Content = new StringContent($"{{\"name\":\"{name}\"{scope}}}", Encoding.UTF8, "application/json");
        using var answer = await fixture.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return json.RootElement.GetProperty("token").GetString()!;
    }

    private async Task<HttpResponseMessage> SendAsync(string method, string path, string token, string? body) => await fixture.SendAsync(method, path, token, r =>
    {
        if (body is not null) r.Content = new StringContent(body, Encoding.UTF8, "application/json");
    });

    private async Task<HttpStatusCode> StatusAsync(string method, string path, string token, string? body = null)
    {
        using var answer = await SendAsync(method, path, token, body);
        return answer.StatusCode;
    }

    private async Task<JsonDocument> JsonAsync(string path, string token)
    {
        using var answer = await SendAsync("GET", path, token, null);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
