using System.Net;
using Capstan.Yaml;

namespace Capstan.Resources.Tests;

public sealed class RealApiServerTests(RealApiServer server) : IClassFixture<RealApiServer>
{
    public static TheoryData<string> Names => [.. ApplySequences.All.Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_sequence_of_writes_ends_as_on_a_real_server(string name)
    {
        server.SkipUnlessHere();
        var sequence = ApplySequences.All.Single(s => s.Name == name);
        SchemaNode? custom = null;
        if (sequence.Path.Contains("/widgets/", StringComparison.Ordinal))
        {
            custom = CrdSchema.From(ApplySequences.WidgetSchema);
            await EnsureWidgetsAsync();
        }

        await new SequencePlayer(server, sequence, custom).PlayAsync();
    }

    [Fact]
    public async Task Kinds_of_the_real_server_have_a_schema()
    {
        server.SkipUnlessHere();
        var (_, body) = await server.SendAsync(HttpMethod.Get, "openapi/v2");
        var missing = new List<string>();
        foreach (var (name, value) in (YamlMap)body["definitions"]!)
        {
            if (value is YamlMap definition && definition.At("properties", "metadata", "$ref")?.AsString() is { } meta && meta.EndsWith("ObjectMeta", StringComparison.Ordinal)
                && definition["x-kubernetes-group-version-kind"] is YamlList kinds)
            {
                missing.AddRange(kinds.Select(k => (YamlMap)k)
                    .Select(k => new GroupVersionKind(k["group"]!.AsString()!, k["version"]!.AsString()!, k["kind"]!.AsString()!))
                    .Where(k => k.Group != "judge.capstan.dev" && !BuiltInSchemas.TryGet(k, out _)).Select(k => $"{k} ({name})"));
            }
        }

        Assert.Empty(missing);
    }

    private async Task EnsureWidgetsAsync()
    {
        var (status, _) = await server.SendAsync(HttpMethod.Post, "apis/apiextensions.k8s.io/v1/customresourcedefinitions", ApplySequences.WidgetDefinition);
        Assert.True(status is HttpStatusCode.Created or HttpStatusCode.Conflict, status.ToString());
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while (DateTime.UtcNow < deadline)
        {
            var (listed, _) = await server.SendAsync(HttpMethod.Get, "apis/judge.capstan.dev/v1/namespaces/default/widgets");
            var (_, document) = await server.SendAsync(HttpMethod.Get, "openapi/v2");
            if (listed == HttpStatusCode.OK && document.At("definitions", "dev.capstan.judge.v1.Widget") is not null)
            {
                return;
            }

            await Task.Delay(200, TestContext.Current.CancellationToken);
        }

        Assert.Fail("the widgets did not come up");
    }
}
