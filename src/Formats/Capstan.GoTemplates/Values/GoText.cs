using System.Buffers;
using System.Text;

namespace Capstan.GoTemplates;

/// <summary>
/// Go's strings are bytes, .NET's are UTF-16. Bytes that are no UTF-8 are kept as lone surrogates U+DC80 … U+DCFF, so that a string
/// that was cut in the middle of a character (or decoded from base64) leaves with the bytes that Go would write.
/// </summary>
public static class GoText
{
    private static readonly SearchValues<char> Ascii = SearchValues.Create(
        [.. Enumerable.Range(0, 128).Select(i => (char)i)]);

    /// <summary>The number of bytes of a string.</summary>
    public static int ByteLength(string text)
    {
        if (IsAscii(text))
        {
            return text.Length;
        }

        var bytes = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c < 0x80 || IsEscapedByte(text, i))
            {
                bytes++;
            }
            else if (c < 0x800)
            {
                bytes += 2;
            }
            else if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                bytes += 4;
                i++;
            }
            else
            {
                bytes += 3;
            }
        }

        return bytes;
    }

    /// <summary>Whether all characters are ASCII.</summary>
    public static bool IsAscii(ReadOnlySpan<char> text) => text.IndexOfAnyExcept(Ascii) < 0;

    /// <summary>The bytes from one offset to before another.</summary>
    public static string Slice(string text, int from, int to) =>
        IsAscii(text) ? text[from..to] : FromBytes(ToBytes(text).AsSpan(from, to - from));

    /// <summary>The bytes of a string.</summary>
    public static byte[] ToBytes(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange('\uDC80', '\uDCFF') < 0)
        {
            return Encoding.UTF8.GetBytes(text);
        }

        var output = new ArrayBufferWriter<byte>(text.Length + 16);
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (!IsEscapedByte(text, i))
            {
                continue;
            }

            Encoding.UTF8.GetBytes(text.AsSpan(start, i - start), output);
            output.Write([(byte)(text[i] - 0xDC00)]);
            start = i + 1;
        }

        Encoding.UTF8.GetBytes(text.AsSpan(start), output);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>The string of these bytes.</summary>
    public static string FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (System.Text.Unicode.Utf8.IsValid(bytes))
        {
            return Encoding.UTF8.GetString(bytes);
        }

        var output = new StringBuilder(bytes.Length);
        Span<char> units = stackalloc char[2];
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var consumed) == OperationStatus.Done)
            {
                output.Append(units[..rune.EncodeToUtf16(units)]);
                bytes = bytes[consumed..];
            }
            else
            {
                output.Append((char)(0xDC00 + bytes[0]));
                bytes = bytes[1..];
            }
        }

        return output.ToString();
    }

    /// <summary>Orders strings by their bytes, as Go does.</summary>
    public static int Compare(string left, string right)
    {
        var length = Math.Min(left.Length, right.Length);
        for (var i = 0; i < length; i++)
        {
            int a = left[i], b = right[i];
            if (a == b)
            {
                continue;
            }

            // UTF-16 sorts characters beyond U+FFFF (surrogates) before U+E000 … U+FFFF; UTF-8 sorts them after.
            return a >= 0xD800 && b >= 0xD800 ? ((a + 0x2000) & 0xFFFF) - ((b + 0x2000) & 0xFFFF) : a - b;
        }

        return left.Length - right.Length;
    }

    /// <summary>Whether the character at an index stands for one byte that is no UTF-8.</summary>
    internal static bool IsEscapedByte(string text, int index) =>
        text[index] is >= '\uDC80' and <= '\uDCFF' && (index == 0 || !char.IsHighSurrogate(text[index - 1]));
}
