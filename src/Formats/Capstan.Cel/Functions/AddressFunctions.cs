using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Capstan.Cel.Functions;

/// <summary>Kubernetes' libraries of addresses and of ranges of them.</summary>
internal static class AddressFunctions
{
    public static readonly IReadOnlyList<CelFunction> All =
    [
        CelFunction.Global("isIP", 1, (a, _) => a[0] is CelString text ? CelValue.Of(CelIp.Parse(text.Value) is not null) : CelFault.NoOverload),
        CelFunction.Global("ip", 1, (a, _) => a[0] is CelString text ? Ip(text) : CelFault.NoOverload),
        CelFunction.Global("ip.isCanonical", 1, (a, _) => a[0] is CelString text ? Ip(text) is CelIp ip ? CelValue.Of(ip.Address.ToString() == text.Value) : Ip(text) : CelFault.NoOverload),
        CelFunction.Method("family", 1, (a, _) => a[0] is CelIp ip ? CelValue.Of(ip.IsV4 ? 4L : 6L) : CelFault.NoOverload),
        About("isUnspecified", static ip => ip.Address.Equals(IPAddress.Any) || ip.Address.Equals(IPAddress.IPv6Any)),
        About("isLoopback", static ip => IPAddress.IsLoopback(ip.Address)),
        About("isLinkLocalMulticast", static ip => ip.IsV4 ? ip.Bytes is [224, 0, 0, _] : ip.Bytes is [0xff, var scope, ..] && (scope & 0xf) == 2),
        About("isLinkLocalUnicast", IsLinkLocal),
        About("isGlobalUnicast", static ip => !ip.Address.Equals(IPAddress.Any) && !ip.Address.Equals(IPAddress.IPv6Any) && !IPAddress.IsLoopback(ip.Address)
            && !(ip.IsV4 ? ip.Bytes[0] is >= 224 and < 240 || ip.Address.Equals(IPAddress.Broadcast) : ip.Address.IsIPv6Multicast) && !IsLinkLocal(ip)),
        CelFunction.Global("isCIDR", 1, (a, _) => a[0] is CelString text ? CelValue.Of(CelCidr.Parse(text.Value) is not null) : CelFault.NoOverload),
        CelFunction.Global("cidr", 1, (a, _) => a[0] is CelString text ? Cidr(text) : CelFault.NoOverload),
        CelFunction.Method("containsIP", 2, (a, _) => a switch
        {
            [CelCidr range, CelIp ip] => CelValue.Of(range.Contains(ip)),
            [CelCidr range, CelString text] => Ip(text) is CelIp ip ? CelValue.Of(range.Contains(ip)) : Ip(text),
            _ => CelFault.NoOverload,
        }),
        CelFunction.Method("containsCIDR", 2, (a, _) => a switch
        {
            [CelCidr range, CelCidr other] => CelValue.Of(range.Contains(other)),
            [CelCidr range, CelString text] => Cidr(text) is CelCidr other ? CelValue.Of(range.Contains(other)) : Cidr(text),
            _ => CelFault.NoOverload,
        }),
        CelFunction.Method("ip", 1, (a, _) => a[0] is CelCidr range ? range.Ip : CelFault.NoOverload),
        CelFunction.Method("masked", 1, (a, _) => a[0] is CelCidr range ? range.Masked() : CelFault.NoOverload),
        CelFunction.Method("prefixLength", 1, (a, _) => a[0] is CelCidr range ? CelValue.Of((long)range.Length) : CelFault.NoOverload),
        CelFunction.Global("string", 1, (a, _) => a[0] switch
        {
            CelIp ip => CelValue.Of(ip.Address.ToString()),
            CelCidr range => CelValue.Of(range.ToString()),
            _ => CelFault.NoOverload,
        }),
    ];

    private static CelFunction About(string name, Func<CelIp, bool> holds) => CelFunction.Method(name, 1, (a, _) => a[0] is CelIp ip ? CelValue.Of(holds(ip)) : CelFault.NoOverload);

    private static bool IsLinkLocal(CelIp ip) => ip.IsV4 ? ip.Bytes is [169, 254, ..] : ip.Address.IsIPv6LinkLocal;

    private static CelValue Ip(CelString text) => CelIp.Parse(text.Value) ?? (CelValue)new CelFault($"IP Address \"{CelText.Show(text)}\" parse error during conversion from string: unable to parse IP");

    private static CelValue Cidr(CelString text) => CelCidr.Parse(text.Value) ?? (CelValue)new CelFault($"network address parse error during conversion from string: \"{CelText.Show(text)}\": no range");
}

/// <summary>An address.</summary>
internal sealed class CelIp(IPAddress address) : CelObject
{
    public IPAddress Address => address;

    public byte[] Bytes { get; } = address.GetAddressBytes();

    public bool IsV4 => address.AddressFamily == AddressFamily.InterNetwork;

    public override string TypeName => "net.IP";

    /// <summary>An address in its usual form: neither zones, nor leading zeros, nor IPv4 within IPv6.</summary>
    public static CelIp? Parse(string text) =>
        !text.Contains('%', StringComparison.Ordinal) && !text.StartsWith('[') && IPAddress.TryParse(text, out var address) && !address.IsIPv4MappedToIPv6
        && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == text) ? new CelIp(address) : null;

    public override bool Same(CelObject other) => other is CelIp ip && ip.Address.Equals(Address);

    public override int Hash() => Address.GetHashCode();
}

/// <summary>A range of addresses, which remembers the address that it was written with.</summary>
internal sealed class CelCidr(CelIp ip, int length) : CelObject
{
    public CelIp Ip => ip;

    public int Length => length;

    public override string TypeName => "net.CIDR";

    public static CelCidr? Parse(string text) =>
        text.Split('/') is [var address, var digits] && CelIp.Parse(address) is { } ip
        && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var length) && length <= ip.Bytes.Length * 8 && (digits.Length == 1 || digits[0] != '0')
            ? new CelCidr(ip, length) : null;

    public bool Contains(CelIp other) => Begins(other, length);

    public bool Contains(CelCidr other) => other.Length >= length && Begins(other.Ip, length);

    public CelCidr Masked()
    {
        var bytes = (byte[])ip.Bytes.Clone();
        for (var i = 0; i < bytes.Length; i++)
        {
            var kept = Math.Clamp(length - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xff << (8 - kept));
        }

        return new CelCidr(new CelIp(new IPAddress(bytes)), length);
    }

    public override bool Same(CelObject other) => other is CelCidr range && range.Length == length && range.Ip.Same(ip);

    public override int Hash() => HashCode.Combine(ip.Hash(), length);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{ip.Address}/{length}");

    private bool Begins(CelIp other, int bits) =>
        other.IsV4 == ip.IsV4 && new CelCidr(other, bits).Masked().Ip.Same(Masked().Ip);
}
