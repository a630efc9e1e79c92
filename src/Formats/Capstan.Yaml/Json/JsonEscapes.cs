using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Capstan.Yaml;

/// <summary>
/// Strings with escapes. Half of a surrogate pair, which JSON can write and Unicode does not have, becomes U+FFFD as in Go's encoding/json,
/// and so in every API server.
/// </summary>
internal static class JsonEscapes
{
    private const char Replacement = '\uFFFD';
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>The string that the reader stands on, which the reader has found well-formed but for its surrogates.</summary>
    public static string Read(ref Utf8JsonReader reader)
    {
        // The library throws on half a pair; without one it is quicker.
        if (!HoldsSurrogate(reader.ValueSpan))
        {
            return reader.GetString()!;
        }

        try
        {
            return Unescape(Strict.GetString(reader.ValueSpan));
        }
        catch (DecoderFallbackException error)
        {
            throw new InvalidOperationException(error.Message, error);
        }
    }

    private static bool HoldsSurrogate(ReadOnlySpan<byte> utf8)
    {
        for (var at = utf8.IndexOf("\\u"u8); at >= 0; at = utf8.IndexOf("\\u"u8))
        {
            utf8 = utf8[(at + 2)..];
            if (utf8.Length > 0 && utf8[0] is (byte)'d' or (byte)'D')
            {
                return true;
            }
        }

        return false;
    }

    private static string Unescape(string text)
    {
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                plain.Append(text[i]);
                continue;
            }

            i++;
            plain.Append(text[i] switch
            {
                'b' => '\b',
                'f' => '\f',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => (char)ushort.Parse(text.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
                var same => same,
            });
            i += text[i] == 'u' ? 4 : 0;
        }

        for (var i = 0; i < plain.Length; i++)
        {
            if (char.IsHighSurrogate(plain[i]) && i + 1 < plain.Length && char.IsLowSurrogate(plain[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(plain[i]))
            {
                plain[i] = Replacement;
            }
        }

        return plain.ToString();
    }
}
