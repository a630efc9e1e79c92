using System.Security.Cryptography;
using System.Text;
using Capstan.GoTemplates;
using static Capstan.Helm.Functions.FunctionTable;

namespace Capstan.Helm.Functions;

/// <summary>Base 64, base 32 and checksums.</summary>
internal static class EncodingFunctions
{
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    public static readonly GoFunction[] All =
    [
        Of("b64enc", [GoType.String], static (_, a) => Convert.ToBase64String(GoText.ToBytes(a.Text(0)))),
        Of("b64dec", [GoType.String], static (_, a) => TryBase64(a.Text(0), out var bytes, out var problem) ? GoText.FromBytes(bytes) : problem),
        Of("b32enc", [GoType.String], static (_, a) => Encode32(GoText.ToBytes(a.Text(0)))),
        Of("b32dec", [GoType.String], static (_, a) => Decode32(a.Text(0))),
        Of("sha1sum", [GoType.String], static (_, a) => Sha1(a.Text(0))),
        Of("sha256sum", [GoType.String], static (_, a) => Convert.ToHexStringLower(SHA256.HashData(GoText.ToBytes(a.Text(0))))),
        Of("sha512sum", [GoType.String], static (_, a) => Convert.ToHexStringLower(SHA512.HashData(GoText.ToBytes(a.Text(0))))),
        Of("adler32sum", [GoType.String], static (_, a) => Adler32(GoText.ToBytes(a.Text(0)))),
    ];

    /// <summary>Go's base64.StdEncoding: line breaks are skipped, everything else must be exact.</summary>
    internal static bool TryBase64(string text, out byte[] bytes, out string problem)
    {
        var clean = text.Replace("\n", "", StringComparison.Ordinal).Replace("\r", "", StringComparison.Ordinal);
        for (var i = 0; i < clean.Length; i++)
        {
            var c = clean[i];
            var padding = c == '=' && i >= clean.Length - 2 && clean.Length % 4 == 0 && (i == clean.Length - 1 || clean[i + 1] == '=') && i % 4 >= 2;
            if (!padding && !char.IsAsciiLetterOrDigit(c) && c is not ('+' or '/'))
            {
                bytes = [];
                problem = $"illegal base64 data at input byte {i}";
                return false;
            }
        }

        if (clean.Length % 4 != 0)
        {
            bytes = [];
            problem = $"illegal base64 data at input byte {clean.Length - (clean.Length % 4)}";
            return false;
        }

        // Go ignores the bits after the last byte.
        bytes = new byte[clean.Length / 4 * 3];
        Span<char> digits = clean.ToCharArray();
        if (clean.EndsWith('='))
        {
            var last = digits.Length - (clean.EndsWith("==", StringComparison.Ordinal) ? 3 : 2);
            var keep = clean.EndsWith("==", StringComparison.Ordinal) ? 0x30 : 0x3C;
            const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
            digits[last] = Alphabet[Alphabet.IndexOf(digits[last], StringComparison.Ordinal) & keep];
        }

        Convert.TryFromBase64Chars(digits, bytes, out var length);
        bytes = bytes[..length];
        problem = "";
        return true;
    }

    // Charts use SHA-1 for names and htpasswd, where the algorithm is given.
    private static string Sha1(string text)
    {
#pragma warning disable CA5350 // Charts name this algorithm; it protects nothing here.
        return Convert.ToHexStringLower(SHA1.HashData(GoText.ToBytes(text)));
#pragma warning restore CA5350
    }

    private static string Adler32(byte[] bytes)
    {
        uint a = 1, b = 0;
        foreach (var value in bytes)
        {
            a = (a + value) % 65521;
            b = (b + a) % 65521;
        }

        return ((b << 16) | a).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private static string Encode32(byte[] bytes)
    {
        var output = new StringBuilder((bytes.Length + 4) / 5 * 8);
        for (var i = 0; i < bytes.Length; i += 5)
        {
            var group = 0UL;
            var count = Math.Min(5, bytes.Length - i);
            for (var j = 0; j < 5; j++)
            {
                group = (group << 8) | (j < count ? bytes[i + j] : 0u);
            }

            var digits = ((count * 8) + 4) / 5;
            for (var j = 0; j < 8; j++)
            {
                output.Append(j < digits ? Base32[(int)(group >> (35 - (5 * j))) & 31] : '=');
            }
        }

        return output.ToString();
    }

    private static string Decode32(string text)
    {
        var clean = text.Replace("\n", "", StringComparison.Ordinal).Replace("\r", "", StringComparison.Ordinal);
        var digits = clean.TrimEnd('=');
        var output = new List<byte>(digits.Length * 5 / 8);
        ulong bits = 0;
        var count = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var value = Base32.IndexOf(digits[i], StringComparison.Ordinal);
            if (value < 0)
            {
                return $"illegal base32 data at input byte {i}";
            }

            bits = (bits << 5) | (uint)value;
            count += 5;
            if (count >= 8)
            {
                count -= 8;
                output.Add((byte)(bits >> count));
            }
        }

        return clean.Length % 8 == 0 ? GoText.FromBytes(output.ToArray()) : $"illegal base32 data at input byte {clean.Length - (clean.Length % 8)}";
    }
}
