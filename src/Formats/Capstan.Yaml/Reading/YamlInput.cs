using System.Buffers;
using System.Text;

namespace Capstan.Yaml;

/// <summary>Turns bytes into text that YAML allows (YAML 1.1, section 5.1), with the same verdicts as go-yaml.</summary>
internal static class YamlInput
{
    private const int LongestLine = 200;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    // Printable ASCII with tab, line feed and carriage return passes at vector speed; only what stops there is looked at one by one.
    private static readonly SearchValues<char> Plain =
        SearchValues.Create([.. "\t\n\r", .. Enumerable.Range(0x20, 0x5F).Select(c => (char)c)]);

    /// <summary>Whether a text is ASCII that YAML allows, and short enough, so that it may be read as it is.</summary>
    public static bool IsPlain(string text, ReadLimits limits) => text.Length <= limits.MaxBytes && text.AsSpan().IndexOfAnyExcept(Plain) < 0;

    public static string Decode(ReadOnlySpan<byte> input, ReadLimits limits)
    {
        if (input.Length > limits.MaxBytes)
        {
            throw new YamlException($"the input has {input.Length:N0} bytes, more than the {limits.MaxBytes:N0} allowed", Position.None);
        }

        var text = input switch
        {
            [0xFF, 0xFE, ..] => Utf16(input[2..], bigEndian: false),
            [0xFE, 0xFF, ..] => Utf16(input[2..], bigEndian: true),
            [0xEF, 0xBB, 0xBF, ..] => Utf8(input[3..]),
            _ => Utf8(input),
        };
        RefuseControlCharacters(text);
        return text;
    }

    /// <summary>A line of the text, counted from 1 and cut at 200 characters; null when the text has fewer lines.</summary>
    public static string? Line(string text, int line)
    {
        var rest = text.AsSpan();
        for (var i = 1; i < line; i++)
        {
            var next = rest.IndexOfAny('\n', '\r');
            if (next < 0)
            {
                return null;
            }

            rest = rest[(next + (rest[next..].StartsWith("\r\n") ? 2 : 1))..];
        }

        var end = rest.IndexOfAny('\n', '\r');
        rest = end < 0 ? rest : rest[..end];
        return rest.Length == 0 ? null : rest[..Math.Min(rest.Length, LongestLine)].ToString();
    }

    private static string Utf8(ReadOnlySpan<byte> input)
    {
        try
        {
            return StrictUtf8.GetString(input);
        }
        catch (DecoderFallbackException error)
        {
            // The decoder's own index is relative to an inner buffer for some inputs, so the place is found anew.
            var good = ValidPrefix(input);
            throw new YamlException("invalid UTF-8", After(StrictUtf8.GetString(input[..good])), null, error);
        }
    }

    private static int ValidPrefix(ReadOnlySpan<byte> input)
    {
        var at = 0;
        while (Rune.DecodeFromUtf8(input[at..], out _, out var consumed) == OperationStatus.Done)
        {
            at += consumed;
        }

        return at;
    }

    private static string Utf16(ReadOnlySpan<byte> input, bool bigEndian)
    {
        try
        {
            return new UnicodeEncoding(bigEndian, byteOrderMark: false, throwOnInvalidBytes: true).GetString(input);
        }
        catch (DecoderFallbackException error)
        {
            throw new YamlException("invalid UTF-16", Position.None, null, error);
        }
    }

    private static void RefuseControlCharacters(string text)
    {
        for (var at = 0; ; at++)
        {
            var next = text.AsSpan(at).IndexOfAnyExcept(Plain);
            if (next < 0)
            {
                return;
            }

            at += next;
            var c = text[at];
            if (c is '\u0085' or (>= '\u00A0' and <= '\uFFFD'))
            {
                continue;
            }

            var position = After(text.AsSpan(0, at));
            throw new YamlException($"the character U+{(int)c:X4} is not allowed in YAML", position, Line(text, position.Line));
        }
    }

    private static Position After(ReadOnlySpan<char> before)
    {
        var line = 1;
        var start = 0;
        for (var i = 0; i < before.Length; i++)
        {
            if (before[i] == '\n' || (before[i] == '\r' && !(i + 1 < before.Length && before[i + 1] == '\n')))
            {
                line++;
                start = i + 1;
            }
        }

        return new Position(line, before.Length - start + 1);
    }
}
