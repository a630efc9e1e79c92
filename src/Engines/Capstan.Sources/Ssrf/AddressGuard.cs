using System.Net;
using System.Net.Sockets;

namespace Capstan.Sources.Ssrf;

/// <summary>
/// Keeps addresses that tenants name out of the network that Capstan stands in: the name is resolved here, every address it has is judged,
/// and the connection goes to the address that was judged, so that a second answer of the name server changes nothing.
/// </summary>
/// <param name="allowedHosts">Hosts that the operator allows wherever they lead, in lower case.</param>
public sealed class AddressGuard(IReadOnlySet<string> allowedHosts)
{
    /// <summary>A guard without exceptions.</summary>
    public static readonly AddressGuard Strict = new(new HashSet<string>());

    private static readonly IPNetwork[] Inside =
    [
        .. ((string[])
        [
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
        ]).Select(IPNetwork.Parse),
    ];

    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");

    /// <summary>Whether an address lies in the open internet.</summary>
    public static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        if (Inside.Any(network => network.Contains(address)))
        {
            return false;
        }

        // Addresses that carry an IPv4 address inside are as public as that one.
        var bytes = address.GetAddressBytes();
        if (Nat64.Contains(address))
        {
            return IsPublic(new IPAddress(bytes.AsSpan(12, 4)));
        }

        return !SixToFour.Contains(address) || IsPublic(new IPAddress(bytes.AsSpan(2, 4)));
    }

    /// <summary>Resolves a host that a tenant named and judges where it leads.</summary>
    /// <returns>The addresses that may be connected to; never empty.</returns>
    /// <exception cref="SourceException">The name cannot be resolved, or one of its addresses lies inside the network.</exception>
    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellation)
    {
        IPAddress[] addresses;
        try
        {
            addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, cancellation).ConfigureAwait(false);
        }
        catch (SocketException failure)
        {
            throw new SourceException(SourceProblem.Unreachable, $"{host}: the name cannot be resolved ({failure.SocketErrorCode})", failure);
        }

        if (addresses.Length == 0)
        {
            throw new SourceException(SourceProblem.Unreachable, $"{host}: the name has no address");
        }

        // The address is not told: who may not go there may not learn from here what is there.
        return allowedHosts.Contains(host.ToLowerInvariant()) || addresses.All(IsPublic)
            ? addresses
            : throw new SourceException(SourceProblem.Refused, $"{host}: leads into a private network; an operator can allow it by registering the repository or host");
    }

    /// <summary>A handler whose every connection, also after a redirect, is judged first.</summary>
    public SocketsHttpHandler CreateHandler() => new()
    {
        ConnectCallback = ConnectAsync,
        UseProxy = false,
        UseCookies = false,
        MaxAutomaticRedirections = 5,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ConnectTimeout = TimeSpan.FromSeconds(15),
    };

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var addresses = await ResolveAsync(context.DnsEndPoint.Host, cancellation).ConfigureAwait(false);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync([.. addresses], context.DnsEndPoint.Port, cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
