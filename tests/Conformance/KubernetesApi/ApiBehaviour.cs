using System.Net;
using System.Net.Http.Headers;
using Capstan.LocalCluster.Tests;
using Capstan.Resources.Tests;
using Capstan.Yaml;

namespace Capstan.Conformance.KubernetesApi;

/// <summary>What a Kubernetes API does. The same class runs against the local cluster and against a real kube-apiserver.</summary>
public abstract class ApiBehaviour
{
    private const string Deployment = """
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"NAME"},"spec":{"selector":{"matchLabels":{"a":"b"}},
         "template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i:1"}]}}}}
        """;

    private readonly string _space = "conformance-" + Guid.NewGuid().ToString("N")[..8];

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected abstract Task<(HttpStatusCode Status, YamlMap Body)> SendAsync(HttpMethod method, string path, YamlNode? body, string type);

    [Theory]
    [InlineData("""{"metadata":{"name":"UPPER"}}""", 422, "Invalid", "metadata.name")]
    [InlineData("""{"metadata":{}}""", 422, "Invalid", "metadata.name")]
    [InlineData("""{"metadata":{"name":"x","labels":{"a b":"c"}}}""", 422, "Invalid", "metadata.labels")]
    [InlineData("""{"metadata":{"name":"x","namespace":"elsewhere"}}""", 400, "BadRequest", null)]
    [InlineData("""{"metadata":{"name":"x"},"data":{"a":1}}""", 400, "BadRequest", null)]
    [InlineData("""{"metadata":{"name":"x"},"data":{"a/b":"1"}}""", 422, "Invalid", "data[a/b]")]
    public async Task Invalid_config_maps_are_refused(string body, int code, string reason, string? field)
    {
        await MakeNamespaceAsync();
        var (status, answer) = await PostAsync($"api/v1/namespaces/{_space}/configmaps", body);
        Assert.Equal((code, reason), ((int)status, answer["reason"]?.AsString()));
        Assert.Equal(field, ((answer.At("details", "causes") as YamlList)?[0] as YamlMap)?["field"]?.AsString());
    }

    [Theory]
    [InlineData("\"replicas\":-1,", "spec.replicas")]
    [InlineData("\"selector\":{\"matchLabels\":{\"other\":\"x\"}},", "spec.template.metadata.labels")]
    public async Task Invalid_deployments_are_refused(string change, string field)
    {
        await MakeNamespaceAsync();
        var body = Deployment.Replace("NAME", "bad", StringComparison.Ordinal).Replace("\"selector\":{\"matchLabels\":{\"a\":\"b\"}},", change.Contains("selector", StringComparison.Ordinal) ? change : change + "\"selector\":{\"matchLabels\":{\"a\":\"b\"}},", StringComparison.Ordinal);
        var (status, answer) = await PostAsync($"apis/apps/v1/namespaces/{_space}/deployments", body);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains((YamlList)answer.At("details", "causes")!, c => ((YamlMap)c)["field"]!.AsString() == field);
    }

    [Fact]
    public async Task A_deployment_is_defaulted_counted_and_pinned()
    {
        await MakeNamespaceAsync();
        var path = $"apis/apps/v1/namespaces/{_space}/deployments";
        var (created, made) = await PostAsync(path, Deployment.Replace("NAME", "web", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.Created, created);
        AssertSame("""{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":"25%","maxSurge":"25%"}}""", made.At("spec", "strategy"));
        AssertSame("""{"name":"c","image":"i:1","resources":{},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","imagePullPolicy":"IfNotPresent"}""",
            ((YamlList)made.At("spec", "template", "spec", "containers")!)[0]);
        Assert.Equal("1", made.At("metadata", "generation")!.ToString());

        var (_, labelled) = await PatchAsync($"{path}/web", """{"metadata":{"labels":{"x":"y"}}}""", "application/merge-patch+json");
        Assert.Equal("1", labelled.At("metadata", "generation")!.ToString());
        var (_, changed) = await PatchAsync($"{path}/web", """{"spec":{"replicas":4}}""", "application/strategic-merge-patch+json");
        Assert.Equal("2", changed.At("metadata", "generation")!.ToString());

        var (stale, conflict) = await SendAsync(HttpMethod.Put, $"{path}/web", made, "application/json");
        Assert.Equal((HttpStatusCode.Conflict, "Conflict"), (stale, conflict["reason"]!.AsString()));
        var (immutable, _) = await PatchAsync($"{path}/web", """{"spec":{"selector":{"matchLabels":{"z":"z"}}}}""", "application/merge-patch+json");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, immutable);

        var (scaled, scale) = await PatchAsync($"{path}/web/scale", """{"spec":{"replicas":7}}""", "application/merge-patch+json");
        Assert.Equal((HttpStatusCode.OK, "7", "a=b"), (scaled, scale.At("spec", "replicas")!.ToString(), scale.At("status", "selector")!.AsString()));
    }

