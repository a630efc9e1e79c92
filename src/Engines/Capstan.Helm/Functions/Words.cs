using System.Text;

namespace Capstan.Helm.Functions;

/// <summary>Identifiers in snake_case, kebab-case and PascalCase, cut into words by the rules of Go's xstrings.</summary>
internal static class Words
{
    private enum Kind
    {
        Upper,
        Number,
        Connector,
        Punctuation,
        Other,
    }

    /// <summary>Lower case with a connector between words.</summary>
    public static string Lower(string text, char connector)
    {
        var output = new StringBuilder(text.Length + 8);
        var runes = text.EnumerateRunes().ToArray();
        var at = 0;
        var previous = Kind.Connector;
        while (at < runes.Length)
        {
            var kind = Of(runes[at]);
            var start = at;
            switch (kind)
            {
                case Kind.Connector or Kind.Punctuation:
                    at++;
                    if (kind == Kind.Connector)
                    {
                        output.Append(connector);
                    }
                    else
                    {
                        output.Append(runes[start]);
                    }

                    break;
                case Kind.Upper:
                    at = UpperWord(runes, at);
                    Separate(output, previous, connector);
                    Append(output, runes, start, at);
                    break;
                case Kind.Number:
                    at = NumberWord(runes, at);
                    Separate(output, previous, connector);
                    Append(output, runes, start, at);
                    break;
                default:
                    while (at < runes.Length && Of(runes[at]) == Kind.Other)
                    {
                        at++;
                    }

                    if (previous is Kind.Number)
                    {
                        Separate(output, previous, connector);
                    }

                    at = TrailingDigits(runes, at);
                    Append(output, runes, start, at);
                    break;
            }

            previous = kind;
        }

        return output.ToString();
    }

    /// <summary>The first letter of each word in upper case, without connectors between words.</summary>
    public static string Pascal(string text)
    {
        var output = new StringBuilder(text.Length);
        var runes = text.EnumerateRunes().ToArray();
        var at = 0;
        while (at < runes.Length && Of(runes[at]) == Kind.Connector)
        {
            output.Append(runes[at++]);
        }

        if (at == runes.Length)
        {
            return output.ToString();
        }

        while (at < runes.Length)
        {
            at = PascalWord(output, runes, at);
            var start = at;
            while (at < runes.Length && Of(runes[at]) == Kind.Connector)
            {
                at++;
            }

            // Of several connectors between two words one is dropped; at the end all stay.
            for (var i = at < runes.Length ? start + 1 : start; i < at; i++)
            {
                output.Append(runes[i]);
            }
        }

        return output.ToString();
    }

    // A word that begins with capitals keeps only the first of them.
    private static int PascalWord(StringBuilder output, Rune[] runes, int at)
    {
        var capitals = Rune.IsUpper(runes[at]);
        output.Append(Rune.ToUpperInvariant(runes[at++]));
        for (; at < runes.Length && Of(runes[at]) != Kind.Connector; at++)
        {
            capitals &= Rune.IsUpper(runes[at]);
            output.Append(capitals ? Rune.ToLowerInvariant(runes[at]) : runes[at]);
        }

        return at;
    }

    // HTTPServer is HTTP and Server: the last upper letter before a lower one begins the next word.
    private static int UpperWord(Rune[] runes, int at)
    {
        var end = at + 1;
        while (end < runes.Length && Of(runes[end]) == Kind.Upper)
        {
            end++;
        }

        if (end < runes.Length && Of(runes[end]) == Kind.Other)
        {
            if (end - at > 1)
            {
                return end - 1;
            }

            while (end < runes.Length && Of(runes[end]) == Kind.Other)
            {
                end++;
            }
        }

        return TrailingDigits(runes, end);
    }

    private static int NumberWord(Rune[] runes, int at)
    {
        while (at < runes.Length && Of(runes[at]) is Kind.Number or Kind.Other)
        {
            at++;
        }

        return at;
    }

    // Digits that end a word belong to it.
    private static int TrailingDigits(Rune[] runes, int at)
    {
        var end = at;
        while (end < runes.Length && Of(runes[end]) == Kind.Number)
        {
            end++;
        }

        return end < runes.Length && Of(runes[end]) == Kind.Other ? at : end;
    }

    private static void Separate(StringBuilder output, Kind previous, char connector)
    {
        if (output.Length > 0 && previous is not (Kind.Connector or Kind.Punctuation))
        {
            output.Append(connector);
        }
    }

    private static void Append(StringBuilder output, Rune[] runes, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            output.Append(Rune.ToLowerInvariant(runes[i]));
        }
    }

    private static Kind Of(Rune rune) => rune switch
    {
        { Value: '_' or '-' or ' ' } => Kind.Connector,
        _ when Rune.IsUpper(rune) => Kind.Upper,
        _ when Rune.IsDigit(rune) => Kind.Number,
        _ when Rune.IsWhiteSpace(rune) => Kind.Connector,
        _ when Rune.IsPunctuation(rune) => Kind.Punctuation,
        _ => Kind.Other,
    };
}
