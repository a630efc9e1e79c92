using System.Globalization;
using System.Text.RegularExpressions;

namespace Capstan.LocalCluster.ApiServer.CustomResources;

/// <summary>Kubernetes' priority of versions: GA before beta before alpha, higher numbers first, others last by name.</summary>
internal sealed partial class VersionOrder : IComparer<string>
{
    public static readonly VersionOrder Instance = new();

    public int Compare(string? x, string? y)
    {
        var (a, b) = (Rank(x ?? ""), Rank(y ?? ""));
        return a is null || b is null
            ? (a is null).CompareTo(b is null) is not 0 and var known ? known : string.CompareOrdinal(x, y)
            : b.Value.CompareTo(a.Value);
    }

    private static (int Stability, long Major, long Minor)? Rank(string version)
    {
        var match = Shape().Match(version);
        if (!match.Success)
        {
            return null;
        }

        var stability = match.Groups[2].Value switch { "" => 2, "beta" => 1, _ => 0 };
        return (stability, Number(match.Groups[1]), Number(match.Groups[3]));
    }

    private static long Number(Group group) => long.TryParse(group.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    [GeneratedRegex(@"\Av([0-9]{1,9})(?:(alpha|beta)([0-9]{1,9}))?\z")]
    private static partial Regex Shape();
}
