using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Capstan.Server.Hosting;

/// <summary>An address to listen on: an IP address and a port, zero for any free one.</summary>
/// <param name="Address">The address.</param>
/// <param name="Port">The port.</param>
public sealed record ListenAddress(IPAddress Address, int Port)
{
    /// <summary>Whether only this machine reaches it.</summary>
    public bool IsLoopback => IPAddress.IsLoopback(Address);

    /// <summary>The same as the sockets say it.</summary>
    public IPEndPoint EndPoint => new(Address, Port);

    /// <summary>Reads <c>HOST:PORT</c>, where HOST is an IP address, <c>localhost</c> or <c>*</c>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ListenAddress? address)
    {
        address = null;
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port > 65535) return false;
        var host = text[..colon];
        IPAddress? ip = host switch
        {
            "localhost" => IPAddress.Loopback,
            "*" => IPAddress.Any,
            _ => IPAddress.TryParse(host.Trim('[', ']'), out var parsed) ? parsed : null,
        };
        if (ip is null) return false;
        address = new ListenAddress(ip, port);
        return true;
    }

    /// <summary>The address as a URL's authority.</summary>
    public override string ToString() => EndPoint.ToString();
}
