using System.Globalization;
using Capstan.Yaml;

using Capstan.Scalars;

namespace Capstan.Resources;

/// <summary>Whether two values mean the same to Kubernetes, though they are written differently.</summary>
internal static class ScalarComparison
{
    public static bool AreSame(YamlNode wanted, YamlNode live, ScalarType? type)
    {
        if (wanted.Equals(live))
        {
            return true;
        }

        if (wanted is not YamlScalar left || live is not YamlScalar right || type is null)
        {
            return false;
        }

        return type switch
        {
            ScalarType.Quantity => Quantity.TryParse(left.Text, out var a) && Quantity.TryParse(right.Text, out var b) && a == b,
            ScalarType.Duration => GoDuration.TryParse(left.Text, out var a) && GoDuration.TryParse(right.Text, out var b) && a == b,
            ScalarType.Time => TryTime(left.Text, out var a) && TryTime(right.Text, out var b) && a == b,
            ScalarType.Bytes => WithoutSpace(left.Text) == WithoutSpace(right.Text),
            _ => false,
        };
    }

    /// <summary>What a built-in kind does not store: it is the same as the field being absent.</summary>
    public static bool IsZero(YamlNode node) => node switch
    {
        YamlMap map => map.Count == 0 || map.All(e => IsZero(e.Value)),
        YamlList list => list.Count == 0,
        YamlScalar scalar => scalar.Kind switch
        {
            ScalarKind.Null => true,
            ScalarKind.String => scalar.Text.Length == 0,
            ScalarKind.Boolean => scalar.Text == "false",
            _ => scalar.AsDouble() == 0,
        },
        _ => false,
    };

    /// <summary>What no kind tells from an absent field.</summary>
    public static bool IsEmpty(YamlNode? node) => node is null or YamlMap { Count: 0 } or YamlList { Count: 0 } or { IsNull: true };

    private static bool TryTime(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);

    // Base64 may be folded in a manifest.
    private static string WithoutSpace(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
}
