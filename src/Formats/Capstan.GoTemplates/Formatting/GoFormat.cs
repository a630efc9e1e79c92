using System.Text;

namespace Capstan.GoTemplates;

/// <summary>Go's fmt: how values print, and printf.</summary>
public static class GoFormat
{
    /// <summary>The value as <c>%v</c> prints it.</summary>
    public static string Sprint(object? value)
    {
        switch (value)
        {
            case string text:
                return text;
            case bool b:
                return b ? "true" : "false";
            case nint or long:
                return value.ToString()!;
            case null:
                return "<nil>";
        }

        var output = new StringBuilder();
        new FormatWriter(output).Print(value, 'v');
        return output.ToString();
    }

    /// <summary>Values one after the other, with a space between two that are no strings (<c>print</c>).</summary>
    public static string Sprint(ReadOnlySpan<object?> values)
    {
        var output = new StringBuilder();
        var writer = new FormatWriter(output);
        for (var i = 0; i < values.Length; i++)
        {
            if (i > 0 && values[i] is not string && values[i - 1] is not string)
            {
                output.Append(' ');
            }

            writer.Print(values[i], 'v');
        }

        return output.ToString();
    }

    /// <summary>Values with spaces between them and a line break at the end (<c>println</c>).</summary>
    public static string Sprintln(ReadOnlySpan<object?> values)
    {
        var output = new StringBuilder();
        var writer = new FormatWriter(output);
        for (var i = 0; i < values.Length; i++)
        {
            if (i > 0)
            {
                output.Append(' ');
            }

            writer.Print(values[i], 'v');
        }

        return output.Append('\n').ToString();
    }

    /// <summary><c>printf</c>.</summary>
    public static string Sprintf(string format, ReadOnlySpan<object?> values)
    {
        var output = new StringBuilder(format.Length + 16);
        new FormatReader(format, output).Write(values);
        return output.ToString();
    }

    /// <summary>The first characters of a string.</summary>
    internal static string TruncateRunes(string text, int count)
    {
        var end = 0;
        while (count-- > 0 && end < text.Length)
        {
            end += char.IsHighSurrogate(text[end]) && end + 1 < text.Length && char.IsLowSurrogate(text[end + 1]) ? 2 : 1;
        }

        return text[..end];
    }

    /// <summary>How many characters a string has.</summary>
    internal static int RuneCount(ReadOnlySpan<char> text)
    {
        var count = text.Length;
        for (var i = 1; i < text.Length; i++)
        {
            if (char.IsLowSurrogate(text[i]) && char.IsHighSurrogate(text[i - 1]))
            {
                count--;
            }
        }

        return count;
    }
}
