using System.Net.WebSockets;
using Capstan.LocalCluster.ApiServer;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Capstan.LocalCluster.Node.Streaming;

/// <summary>Turns a request into a two-way stream of SPDY/3.1: by HTTP's own upgrade, or within a WebSocket (KEP-4006).</summary>
internal static class StreamUpgrade
{
    private const string Spdy = "SPDY/3.1";
    private const string Tunnel = Spdy + "+";
    private const string VersionHeader = "X-Stream-Protocol-Version";

    /// <summary>Whether the request asks for SPDY/3.1.</summary>
    public static bool AsksForSpdy(HttpContext context) => context.WebSockets.IsWebSocketRequest
        ? context.WebSockets.WebSocketRequestedProtocols.Any(p => p.StartsWith(Tunnel, StringComparison.Ordinal))
        : context.Request.Headers.Upgrade.Any(u => string.Equals(u, Spdy, StringComparison.OrdinalIgnoreCase));

    /// <summary>Agrees on a protocol and upgrades.</summary>
    /// <param name="context">A request that asks for SPDY.</param>
    /// <param name="spoken">The protocols spoken over it, the best first.</param>
    /// <exception cref="ApiStatusException">There is no protocol that both speak.</exception>
    public static async Task<Stream> SpdyAsync(HttpContext context, IReadOnlyList<string> spoken)
    {
        if (context.WebSockets.IsWebSocketRequest)
        {
            var tunnel = Tunnel + Agree(context.WebSockets.WebSocketRequestedProtocols.Select(p => p.StartsWith(Tunnel, StringComparison.Ordinal) ? p[Tunnel.Length..] : p), spoken);

            // .NET refuses a protocol's name with a slash, which RFC 6455 does not allow either; Kubernetes' clients ask for it all the same.
            context.Response.Headers.SecWebSocketProtocol = tunnel;
            return WebSocketStream.Create(await context.WebSockets.AcceptWebSocketAsync().ConfigureAwait(false), WebSocketMessageType.Binary, ownsWebSocket: true);
        }

        var asked = context.Request.Headers[VersionHeader].SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        var agreed = Agree(asked, spoken);
        if (context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } upgrade)
        {
            throw ApiErrors.BadRequest("unable to upgrade: the connection is not one that can be upgraded");
        }

        context.Response.Headers.Upgrade = Spdy;
        context.Response.Headers[VersionHeader] = agreed;
        return await upgrade.UpgradeAsync().ConfigureAwait(false);
    }

    private static string Agree(IEnumerable<string> asked, IReadOnlyList<string> spoken)
    {
        var names = asked.ToList();
        return spoken.FirstOrDefault(names.Contains) ??
            throw ApiErrors.BadRequest($"unable to upgrade: unable to negotiate protocol: client supports [{string.Join(", ", names)}], server accepts [{string.Join(", ", spoken)}]");
    }
}
