using System.Net;
using Capstan.LocalCluster.Node.Probes;
using Capstan.Yaml;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Capstan.LocalCluster.Tests.Node;

/// <summary>gRPC probes against a server that speaks the health protocol over HTTP/2.</summary>
public sealed class GrpcHealthTests : IAsyncLifetime
{
    private WebApplication _server = null!;

    private int Port => new Uri(_server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, o => o.Protocols = HttpProtocols.Http2));
        _server = builder.Build();
        _server.MapPost("/grpc.health.v1.Health/Check", AnswerAsync);
        await _server.StartAsync();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("", "")]
    [InlineData("good", "")]
    [InlineData("bad", "service unhealthy (responded with \"NOT_SERVING\")")]
    [InlineData("unknown", "error: health rpc failed: code 5: no such service")]
    [InlineData("absent", "error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown method")]
    public async Task A_service_is_well_when_it_says_so(string service, string problem)
    {
        var result = await AskAsync(Port, service);

        Assert.Equal((problem.Length == 0, problem), (result.Succeeded, result.Message));
    }

    [Fact]
    public async Task Who_does_not_answer_is_not_well()
    {
        var result = await AskAsync(1, "");

        Assert.False(result.Succeeded);
        Assert.StartsWith("timeout: failed to connect service \"127.0.0.1:1\" within 1s: ", result.Message, StringComparison.Ordinal);
    }

    private static async Task<ProbeResult> AskAsync(int port, string service)
    {
        using var http = new HttpClient();
        return await GrpcHealth.CheckAsync(http, "127.0.0.1", YamlMap.Of(("port", port), ("service", service)), TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        var asked = new MemoryStream();
        await context.Request.Body.CopyToAsync(asked, context.RequestAborted);
        var service = asked.Length > 7 ? System.Text.Encoding.UTF8.GetString(asked.ToArray()[7..]) : "";
        context.Response.ContentType = "application/grpc";
        var (code, message) = service switch { "unknown" => ("5", "no such service"), "absent" => ("12", "unknown method"), _ => ("0", "") };
        if (code == "0") await context.Response.Body.WriteAsync(new byte[] { 0, 0, 0, 0, 2, 8, (byte)(service == "bad" ? 2 : 1) }, context.RequestAborted);
        context.Response.AppendTrailer("grpc-status", code);
        context.Response.AppendTrailer("grpc-message", message);
    }
}
