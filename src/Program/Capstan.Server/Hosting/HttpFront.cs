using System.Net;
using System.Security.Cryptography.X509Certificates;
using Capstan.Access.Requests;
using Capstan.Access.Rights;
using Capstan.Access.SignIn;
using Capstan.Access.Tokens;
using Capstan.Server.Guarding;
using Capstan.Server.OpenApi;
using Capstan.Server.People;
using Capstan.Server.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Capstan.Server.Hosting;

/// <summary>The HTTP side: Kestrel with its limits, the guard before every route, problems for everything that fails.</summary>
internal sealed class HttpFront : IAsyncDisposable
{
    private const long LargestBody = 16 << 20;

    // A quarter of all, so that no peer keeps the others out.
    private const int ConnectionsPerPeer = 1024;
    private readonly WebApplication _app;
    private readonly RateLimits _limits = new();
    private HostCheck? _hosts;

    private HttpFront(WebApplication app) => _app = app;

    /// <summary>The address that is listened on, with its port.</summary>
    public Uri Url { get; private set; } = new("http://127.0.0.1/");

    /// <summary>Binds the address. Every request is answered with 503 until <see cref="Open"/>.</summary>
    public static async Task<HttpFront> StartAsync(ServerSettings settings, FrontGuards guards, ILoggerFactory logs, Action<IEndpointRouteBuilder> map, CancellationToken cancellation)
    {
        CheckAddress(settings);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        OpenApiSetup.AddTo(builder.Services);
        Compression.AddTo(builder.Services);
        builder.Services.AddSingleton(logs);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(options => Configure(options, settings));
        // The program decides when it stops and what an interrupt means.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(10));
        var app = builder.Build();
        var front = new HttpFront(app);
        if (settings.TrustedProxies.Count > 0) app.UseForwardedHeaders(Forwarding(settings));
        app.Use(next => new TracedRequests(next).InvokeAsync);
        app.UseWhen(Compression.Concerns, compressed => compressed.UseResponseCompression());
        app.Use(next => new SafetyHeaders(next).InvokeAsync);
        app.Use(next => new ProblemMiddleware(next, logs.CreateLogger<ProblemMiddleware>()).InvokeAsync);
        app.Use(next => new GuardMiddleware(next, () => front._hosts, guards.Authenticator, guards.Sessions, front._limits).InvokeAsync);
        app.UseWebSockets();
        app.UseRouting();
        app.Use(next => new ActivityMiddleware(next, guards.Activity).InvokeAsync);
        // Inside the log, so that the answer to a failure is known when it is written down.
        app.Use(next => new ProblemMiddleware(next, logs.CreateLogger<ProblemMiddleware>()).InvokeAsync);
        app.Use(next => new RightsMiddleware(next, guards.Rules, guards.Opinions, guards.NameOf).InvokeAsync);
        app.Use(next => new Idempotency(next, TimeProvider.System).InvokeAsync);
        map(app);
        app.UseEndpoints(_ => { });
        app.Run(http => Answers.ProblemAsync(http, 404, "not-found", "Not found", $"{http.Request.Path}: nothing is served here",
            "The API is at /api/v1, repositories at /git/NAME.git; `capstan --help` lists the commands"));
        try
        {
            await app.StartAsync(cancellation).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw new ServerStartException($"{settings.Listen}: cannot be listened on: {e.Message}. Name another address with --listen", e);
        }
        front.Url = new Uri(app.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return front;
    }

    /// <summary>Every route with its methods, as <c>GET /api/v1/applications</c>; <c>*</c> where any method is taken.</summary>
    public IEnumerable<string> RouteTable => Endpoints
        .SelectMany(e => (e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["*"]).Select(m => $"{m} {e.RoutePattern.RawText}"));

    /// <summary>Every endpoint, for the test that each states its right.</summary>
    public IEnumerable<RouteEndpoint> Endpoints => ((IEndpointRouteBuilder)_app).DataSources.SelectMany(d => d.Endpoints).OfType<RouteEndpoint>();

    /// <summary>Begins to serve.</summary>
    public void Open(ServerSettings settings) => _hosts = new HostCheck(new IPEndPoint(settings.Listen.Address, Url.Port), settings.ExternalUrl);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None).ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
        _limits.Dispose();
    }

    private static void CheckAddress(ServerSettings settings)
    {
        if (settings.Listen.IsLoopback || settings.TlsCertificate is not null || settings.TrustedProxies.Count > 0) return;
        throw new ServerStartException($"--listen {settings.Listen}: others than this machine reach it, and tokens would travel in the clear. " +
            "Give --tls-cert and --tls-key, or name the proxy before it with --trusted-proxies");
    }

    private static void Configure(KestrelServerOptions options, ServerSettings settings)
    {
        options.AddServerHeader = false;
        options.Limits.MaxRequestBodySize = LargestBody;
        options.Limits.MaxConcurrentConnections = 4096;
        options.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
        options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        options.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
        options.Limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 2048, gracePeriod: TimeSpan.FromSeconds(15));
        var peers = new PeerConnections(ConnectionsPerPeer, settings.TrustedProxies);
        options.Listen(settings.Listen.EndPoint, listen =>
        {
            listen.Use(peers.Guard);
            listen.Protocols = settings.TlsCertificate is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
            if (settings is { TlsCertificate: { } certificate, TlsKey: { } key }) listen.UseHttps(X509Certificate2.CreateFromPemFile(certificate, key));
        });
    }

    private static ForwardedHeadersOptions Forwarding(ServerSettings settings)
    {
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedHost | ForwardedHeaders.XForwardedProto };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in settings.TrustedProxies) options.KnownIPNetworks.Add(network);
        return options;
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

/// <summary>Who stands before the routes.</summary>
/// <param name="Authenticator">Finds out who asks.</param>
/// <param name="Rules">Decides who may do what.</param>
/// <param name="Sessions">Knows browsers.</param>
/// <param name="Activity">Where it is written down who did what; null while the server starts.</param>
/// <param name="Opinions">What a cluster of others says; null for the embedded one, and while the server starts.</param>
/// <param name="NameOf">The full name of a thing by the one in a route.</param>
internal sealed record FrontGuards(Authenticator Authenticator, AccessRules Rules, SessionBook Sessions, Func<ActivityLog?> Activity, Func<ClusterOpinions?> Opinions, Func<ResourceKind, string, string?> NameOf);
