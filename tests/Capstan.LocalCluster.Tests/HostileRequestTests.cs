using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Tests;

/// <summary>Requests that are meant to hurt: sizes, growth, cycles, and rights that are not held.</summary>
public sealed class HostileRequestTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const string Merge = "application/merge-patch+json";

    private readonly string _space = "hostile-" + Guid.NewGuid().ToString("N")[..8];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Maps => $"/api/v1/namespaces/{_space}/configmaps";

    [Fact]
    public async Task A_watch_of_a_revision_that_is_no_more_or_not_yet_is_told_so()
    {
        await MakeSpaceAsync();
        using var stream = await fixture.Http.GetStreamAsync($"{Maps}?watch=1&resourceVersion=999999999&timeoutSeconds=5", Cancellation);
        using var reader = new StreamReader(stream);
        var line = (YamlMap)JsonText.Read((await reader.ReadLineAsync(Cancellation))!);
        Assert.Equal(("ERROR", "410"), (line["type"]!.AsString(), line.At("object", "code")!.ToString()));

        var expired = Convert.ToBase64String(Encoding.UTF8.GetBytes("1\n\na"));
        var (status, answer) = await SendAsync(HttpMethod.Get, $"{Maps}?limit=1&continue={Uri.EscapeDataString(expired)}");
        Assert.Equal((HttpStatusCode.Gone, "Expired"), (status, answer["reason"]!.AsString()));
        Assert.NotEmpty(answer.At("metadata", "continue")!.AsString()!);
    }

    [Fact]
    public async Task A_namespace_that_ends_takes_nothing_new_and_a_successor_is_not_deleted_for_its_predecessor()
    {
        await MakeSpaceAsync();
        await SendAsync(HttpMethod.Post, Maps, """{"metadata":{"name":"held","finalizers":["example.com/hold"]}}""");
        await SendAsync(HttpMethod.Delete, $"/api/v1/namespaces/{_space}");
        var (status, answer) = await SendAsync(HttpMethod.Post, Maps, """{"metadata":{"name":"late"}}""");
        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Contains("because it is being terminated", answer["message"]!.AsString());

        var other = "/api/v1/namespaces/default/configmaps";
        await SendAsync(HttpMethod.Post, other, """{"metadata":{"name":"again"}}""");
        var (conflict, _) = await SendAsync(HttpMethod.Delete, other + "/again", """{"preconditions":{"uid":"00000000-0000-0000-0000-000000000000"}}""");
        Assert.Equal(HttpStatusCode.Conflict, conflict);
        await SendAsync(HttpMethod.Patch, Maps + "/held", """{"metadata":{"finalizers":null}}""", Merge);
    }

    [Fact]
    public async Task Owners_in_a_circle_or_in_another_namespace_block_nobody()
    {
        await MakeSpaceAsync();
        var (_, one) = await SendAsync(HttpMethod.Post, Maps, """{"metadata":{"name":"one"}}""");
        var (_, two) = await SendAsync(HttpMethod.Post, Maps, Owned("two", one));
        await SendAsync(HttpMethod.Patch, Maps + "/one", $"{{\"metadata\":{{\"ownerReferences\":{Owners(two)}}}}}", Merge);
        await SendAsync(HttpMethod.Delete, Maps + "/one");
        await GoneAsync(Maps + "/two");

        // An owner of another namespace counts as absent, so what it owns goes.
        var (_, far) = await SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/configmaps", $"{{\"metadata\":{{\"name\":\"far-{_space}\"}}}}");
        await SendAsync(HttpMethod.Post, Maps, Owned("orphan", far));
        await GoneAsync(Maps + "/orphan");
    }

    [Fact]
    public async Task What_is_too_large_is_refused_by_a_status()
    {
        await MakeSpaceAsync();
        Assert.Equal(HttpStatusCode.Created, (await SendAsync(HttpMethod.Post, Maps, Sized("fits", 1_000_000))).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await SendAsync(HttpMethod.Post, Maps, Sized("over", 1_100_000))).Status);
        var annotated = $"{{\"metadata\":{{\"name\":\"a\",\"annotations\":{{\"x\":\"{new string('x', 300_000)}\"}}}}}}";
        var (status, answer) = await SendAsync(HttpMethod.Post, Maps, annotated);
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "Invalid"), (status, answer["reason"]!.AsString()));

        using var compressed = new MemoryStream();
        await using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(new string(' ', 5_000_000)), Cancellation);
        }

        using var content = new ByteArrayContent(compressed.ToArray());
        content.Headers.Add("Content-Encoding", "gzip");
        content.Headers.Add("Content-Type", "application/json");
        using var bomb = await fixture.Http.PostAsync(Maps, content, Cancellation);
        Assert.InRange((int)bomb.StatusCode, 400, 499);
    }

    [Theory]
    [InlineData("?fieldValidation=Strict", """{"metadata":{"name":"x"},"datas":{}}""", 400)]
    [InlineData("?fieldValidation=Ignore", """{"metadata":{"name":"x1"},"datas":{}}""", 201)]
    [InlineData("", """{"metadata":{"name":"x2"},"datas":{}}""", 201)]
    [InlineData("?fieldValidation=Strict", """{"metadata":{"name":"x"},"metadata":{"name":"y"}}""", 400)]
    [InlineData("", """{"metadata":{"name":"x","generation":99999999999999999999}}""", 400)]
    [InlineData("", """{"metadata":{"name":"x3"},"data":{"a":null}}""", 201)]
    [InlineData("?fieldValidation=Odd", """{"metadata":{"name":"x"}}""", 422)]
    public async Task Fields_are_checked_as_it_is_asked(string query, string body, int code)
    {
        await MakeSpaceAsync();
        var (status, answer) = await SendAsync(HttpMethod.Post, Maps + query, body);
        Assert.True(code == (int)status, answer.ToString());
    }

    [Fact]
    public async Task Patches_that_grow_are_stopped()
    {
        await MakeSpaceAsync();
        await SendAsync(HttpMethod.Post, Maps, """{"metadata":{"name":"p"},"data":{"a":"b"}}""");
        const string Json = "application/json-patch+json";
        var many = $"[{string.Join(',', Enumerable.Repeat("""{"op":"test","path":"/data/a","value":"b"}""", 10_001))}]";
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await SendAsync(HttpMethod.Patch, Maps + "/p", many, Json)).Status);
        var doubling = "[{\"op\":\"add\",\"path\":\"/metadata/annotations\",\"value\":{\"x\":\"" + new string('x', 100_000) + "\"}},"
            + string.Join(',', Enumerable.Range(0, 200).Select(i => $"{{\"op\":\"copy\",\"from\":\"/metadata/annotations/x\",\"path\":\"/metadata/annotations/y{i}\"}}")) + "]";
        Assert.InRange((int)(await SendAsync(HttpMethod.Patch, Maps + "/p", doubling, Json)).Status, 400, 499);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Get, Maps + "/p")).Status);
    }

    [Fact]
    public async Task Every_verb_is_allowed_where_its_role_allows_it_and_nowhere_else()
    {
        await MakeSpaceAsync();
        const string Rbac = "/apis/rbac.authorization.k8s.io/v1";
        await SendAsync(HttpMethod.Post, $"{Rbac}/namespaces/{_space}/roles", """{"metadata":{"name":"some"},"rules":[{"verbs":["get","list"],"apiGroups":[""],"resources":["configmaps","pods/log"]},{"verbs":["*"],"apiGroups":["apps"],"resources":["deployments"],"resourceNames":["mine"]}]}""");
        await SendAsync(HttpMethod.Post, $"{Rbac}/namespaces/{_space}/rolebindings", """{"metadata":{"name":"some"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"some"},"subjects":[{"kind":"Group","name":"crew"}]}""");
        var cells = 0;
        foreach (var (verb, method, suffix) in new[] { ("get", "GET", "/x"), ("list", "GET", ""), ("create", "POST", ""), ("update", "PUT", "/x"), ("patch", "PATCH", "/x"), ("delete", "DELETE", "/x"), ("deletecollection", "DELETE", "") })
        {
            foreach (var (group, resource) in new[] { ("", "configmaps"), ("", "secrets"), ("", "pods"), ("apps", "deployments") })
            {
                foreach (var space in new[] { _space, "default" })
                {
                    var path = $"{(group.Length == 0 ? "/api/v1" : "/apis/apps/v1")}/namespaces/{space}/{resource}{suffix}";
                    var allowed = space == _space && resource == "configmaps" && verb is "get" or "list" && space == _space && resource == "configmaps";
                    var (status, _) = await SendAsync(new HttpMethod(method), path, method is "POST" or "PUT" or "PATCH" ? "{}" : null, method == "PATCH" ? Merge : "application/json", "crewman", "crew");
                    Assert.True(allowed == (status != HttpStatusCode.Forbidden), $"{verb} {path}: {status}");
                    var review = $"{{\"spec\":{{\"user\":\"crewman\",\"groups\":[\"crew\"],\"resourceAttributes\":{{\"verb\":\"{verb}\",\"group\":\"{group}\",\"resource\":\"{resource}\",\"namespace\":\"{space}\"}}}}}}";
                    var (_, answer) = await SendAsync(HttpMethod.Post, "/apis/authorization.k8s.io/v1/subjectaccessreviews", review);
                    Assert.Equal(allowed ? "true" : "false", answer.At("status", "allowed")!.ToString());
                    cells += 2;
                }
            }
        }

        Assert.Equal(112, cells);

        // A name of a rule reaches that object alone, a subresource is not its resource, and a namespaced object has no cluster-wide path.
        Assert.NotEqual(HttpStatusCode.Forbidden, (await AsCrewAsync(HttpMethod.Get, $"/apis/apps/v1/namespaces/{_space}/deployments/mine")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await AsCrewAsync(HttpMethod.Get, $"/apis/apps/v1/namespaces/{_space}/deployments/yours")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await AsCrewAsync(HttpMethod.Get, $"/api/v1/namespaces/{_space}/pods/p")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await AsCrewAsync(HttpMethod.Get, "/api/v1/configmaps/x")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await AsCrewAsync(HttpMethod.Get, "/api/v1/configmaps")).Status);
    }

    [Fact]
    public async Task Nobody_gives_or_takes_rights_that_they_do_not_hold()
    {
        await MakeSpaceAsync();
        const string Rbac = "/apis/rbac.authorization.k8s.io/v1";
        await SendAsync(HttpMethod.Post, $"{Rbac}/namespaces/{_space}/roles", """{"metadata":{"name":"maker"},"rules":[{"verbs":["*"],"apiGroups":["rbac.authorization.k8s.io"],"resources":["roles","rolebindings"],"resourceNames":[]},{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}]}""".Replace("[\"*\"]", "[\"create\",\"update\",\"get\"]", StringComparison.Ordinal));
        await SendAsync(HttpMethod.Post, $"{Rbac}/namespaces/{_space}/rolebindings", """{"metadata":{"name":"maker"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"maker"},"subjects":[{"kind":"Group","name":"crew"}]}""");

        Assert.Equal(HttpStatusCode.Created, (await AsCrewAsync(HttpMethod.Post, $"{Rbac}/namespaces/{_space}/roles", """{"metadata":{"name":"same"},"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}]}""")).Status);
        foreach (var more in new[] { """{"verbs":["get"],"apiGroups":[""],"resources":["secrets"]}""", """{"verbs":["*"],"apiGroups":[""],"resources":["pods"]}""", """{"verbs":["get"],"apiGroups":["*"],"resources":["pods"]}""", """{"verbs":["get"],"apiGroups":[""],"resources":["*"]}""" })
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await AsCrewAsync(HttpMethod.Post, $"{Rbac}/namespaces/{_space}/roles", $"{{\"metadata\":{{\"name\":\"more\"}},\"rules\":[{more}]}}")).Status);
        }

        Assert.Equal(HttpStatusCode.Forbidden, (await AsCrewAsync(HttpMethod.Post, $"{Rbac}/namespaces/{_space}/rolebindings", """{"metadata":{"name":"up"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"cluster-admin"},"subjects":[{"kind":"User","name":"crewman"}]}""")).Status);
    }

    private Task<(HttpStatusCode Status, YamlMap Body)> AsCrewAsync(HttpMethod method, string path, string? body = null) => SendAsync(method, path, body, "application/json", "crewman", "crew");

    private static string Sized(string name, int size) => $"{{\"metadata\":{{\"name\":\"{name}\"}},\"data\":{{\"a\":\"{new string('x', size)}\"}}}}";

    private static string Owners(YamlMap owner) => string.Create(CultureInfo.InvariantCulture,
        $"[{{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"name\":\"{owner.At("metadata", "name")!.AsString()}\",\"uid\":\"{owner.At("metadata", "uid")!.AsString()}\"}}]");

    private static string Owned(string name, YamlMap owner) => $"{{\"metadata\":{{\"name\":\"{name}\",\"ownerReferences\":{Owners(owner)}}}}}";

    private Task<(HttpStatusCode Status, YamlMap Body)> MakeSpaceAsync() => SendAsync(HttpMethod.Post, "/api/v1/namespaces", $"{{\"metadata\":{{\"name\":\"{_space}\"}}}}");

    private async Task GoneAsync(string path)
    {
        for (var i = 0; i < 500; i++)
        {
            if ((await SendAsync(HttpMethod.Get, path)).Status == HttpStatusCode.NotFound)
            {
                return;
            }

            await Task.Delay(20, Cancellation);
        }

        Assert.Fail($"{path} is still there");
    }

    private async Task<(HttpStatusCode Status, YamlMap Body)> SendAsync(HttpMethod method, string path, string? body = null, string type = "application/json", string user = "", string group = "")
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, type);
        }

        if (user.Length > 0)
        {
            request.Headers.Add("Impersonate-User", user);
            request.Headers.Add("Impersonate-Group", group);
        }

        using var answer = await fixture.Http.SendAsync(request, Cancellation);
        return (answer.StatusCode, (YamlMap)JsonText.Read(await answer.Content.ReadAsByteArrayAsync(Cancellation)));
    }
}
