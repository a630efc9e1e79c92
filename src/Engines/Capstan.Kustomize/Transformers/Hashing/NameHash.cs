using System.Security.Cryptography;
using System.Text;
using Capstan.Kustomize.Resources;
using Capstan.Yaml;

namespace Capstan.Kustomize.Transformers.Hashing;

/// <summary>Appends a hash of the content to the names of generated resources, so that a new content is a new resource.</summary>
internal static class NameHash
{
    private const int Length = 10;

    public static void Apply(ResourceSet set)
    {
        foreach (var resource in set.All)
        {
            if (resource.NeedsHash)
            {
                var hash = Of(resource);
                resource.RememberId();
                resource.SetName($"{resource.Name}-{hash}");
            }
        }
    }

    /// <summary>Ten characters of the SHA-256 of the content's JSON, in an alphabet that spells no words.</summary>
    public static string Of(Resource resource)
    {
        var json = resource.Kind switch
        {
            "ConfigMap" => Json(resource, ("binaryData", false), ("data", true), ("kind", true), ("name", true)),
            "Secret" => Json(resource, ("data", true), ("kind", true), ("name", true), ("stringData", false), ("type", true)),
            _ => Encoding.UTF8.GetBytes(JsonText.Write(resource.Body)),
        };
        var digits = Convert.ToHexStringLower(SHA256.HashData(json)).AsSpan(0, Length);
        return string.Create(Length, digits, static (text, from) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                text[i] = from[i] switch { '0' => 'g', '1' => 'h', '3' => 'k', 'a' => 'm', 'e' => 't', var other => other };
            }
        });
    }

    private static byte[] Json(Resource resource, params ReadOnlySpan<(string Field, bool Always)> fields)
    {
        var text = new StringBuilder("{");
        foreach (var (field, always) in fields)
        {
            var value = field switch
            {
                "kind" => resource.Kind,
                // kustomize means the name, but looks it up where it is not, so that the name does not count.
                "name" => YamlScalar.Empty,
                _ => resource.Body[field],
            };
            if (!always && value is not YamlMap)
            {
                continue;
            }

            text.Append(text.Length > 1 ? "," : "").Append(GoText(field)).Append(':');
            Append(text, value is YamlScalar scalar ? ScalarNodes.Text(scalar.Source) : value ?? YamlScalar.Empty);
        }

        return Encoding.UTF8.GetBytes(text.Append('}').ToString());
    }

    private static void Append(StringBuilder text, YamlNode value)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (value)
        {
            case YamlMap map:
                text.Append('{');
                var first = true;
                foreach (var (key, item) in map.OrderBy(e => e.Key, GoStringOrder.Instance))
                {
                    text.Append(first ? "" : ",").Append(GoText(key)).Append(':');
                    first = false;
                    Append(text, item);
                }

                text.Append('}');
                break;
            case YamlList list:
                text.Append('[');
                for (var i = 0; i < list.Count; i++)
                {
                    text.Append(i > 0 ? "," : "");
                    Append(text, list[i]);
                }

                text.Append(']');
                break;
            case YamlScalar { Kind: ScalarKind.String } scalar:
                text.Append(GoText(scalar.Text));
                break;
            case YamlScalar { IsNumber: true } number:
                text.Append(GoNumbers.Format(number.AsDouble()));
                break;
            default:
                text.Append(((YamlScalar)value).Text);
                break;
        }
    }

    // Go's encoding/json escapes for HTML, and the two line separators.
    private static string GoText(string text)
    {
        var result = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => result.Append("\\\""),
                '\\' => result.Append("\\\\"),
                '\n' => result.Append("\\n"),
                '\r' => result.Append("\\r"),
                '\t' => result.Append("\\t"),
                '\b' => result.Append("\\b"),
                '\f' => result.Append("\\f"),
                < ' ' or '<' or '>' or '&' or '\u2028' or '\u2029' => result.Append("\\u").Append(((int)c).ToString("x4", System.Globalization.CultureInfo.InvariantCulture)),
                _ => result.Append(c),
            };
        }

        return result.Append('"').ToString();
    }
}

/// <summary>Orders texts by their UTF-8 bytes, as Go does.</summary>
internal sealed class GoStringOrder : IComparer<string>
{
    public static readonly GoStringOrder Instance = new();

    public int Compare(string? x, string? y)
    {
        if (x is null || y is null)
        {
            return string.CompareOrdinal(x, y);
        }

        // UTF-16 orders surrogates before U+E000 to U+FFFF, UTF-8 after them.
        for (var i = 0; i < x.Length && i < y.Length; i++)
        {
            if (x[i] != y[i])
            {
                return char.IsSurrogate(x[i]) == char.IsSurrogate(y[i]) ? x[i].CompareTo(y[i]) : char.IsSurrogate(x[i]) ? 1 : -1;
            }
        }

        return x.Length.CompareTo(y.Length);
    }
}
