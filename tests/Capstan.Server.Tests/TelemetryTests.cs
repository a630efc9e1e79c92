using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Server.Metrics;
using Capstan.Yaml;

namespace Capstan.Server.Tests;

/// <summary>A push can be followed as one trace, from receive-pack until the application is Synced and Healthy, by a receiver of OpenTelemetry's protocol.</summary>
public sealed class TelemetryTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_push_is_one_trace_from_receive_pack_to_ready_and_metrics_come_along()
    {
        using var receiver = new OtlpReceiver();
        var server = new WorkflowServer { Telemetry = new TelemetryOptions(receiver.Address) };
        await server.InitializeAsync();
        try
        {
            server.Push("traced", [("deploy/map.yaml", Map("1"))]);
            using var cluster = server.Cluster();
            var application = (YamlMap)YamlText.ReadOne($$"""
                apiVersion: argoproj.io/v1alpha1
                kind: Application
                metadata: {name: traced, namespace: capstan}
                spec:
                  project: default
                  source: {repoURL: "{{server.Server.Url}}git/traced.git", path: deploy, targetRevision: main}
                  destination: {server: https://kubernetes.default.svc, namespace: traced}
                  syncPolicy: {automated: {prune: true, selfHeal: true}, syncOptions: [CreateNamespace=true]}
                """);
            await cluster.ApplyAsync(new KubernetesObject(application), new ApplyOptions { Force = true }, Stop);
            await TokenTests.EventuallyAsync(async () => (await cluster.FindAsync(new ObjectKey(new GroupKind("argoproj.io", "Application"), "capstan", "traced"), Stop))?.Status.At("sync", "status")?.AsString() == "Synced");
            server.Push("traced", [("deploy/map.yaml", Map("2"))]);
            await receiver.UntilAsync(spans => spans.Any(IsReady));
            var spans = receiver.Spans;
            var ready = spans.First(IsReady);
            var push = spans.Single(s => s.Id == ready.Parent);
            var request = spans.Single(s => s.Id == push.Parent);
            Assert.Equal("receive-pack", push.Name);
            Assert.Equal("POST /git/{name}/git-receive-pack", request.Name);
            var trace = spans.Where(s => s.Trace == ready.Trace).ToList();
            var reconcile = trace.First(s => s.Name == "reconcile");
            Assert.Equal(push.Id, reconcile.Parent);
            Assert.Contains(trace, s => s.Name == "render" && trace.Any(r => r.Name == "reconcile" && r.Id == s.Parent));
            Assert.Contains(trace, s => s.Name == "sync wave");
            Assert.All(spans, s => Assert.DoesNotContain(server.Server.TokenText, s.Text, StringComparison.Ordinal));
        }
        finally
        {
            await server.DisposeAsync();
        }

        Assert.Contains(receiver.Metrics, m => m.Contains("capstan", StringComparison.OrdinalIgnoreCase));
    }

    // Activities are the process's: other tests' servers are heard too.
    private static bool IsReady(ReceivedSpan span) => span.Name == "ready" && span.Text.Contains("capstan/traced", StringComparison.Ordinal);

    private static string Map(string value) => $$"""
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: traced}
        data: {value: "{{value}}"}

        """;

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("", null, null)]
    [InlineData("http://127.0.0.1:4318", null, "http://127.0.0.1:4318/ False")]
    [InlineData("http://127.0.0.1:4317", "grpc", "http://127.0.0.1:4317/ True")]
    public void Nothing_is_sent_unless_the_environment_names_a_receiver(string? endpoint, string? protocol, string? expected)
    {
        var options = TelemetryOptions.Of(name => name switch { "OTEL_EXPORTER_OTLP_ENDPOINT" => endpoint, "OTEL_EXPORTER_OTLP_PROTOCOL" => protocol, _ => null });
        Assert.Equal(expected, options is null ? null : $"{options.Endpoint} {options.OverGrpc}");
    }

    [Fact]
    public void An_address_that_is_none_is_refused_with_its_variable() =>
        Assert.Contains("OTEL_EXPORTER_OTLP_ENDPOINT collector", Assert.Throws<FormatException>(() => TelemetryOptions.Of(n => n == "OTEL_EXPORTER_OTLP_ENDPOINT" ? "collector" : null)).Message, StringComparison.Ordinal);
}