    [Fact]
    public async Task Applies_conflict_and_are_forced()
    {
        await MakeNamespaceAsync();
        var path = $"apis/apps/v1/namespaces/{_space}/deployments/ssa";
        var body = Deployment.Replace("NAME", "ssa", StringComparison.Ordinal).Replace("\"spec\":{\"sel", "\"spec\":{\"replicas\":1,\"sel", StringComparison.Ordinal);
        const string Apply = "application/apply-patch+yaml";
        Assert.Equal(HttpStatusCode.Created, (await PatchAsync($"{path}?fieldManager=one", body, Apply)).Status);
        var other = body.Replace("\"replicas\":1", "\"replicas\":2", StringComparison.Ordinal);
        var (status, conflict) = await PatchAsync($"{path}?fieldManager=two", other, Apply);
        Assert.Equal((HttpStatusCode.Conflict, "Apply failed with 1 conflict: conflict with \"one\": .spec.replicas"), (status, conflict["message"]!.AsString()!.Replace(" using apps/v1", "", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.OK, (await PatchAsync($"{path}?fieldManager=two&force=true", other, Apply)).Status);
    }

    [Fact]
    public async Task What_is_not_there_is_not_found()
    {
        await MakeNamespaceAsync();
        var (status, answer) = await SendAsync(HttpMethod.Delete, $"api/v1/namespaces/{_space}/secrets/none", null, "application/json");
        Assert.Equal((HttpStatusCode.NotFound, "secrets \"none\" not found"), (status, answer["message"]!.AsString()));
        var (nowhere, message) = await PostAsync("api/v1/namespaces/absent/configmaps", """{"metadata":{"name":"x"}}""");
        Assert.Equal((HttpStatusCode.NotFound, "namespaces \"absent\" not found"), (nowhere, message["message"]!.AsString()));
    }

    private static void AssertSame(string expected, YamlNode? actual) => Assert.Equal(JsonText.Read(expected), actual);

    private Task<(HttpStatusCode Status, YamlMap Body)> PostAsync(string path, string body) => SendAsync(HttpMethod.Post, path, JsonText.Read(body), "application/json");

    private Task<(HttpStatusCode Status, YamlMap Body)> PatchAsync(string path, string body, string type) => SendAsync(HttpMethod.Patch, path, JsonText.Read(body), type);

    private async Task MakeNamespaceAsync() => Assert.Equal(HttpStatusCode.Created, (await PostAsync("api/v1/namespaces", $"{{\"metadata\":{{\"name\":\"{_space}\"}}}}")).Status);
}

public sealed class LocalClusterBehaviour(ServerFixture local) : ApiBehaviour, IClassFixture<ServerFixture>
{
    protected override async Task<(HttpStatusCode Status, YamlMap Body)> SendAsync(HttpMethod method, string path, YamlNode? body, string type)
    {
        using var request = new HttpRequestMessage(method, "/" + path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(JsonText.WriteBytes(body));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        }

        using var answer = await local.Http.SendAsync(request, Cancellation);
        return (answer.StatusCode, (YamlMap)JsonText.Read(await answer.Content.ReadAsByteArrayAsync(Cancellation)));
    }
}

public sealed class RealClusterBehaviour(RealApiServer real) : ApiBehaviour, IClassFixture<RealApiServer>
{
    protected override Task<(HttpStatusCode Status, YamlMap Body)> SendAsync(HttpMethod method, string path, YamlNode? body, string type)
    {
        real.SkipUnlessHere();
        return real.SendAsync(method, path, body, type);
    }
}
