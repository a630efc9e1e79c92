using System.Net;

namespace Capstan.Access.Requests;

/// <summary>What is known of a request before anything of it is believed.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Host">The Host header (or <c>:authority</c>).</param>
/// <param name="Origin">The Origin header, if any.</param>
/// <param name="FetchSite">The Sec-Fetch-Site header, if any.</param>
/// <param name="FetchMode">The Sec-Fetch-Mode header, if any.</param>
public sealed record RequestOrigin(string Method, string? Host, string? Origin = null, string? FetchSite = null, string? FetchMode = null);

/// <summary>Whether a request may go on.</summary>
public enum HostVerdict
{
    /// <summary>It may.</summary>
    Accepted,

    /// <summary>It was sent to a name that is not ours: DNS rebinding, or an address that the operator has to name (HTTP 421).</summary>
    UnknownHost,

    /// <summary>A page of another site made a browser send it (HTTP 403).</summary>
    CrossSite,
}

/// <summary>
/// Decides whether a request was meant for this server: loopback is no boundary, since every page that a browser shows can send requests
/// to it. Checked on every route.
/// </summary>
public sealed class HostCheck
{
    private readonly HashSet<string> _authorities = new(StringComparer.OrdinalIgnoreCase);
    private readonly int? _anyAddressPort;

    /// <summary>Makes the check.</summary>
    /// <param name="listen">Where the server listens, with the real port.</param>
    /// <param name="externalUrl">The address that people use (<c>--external-url</c>), if another.</param>
    /// <param name="furtherHosts">Further names (<c>host</c> or <c>host:port</c>) that the operator allows.</param>
    public HostCheck(IPEndPoint listen, Uri? externalUrl = null, IEnumerable<string>? furtherHosts = null)
    {
        var any = listen.Address.Equals(IPAddress.Any) || listen.Address.Equals(IPAddress.IPv6Any);
        if (any)
        {
            // A name can be made to point anywhere; an address written as such cannot, so it is safe from rebinding.
            _anyAddressPort = listen.Port;
        }

        if (any || IPAddress.IsLoopback(listen.Address))
        {
            foreach (var name in (string[])["localhost", "127.0.0.1", "[::1]"])
            {
                Allow(name, listen.Port);
            }
        }

        Allow(new IPEndPoint(listen.Address, 0).ToString()[..^2], listen.Port);
        if (externalUrl is not null)
        {
            Allow(externalUrl.Host, externalUrl.Port);
        }

        foreach (var host in furtherHosts ?? [])
        {
            _authorities.Add(host);
        }
    }

    /// <summary>Decides about one request.</summary>
    public HostVerdict Check(RequestOrigin request)
    {
        if (!IsOurs(request.Host))
        {
            return HostVerdict.UnknownHost;
        }

        if (IsForeignFetch(request))
        {
            return HostVerdict.CrossSite;
        }

        return request.Origin is null || IsOurOrigin(request.Origin) ? HostVerdict.Accepted : HostVerdict.CrossSite;
    }

    // A link on another site may lead to a page of ours; anything else that another site starts may not.
    private static bool IsForeignFetch(RequestOrigin request)
    {
        if (request.FetchSite is null or "same-origin" or "none")
        {
            return false;
        }

        var followsLink = request is { FetchMode: "navigate", Method: "GET" or "HEAD" };
        return !followsLink;
    }

    private bool IsOurOrigin(string origin)
    {
        var start = origin.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? 7
            : origin.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? 8 : -1;
        return start > 0 && IsOurs(origin[start..]);
    }

    private bool IsOurs(string? authority)
    {
        if (string.IsNullOrEmpty(authority))
        {
            return false;
        }

        return _authorities.Contains(authority)
            || (_anyAddressPort is { } port && IPEndPoint.TryParse(authority, out var end)
                && (end.Port == port || (end.Port == 0 && port is (80 or 443))));
    }

    private void Allow(string host, int port)
    {
        _authorities.Add($"{host}:{port}");
        if (port is 80 or 443)
        {
            _authorities.Add(host);
        }
    }
}
