using System.Net;
using System.Text;
using Capstan.LocalCluster.ApiServer;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Tests;

/// <summary>The API over bare HTTP: refusals, limits, watches, and the client within the process.</summary>
public sealed class ApiTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", "/api/v1/namespaces/default/configmaps/..%2fsecrets", 404)]
    [InlineData("GET", "/api/v1/namespaces/default/configmaps/a%2Fb", 404)]
    [InlineData("GET", "/apis//v1/deployments", 404)]
    [InlineData("GET", "/api/v1/namespaces/none/configmaps/x", 404)]
    [InlineData("GET", "/api/v1/nothings", 404)]
    [InlineData("GET", Maps + "?resourceVersion=abc", 400)]
    [InlineData("GET", Maps + "?limit=-1", 400)]
    [InlineData("GET", Maps + "?limit=x", 400)]
    [InlineData("GET", Maps + "?continue=%21", 400)]
    [InlineData("GET", Maps + "?fieldSelector=spec.unknown%3Dx", 400)]
    [InlineData("GET", Maps + "?labelSelector=a%20in%20(", 400)]
    [InlineData("GET", Maps + "?resourceVersion=99999999", 504)]
    [InlineData("DELETE", "/api/v1/namespaces/default/configmaps/absent", 404)]
    [InlineData("POST", "/api/v1/configmaps", 405)]
    [InlineData("TRACE", Maps, 405)]
    [InlineData("GET", Maps + "?watch=1&sendInitialEvents=true", 422)]
    [InlineData("GET", Maps + "?watch=1&resourceVersionMatch=NotOlderThan&resourceVersion=1", 422)]
    [InlineData("GET", Maps + "?sendInitialEvents=true", 422)]
    [InlineData("GET", "/api/v1/namespaces/default/pods/absent/log", 404)]
    [InlineData("GET", "/api/v1/namespaces/default/pods/absent/eviction", 405)]
    [InlineData("POST", "/api/v1/namespaces/default/serviceaccounts/default/token", 400)]
    public async Task Wrong_requests_are_told_why_by_a_status(string method, string path, int code)
    {
        var (status, body) = await SendAsync(new HttpMethod(method), path);
        Assert.Equal(code, (int)status);
        Assert.Equal("Status", body["kind"]!.AsString());
        Assert.Equal("Failure", body["status"]!.AsString());
    }

    [Theory]
    [InlineData("""{"metadata":{"name":"UPPER"}}""", "application/json", 422)]
    [InlineData("""{"metadata":{"name":"a..b"}}""", "application/json", 422)]
    [InlineData("""{"metadata":{"name":"x"},"data":{"a":1}}""", "application/json", 400)]
    [InlineData("""{"kind":"Secret","metadata":{"name":"x"}}""", "application/json", 400)]
    [InlineData("""{"metadata":{"name":"x","namespace":"other"}}""", "application/json", 400)]
    [InlineData("""{"metadata":[]}""", "application/json", 400)]
    [InlineData("""[]""", "application/json", 400)]
    [InlineData("""{""", "application/json", 400)]
    [InlineData("", "application/json", 400)]
    [InlineData("x", "application/vnd.kubernetes.protobuf", 400)]
    [InlineData("", "application/vnd.kubernetes.protobuf", 400)]
    [InlineData("x", "application/cbor", 415)]
    public async Task Wrong_bodies_are_refused(string body, string type, int code)
    {
        var (status, answer) = await SendAsync(HttpMethod.Post, Maps, body, type);
        Assert.True(code == (int)status, answer.ToString());
        Assert.Equal("Status", answer["kind"]!.AsString());
    }

    [Fact]
    public async Task Deep_and_large_bodies_are_refused()
    {
        var deep = $"{{\"metadata\":{{\"name\":\"deep\"}},\"x\":{new string('[', 100_000)}{new string(']', 100_000)}}}";
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(HttpMethod.Post, Maps, deep)).Status);
        var large = $"{{\"metadata\":{{\"name\":\"large\"}},\"data\":{{\"a\":\"{new string('x', 4_000_000)}\"}}}}";
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await SendAsync(HttpMethod.Post, Maps, large)).Status);
        var bomb = "metadata: {name: bomb}\na: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\n"
            + "e: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e]\ng: &g [*f,*f,*f,*f,*f,*f,*f,*f]\nh: [*g,*g,*g,*g,*g,*g,*g,*g]\n";
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(HttpMethod.Post, Maps, bomb, "application/yaml")).Status);
    }

    [Fact]
    public async Task Nobody_is_let_in_without_a_token()
    {
        using var stranger = fixture.Connect(withToken: false);
        using var answer = await stranger.GetAsync(Maps, Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("\"Unauthorized\"", await answer.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task A_stale_resource_version_conflicts_and_an_unchanged_write_writes_nothing()
    {
        var (_, made) = await SendAsync(HttpMethod.Post, Maps, """{"metadata":{"name":"stale"},"data":{"a":"1"}}""");
        var (_, same) = await SendAsync(HttpMethod.Put, Maps + "/stale", made.ToString());
        Assert.Equal(made.At("metadata", "resourceVersion"), same.At("metadata", "resourceVersion"));
        var (first, _) = await SendAsync(HttpMethod.Put, Maps + "/stale", made.WithAt(["data", "a"], "2").ToString());
        Assert.Equal(HttpStatusCode.OK, first);
        var (second, conflict) = await SendAsync(HttpMethod.Put, Maps + "/stale", made.WithAt(["data", "a"], "3").ToString());
        Assert.Equal(HttpStatusCode.Conflict, second);
        Assert.Contains("the object has been modified", conflict["message"]!.AsString());
    }

    [Fact]
    public async Task Long_lists_come_in_pages_of_one_revision()
    {
        for (var i = 0; i < 5; i++)
        {
            await SendAsync(HttpMethod.Post, Maps, $"{{\"metadata\":{{\"name\":\"page-{i}\",\"labels\":{{\"page\":\"yes\"}}}}}}");
        }

        var (_, first) = await SendAsync(HttpMethod.Get, Maps + "?limit=2&labelSelector=page%3Dyes");
        await SendAsync(HttpMethod.Delete, Maps + "/page-4");
        var names = new List<string>();
        var page = first;
        while (true)
        {
            names.AddRange(((YamlList)page["items"]!).Select(i => ((YamlMap)i).At("metadata", "name")!.AsString()!));
            Assert.Equal(first.At("metadata", "resourceVersion"), page.At("metadata", "resourceVersion"));
            if (page.At("metadata", "continue")?.AsString() is not { Length: > 0 } token)
            {
                break;
            }

            (_, page) = await SendAsync(HttpMethod.Get, $"{Maps}?limit=2&labelSelector=page%3Dyes&continue={Uri.EscapeDataString(token)}");
        }

        Assert.Equal(["page-0", "page-1", "page-2", "page-3", "page-4"], names);
    }

    [Fact]
    public async Task A_watch_sees_every_change_of_what_it_selects_once()
    {
        var (_, list) = await SendAsync(HttpMethod.Get, Maps);
        var from = list.At("metadata", "resourceVersion")!.AsString();
        using var stream = await fixture.Http.GetStreamAsync($"{Maps}?watch=1&resourceVersion={from}&labelSelector=seen%3Dyes&timeoutSeconds=20", Cancellation);
        using var reader = new StreamReader(stream);
        await SendAsync(HttpMethod.Post, Maps, """{"metadata":{"name":"watched"}}""");
        await SendAsync(HttpMethod.Patch, Maps + "/watched", """{"metadata":{"labels":{"seen":"yes"}}}""", "application/merge-patch+json");
        await SendAsync(HttpMethod.Patch, Maps + "/watched", """{"data":{"a":"b"}}""", "application/merge-patch+json");
        await SendAsync(HttpMethod.Patch, Maps + "/watched", """{"metadata":{"labels":null}}""", "application/merge-patch+json");
        foreach (var expected in new[] { "ADDED", "MODIFIED", "DELETED" })
        {
            var line = (YamlMap)JsonText.Read((await reader.ReadLineAsync(Cancellation))!);
            Assert.Equal(expected, line["type"]!.AsString());
        }
    }

    [Fact]
    public async Task Finalizers_hold_an_object_until_they_are_gone()
    {
        await SendAsync(HttpMethod.Post, Maps, """{"metadata":{"name":"held","finalizers":["example.com/hold"]}}""");
        var (_, marked) = await SendAsync(HttpMethod.Delete, Maps + "/held");
        Assert.NotNull(marked.At("metadata", "deletionTimestamp"));
        await SendAsync(HttpMethod.Patch, Maps + "/held", """{"metadata":{"finalizers":null}}""", "application/merge-patch+json");
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Get, Maps + "/held")).Status);
    }

    [Fact]
    public async Task Controllers_work_within_the_process_by_the_same_rules()
    {
        // A kind that no controller writes to meanwhile.
        var client = fixture.Server.Client.As("test-controller");
        var key = new ObjectKey(new GroupKind("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"), "", "inside");
        var after = client.Revision;
        await client.CreateAsync(new KubernetesObject((YamlMap)JsonText.Read("""
            {"apiVersion":"admissionregistration.k8s.io/v1","kind":"ValidatingAdmissionPolicy","metadata":{"name":"inside"},"spec":{"failurePolicy":"Fail","matchConstraints":{},"validations":[{"expression":"true"}]}}
            """)), Cancellation);
        var live = client.Get(key)!;
        var status = await client.UpdateStatusAsync(live.With(["status", "observedGeneration"], 1), Cancellation);
        Assert.Equal(1, status.Generation);
        var changed = await client.ChangeAsync(key, o => o.With(["spec", "failurePolicy"], "Ignore"), "", Cancellation);
        Assert.Equal(2, changed.Generation);
        Assert.Equal("1", changed.Status["observedGeneration"]!.ToString());
        Assert.True(await client.DeleteAsync(key, live.Uid, null, null, Cancellation));

        var seen = new List<ClusterEventType>();
        await foreach (var change in client.WatchAsync(key.GroupKind, after, Cancellation))
        {
            seen.Add(change.Type);
            if (change.Type == ClusterEventType.Deleted)
            {
                break;
            }
        }

        Assert.Equal([ClusterEventType.Added, ClusterEventType.Modified, ClusterEventType.Modified, ClusterEventType.Deleted], seen);
        var error = await Assert.ThrowsAsync<ApiStatusException>(() => client.UpdateAsync(live, Cancellation));
        Assert.Equal(ApiReasons.NotFound, error.Reason);
    }

    [Fact]
    public async Task A_watch_can_begin_with_what_is_there_and_says_when_that_was_all()
    {
        await SendAsync(HttpMethod.Post, Maps, """{"metadata":{"name":"initial","labels":{"initial":"yes"}}}""");
        const string Query = "?watch=1&labelSelector=initial%3Dyes&timeoutSeconds=20&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan&sendInitialEvents=";
        using var stream = await fixture.Http.GetStreamAsync(Maps + Query + "true", Cancellation);
        using var reader = new StreamReader(stream);
        Assert.Equal("ADDED", (await NextAsync(reader))["type"]!.AsString());
        var bookmark = await NextAsync(reader);
        Assert.Equal("BOOKMARK", bookmark["type"]!.AsString());
        Assert.Equal("true", bookmark.At("object", "metadata", "annotations", "k8s.io/initial-events-end")!.AsString());

        using var later = new StreamReader(await fixture.Http.GetStreamAsync(Maps + Query + "false", Cancellation));
        await SendAsync(HttpMethod.Delete, Maps + "/initial");
        Assert.Equal("DELETED", (await NextAsync(reader))["type"]!.AsString());
        Assert.Equal("DELETED", (await NextAsync(later))["type"]!.AsString());
    }

    [Fact]
    public async Task Every_version_of_a_definition_is_served_and_watched()
    {
        await SendAsync(HttpMethod.Post, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", """
            {"metadata":{"name":"boats.example.com"},"spec":{"group":"example.com","scope":"Namespaced","names":{"plural":"boats","kind":"Boat"},"versions":[
             {"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}},
             {"name":"v1beta1","served":true,"storage":false,"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}},
             {"name":"v1alpha1","served":false,"storage":false,"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]}}
            """);
        const string Old = "/apis/example.com/v1beta1/namespaces/default/boats";
        var (created, made) = await SendAsync(HttpMethod.Post, Old, """{"apiVersion":"example.com/v1beta1","kind":"Boat","metadata":{"name":"b"},"spec":{"x":1}}""");
        Assert.Equal((HttpStatusCode.Created, "example.com/v1beta1"), (created, made["apiVersion"]!.AsString()));
        var (_, read) = await SendAsync(HttpMethod.Get, "/apis/example.com/v1/namespaces/default/boats/b");
        Assert.Equal("example.com/v1", read["apiVersion"]!.AsString());
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Get, "/apis/example.com/v1alpha1/namespaces/default/boats")).Status);
        using var reader = new StreamReader(await fixture.Http.GetStreamAsync($"{Old}?watch=1&timeoutSeconds=20", Cancellation));
        Assert.Equal("example.com/v1beta1", (await NextAsync(reader)).At("object", "apiVersion")!.AsString());
    }

    private static async Task<YamlMap> NextAsync(StreamReader watch) => (YamlMap)JsonText.Read((await watch.ReadLineAsync(Cancellation))!);

    private async Task<(HttpStatusCode Status, YamlMap Body)> SendAsync(HttpMethod method, string path, string? body = null, string type = "application/json")
    {
        // The path is sent as it is written; Uri would tidy up what these tests are about.
        using var request = new HttpRequestMessage(method, new Uri(fixture.Server.Address.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8);
            request.Content.Headers.ContentType = new System.Net.Http.Headers.MediaTypeHeaderValue(type);
        }

        using var answer = await fixture.Http.SendAsync(request, Cancellation);
        return (answer.StatusCode, (YamlMap)JsonText.Read(await answer.Content.ReadAsByteArrayAsync(Cancellation)));
    }
}
