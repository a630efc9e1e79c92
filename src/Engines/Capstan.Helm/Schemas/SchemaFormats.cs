using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Capstan.Helm.Schemas;

/// <summary>The formats that drafts before 2019-09 insist on.</summary>
internal static class SchemaFormats
{
    /// <summary>What is wrong with a text of a format, or null when nothing is (or the format is not known).</summary>
    public static string? Problem(string format, string text) => format switch
    {
        "ipv4" => IPAddress.TryParse(text, out var v4) && v4.AddressFamily == AddressFamily.InterNetwork && text.Split('.').Length == 4
            ? null : "expected four decimals",
        "ipv6" => IPAddress.TryParse(text, out var v6) && v6.AddressFamily == AddressFamily.InterNetworkV6 && !text.Contains('%', StringComparison.Ordinal)
            ? null : "invalid ipv6 address",
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) ? null : "invalid date",
        "date-time" when text.Length < 20 => "less than 20 characters long",
        "date-time" => char.IsAsciiDigit(text[0])
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out _) ? null : "invalid date-time",
        "uuid" => Guid.TryParseExact(text, "D", out _) ? null : "must be 36 characters long",
        "uri" or "iri" => Uri.TryCreate(text, UriKind.Absolute, out _) && text.Contains(':', StringComparison.Ordinal) ? null : "relative url",
        "email" => text.LastIndexOf('@') is > 0 and < 65 ? null : "missing @",
        "hostname" => Hostname(text),
        _ => null,
    };

    private static string? Hostname(string text)
    {
        if (text.Length is 0 or > 253)
        {
            return text.Length == 0 ? "empty label" : "more than 253 characters long";
        }

        foreach (var label in text.TrimEnd('.').Split('.'))
        {
            if (label.Length is 0 or > 63)
            {
                return label.Length == 0 ? "empty label" : "label must be 1 to 63 characters long";
            }

            if (label.StartsWith('-') || label.EndsWith('-'))
            {
                return $"label {(label.StartsWith('-') ? "starts" : "ends")} with hyphen";
            }

            foreach (var c in label)
            {
                if (!char.IsAsciiLetterOrDigit(c) && c != '-')
                {
                    return $"invalid character '{c}'";
                }
            }
        }

        return null;
    }
}
