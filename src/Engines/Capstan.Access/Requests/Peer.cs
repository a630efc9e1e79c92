using System.Net;
using System.Net.Sockets;

namespace Capstan.Access.Requests;

/// <summary>Whom limits are counted for when nobody has said who they are.</summary>
public static class Peer
{
    /// <summary>Who an address belongs to: one of IPv4 itself, of IPv6 its network, since every subscriber has a whole one.</summary>
    public static string Of(IPAddress? address)
    {
        var plain = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
        return plain switch
        {
            null => "",
            { AddressFamily: AddressFamily.InterNetworkV6 } => Convert.ToHexString(plain.GetAddressBytes().AsSpan(0, 8)),
            _ => plain.ToString(),
        };
    }
}
