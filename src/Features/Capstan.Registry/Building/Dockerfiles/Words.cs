using System.Text;
using System.Text.Json;

namespace Capstan.Registry.Building.Dockerfiles;

/// <summary>Words of instructions: quotes, escapes and variables, as Docker's shell-like rules have them.</summary>
internal static class Words
{
    private const int LongestWord = 64 * 1024;

    /// <summary>Splits at blanks outside quotes, fills variables in, and takes quotes away.</summary>
    public static List<string> Split(string text, Func<string, string?> variable, Instruction of)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var (at, open) = (0, false);
        while (at < text.Length)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                if (open) words.Add(word.ToString());
                (open, at) = (false, at + 1);
                word.Clear();
                continue;
            }

            open = true;
            Take(text, ref at, word, variable, of);
        }

        if (open) words.Add(word.ToString());
        return words;
    }

    /// <summary>The whole text as one word.</summary>
    public static string Fill(string text, Func<string, string?> variable, Instruction of)
    {
        var word = new StringBuilder();
        for (var at = 0; at < text.Length;)
        {
            if (char.IsWhiteSpace(text[at])) word.Append(text[at++]);
            else Take(text, ref at, word, variable, of);
        }

        return word.ToString();
    }

    /// <summary>Reads a JSON list of texts; null when it is none, and then it is the shell form.</summary>
    public static IReadOnlyList<string>? List(string text)
    {
        if (!text.StartsWith('[')) return null;
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.EnumerateArray().All(e => e.ValueKind == JsonValueKind.String) ? [.. document.RootElement.EnumerateArray().Select(e => e.GetString()!)] : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // No JSON; or half of a surrogate pair, which is no text.
            return null;
        }
    }

    // One quoted part, escape, variable or character.
    private static void Take(string text, ref int at, StringBuilder word, Func<string, string?> variable, Instruction of)
    {
        if (word.Length > LongestWord) throw of.Wrong($"a word has more than {LongestWord:N0} characters");
        switch (text[at])
        {
            case '\'':
                var close = text.IndexOf('\'', at + 1);
                if (close < 0) throw of.Wrong("a ' is not closed");
                word.Append(text, at + 1, close - at - 1);
                at = close + 1;
                return;
            case '"':
                for (at++; at < text.Length && text[at] != '"';)
                {
                    if (text[at] == '\\' && at + 1 < text.Length && text[at + 1] is '"' or '\\' or '$') (_, at) = (word.Append(text[at + 1]), at + 2);
                    else if (text[at] == '$') Variable(text, ref at, word, variable, of);
                    else word.Append(text[at++]);
                }

                if (at >= text.Length) throw of.Wrong("a \" is not closed");
                at++;
                return;
            case '\\' when at + 1 < text.Length:
                word.Append(text[at + 1]);
                at += 2;
                return;
            case '$':
                Variable(text, ref at, word, variable, of);
                return;
            default:
                word.Append(text[at++]);
                return;
        }
    }

    // $NAME, ${NAME}, ${NAME:-otherwise}, ${NAME:+instead}, ${NAME:?message}, and without the colon (then empty counts as set).
    private static void Variable(string text, ref int at, StringBuilder word, Func<string, string?> variable, Instruction of)
    {
        var braced = at + 1 < text.Length && text[at + 1] == '{';
        var start = at + (braced ? 2 : 1);
        var end = start;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_')) end++;
        if (end == start)
        {
            word.Append(text[at++]);
            return;
        }

        var value = variable(text[start..end]);
        at = end;
        if (!braced)
        {
            word.Append(value);
            return;
        }

        var close = text.IndexOf('}', end);
        if (close < 0) throw of.Wrong("a ${ is not closed");
        at = close + 1;
        word.Append(Modified(text[start..end], value, text[end..close], variable, of));
    }

    private static string? Modified(string name, string? value, string modifier, Func<string, string?> variable, Instruction of)
    {
        if (modifier.Length == 0) return value;
        var colon = modifier[0] == ':';
        var there = colon ? !string.IsNullOrEmpty(value) : value is not null;
        var (sign, other) = modifier.Length > (colon ? 1 : 0) ? (modifier[colon ? 1 : 0], modifier[(colon ? 2 : 1)..]) : (' ', "");
        return sign switch
        {
            '-' => there ? value : Fill(other, variable, of),
            '+' => there ? Fill(other, variable, of) : "",
            '?' => there ? value : throw of.Wrong($"{name}: {(other.Length > 0 ? other : "is not set")}"),
            _ => throw of.Wrong($"${{{name}{modifier}}} is not understood; there are :- :+ and :?"),
        };
    }
}
