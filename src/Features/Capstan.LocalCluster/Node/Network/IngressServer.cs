using System.Diagnostics;
using System.Net;
using Capstan.LocalCluster.ApiServer;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.Node.Running;
using Capstan.Resources;
using Capstan.Yaml;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Capstan.LocalCluster.Node.Network;

/// <summary>Serves Ingress objects over plain HTTP: Yarp forwards each request to the next ready endpoint behind the rule that it is for.</summary>
internal sealed class IngressServer : IAsyncDisposable
{
    private static readonly GroupKind Ingress = new("networking.k8s.io", "Ingress");
    private static readonly ForwarderRequestConfig Limits = new() { ActivityTimeout = TimeSpan.FromMinutes(5) };

    private readonly ClusterClient _cluster;
    private readonly WebApplication _web;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stopping = new();
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        EnableMultipleHttp2Connections = true,
        ActivityHeadersPropagator = new ReverseProxyPropagator(DistributedContextPropagator.Current),
        ConnectTimeout = TimeSpan.FromSeconds(5),
    });

    private readonly IHttpForwarder _forwarder;
    private Task _following = Task.CompletedTask;
    private int _next;

    private IngressServer(ClusterClient cluster, WebApplication web, ILogger log)
    {
        (_cluster, _web, _log) = (cluster, web, log);
        _forwarder = web.Services.GetRequiredService<IHttpForwarder>();
        web.Run(HandleAsync);
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1");

    /// <summary>Starts to serve.</summary>
    /// <returns>Null when the address is taken, which is logged: the cluster does without.</returns>
    public static async Task<IngressServer?> StartAsync(ClusterClient cluster, IPEndPoint listen, ILoggerFactory loggers, ILogger log, CancellationToken cancellation)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddHttpForwarder();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(listen);
        });
        var server = new IngressServer(cluster, builder.Build(), log);
        try
        {
            await server._web.StartAsync(cancellation).ConfigureAwait(false);
        }
        catch (IOException taken)
        {
            log.IngressNotServed(listen.ToString(), taken.Message);
            await server.DisposeAsync().ConfigureAwait(false);
            return null;
        }

        server.Address = new Uri(server._web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        server._following = server.FollowAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _web.DisposeAsync().ConfigureAwait(false);
        _http.Dispose();
        _stopping.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        var rule = IngressRule.All(_cluster).FirstOrDefault(r => r.Matches(context.Request.Host.Host, context.Request.Path.Value ?? "/"));
        if (rule is null || rule.Endpoints.Count == 0)
        {
            context.Response.StatusCode = rule is null ? 404 : 503;
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync(rule is null
                ? $"no Ingress has a rule for {context.Request.Host}{context.Request.Path}\n"
                : $"{rule.Backend} has no ready endpoint\n", context.RequestAborted).ConfigureAwait(false);
            return;
        }

        var endpoint = rule.Endpoints[(Interlocked.Increment(ref _next) & int.MaxValue) % rule.Endpoints.Count];
        await _forwarder.SendAsync(context, $"http://{endpoint}", _http, Limits, Forwarding.Instance).ConfigureAwait(false);
    }

    // An Ingress that is served has an address, as every ingress controller writes it.
    private async Task FollowAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var list = _cluster.List(Ingress);
                foreach (var ingress in list.Items)
                {
                    await TellAsync(ingress).ConfigureAwait(false);
                }

                await foreach (var change in _cluster.WatchAsync(Ingress, list.Revision, _stopping.Token).ConfigureAwait(false))
                {
                    if (change.Type != ClusterEventType.Deleted)
                    {
                        await TellAsync(change.Object).ConfigureAwait(false);
                    }
                }
            }
            catch (ApiStatusException failure)
            {
                _log.PartFailed("Following Ingress objects", failure.Message);
            }
        }
    }

    private async Task TellAsync(KubernetesObject ingress)
    {
        var wanted = YamlMap.Of(("ingress", YamlList.Create([YamlMap.Of(("ip", NodeObject.Address))])));
        if (!ingress.Status.MapAt("loadBalancer").Equals(wanted) && ingress.DeletionTimestamp is null)
        {
            await _cluster.ChangeAsync(ingress.Key, live => live.With(["status", "loadBalancer"], wanted), "status", _stopping.Token).ConfigureAwait(false);
        }
    }

    /// <summary>The request as it came, with the host that the caller named, and who the caller is.</summary>
    private sealed class Forwarding : HttpTransformer
    {
        public static readonly Forwarding Instance = new();

        public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken).ConfigureAwait(false);
            proxyRequest.Headers.Host = httpContext.Request.Host.Value;
            proxyRequest.Headers.Remove("X-Forwarded-For");
            proxyRequest.Headers.Remove("X-Forwarded-Host");
            proxyRequest.Headers.Remove("X-Forwarded-Proto");
            proxyRequest.Headers.TryAddWithoutValidation("X-Forwarded-For", httpContext.Connection.RemoteIpAddress?.ToString());
            proxyRequest.Headers.TryAddWithoutValidation("X-Forwarded-Host", httpContext.Request.Host.Value);
            proxyRequest.Headers.TryAddWithoutValidation("X-Forwarded-Proto", "http");
        }
    }
}
