using System.Globalization;
using System.Net;

namespace Capstan.LocalCluster;

/// <summary>The addresses of Services: a network of 65,536 of them.</summary>
public readonly record struct ServiceRange
{
    private readonly byte _first;
    private readonly byte _second;

    private ServiceRange(byte first, byte second) => (_first, _second) = (first, second);

    /// <summary>Kubernetes' usual one: 10.96.0.0/16.</summary>
    public static readonly ServiceRange Usual = new(10, 96);

    /// <summary>A range in a private network.</summary>
    /// <param name="second">The second number of <c>10.N.0.0/16</c>.</param>
    public static ServiceRange Ten(byte second) => new(10, second);

    /// <summary>The Service of the API, <c>kubernetes</c>.</summary>
    public IPAddress Api => Address(1);

    /// <summary>The cluster's name server.</summary>
    public IPAddress Dns => Address(10);

    /// <summary>An address by its number.</summary>
    public IPAddress Address(int number) => new([_first, _second, (byte)(number / 256), (byte)(number % 256)]);

    /// <summary><c>10.96.0.0/16</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{_first}.{_second}.0.0/16");
}
