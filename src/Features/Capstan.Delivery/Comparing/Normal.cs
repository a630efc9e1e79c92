using System.Globalization;
using System.Text;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Comparing;

/// <summary>Writings that mean the same to an API server.</summary>
internal static class Normal
{
    private static readonly (string Suffix, decimal Factor)[] Suffixes =
    [
        ("Ki", 1L << 10), ("Mi", 1L << 20), ("Gi", 1L << 30), ("Ti", 1L << 40), ("Pi", 1L << 50), ("Ei", 1L << 60),
        ("n", 1e-9m), ("u", 1e-6m), ("m", 1e-3m), ("k", 1e3m), ("M", 1e6m), ("G", 1e9m), ("T", 1e12m), ("P", 1e15m), ("E", 1e18m),
    ];

    /// <summary>The object as a server would store it: text of Secrets encoded, nothing that only a server may write.</summary>
    public static KubernetesObject Desired(KubernetesObject desired)
    {
        var made = desired.Without("status").Without("metadata", "creationTimestamp").Without("metadata", "managedFields");
        if (made.GroupKind != new GroupKind("", "Secret") || made.Body["stringData"] is not YamlMap texts)
        {
            return made;
        }

        var data = (made.Body["data"] as YamlMap ?? YamlMap.Empty).ToBuilder();
        foreach (var (key, value) in texts)
        {
            data.Set(key, Convert.ToBase64String(Encoding.UTF8.GetBytes(value.AsString() ?? "")));
        }

        return made.Without("stringData").With(["data"], data.ToMap());
    }

    /// <summary>Whether two values are the same, or only written differently: quantities, and nothing in place of emptiness.</summary>
    public static bool Same(YamlNode? wanted, YamlNode? live, string path)
    {
        if (Equals(wanted, live) || (IsEmpty(wanted) && IsEmpty(live)))
        {
            return true;
        }

        return IsQuantity(path) && wanted is YamlScalar a && live is YamlScalar b && TryQuantity(a.Text, out var left) && TryQuantity(b.Text, out var right) && left == right;
    }

    // Go leaves empty fields out when it writes them.
    private static bool IsEmpty(YamlNode? node) => node switch
    {
        null => true,
        YamlMap map => map.Count == 0,
        YamlList list => list.Count == 0,
        YamlScalar scalar => scalar.Kind == ScalarKind.Null || (scalar.Kind == ScalarKind.String && scalar.Text.Length == 0),
        _ => false,
    };

    private static bool IsQuantity(string path) =>
        path.Contains(".limits.", StringComparison.Ordinal) || path.Contains(".requests.", StringComparison.Ordinal)
        || path.Contains(".hard.", StringComparison.Ordinal) || path.Contains(".capacity.", StringComparison.Ordinal)
        || path.EndsWith(".sizeLimit", StringComparison.Ordinal) || path.EndsWith(".averageValue", StringComparison.Ordinal) || path.EndsWith(".value", StringComparison.Ordinal);

    private static bool TryQuantity(string text, out decimal value)
    {
        var factor = 1m;
        foreach (var (suffix, of) in Suffixes)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal))
            {
                (text, factor) = (text[..^suffix.Length], of);
                break;
            }
        }

        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) || Math.Abs(value) > 1e9m)
        {
            return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && factor == 1m;
        }

        value *= factor;
        return true;
    }
}
