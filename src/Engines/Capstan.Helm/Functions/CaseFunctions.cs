using System.Text;
using Capstan.GoTemplates;
using static Capstan.Helm.Functions.FunctionTable;

namespace Capstan.Helm.Functions;

/// <summary>Upper and lower case, and the cases of identifiers.</summary>
internal static class CaseFunctions
{
    public static readonly GoFunction[] All =
    [
        Of("upper", [GoType.String], static (_, a) => a.Text(0).ToUpperInvariant().Replace('ı', 'I').Replace('ſ', 'S')),
        Of("lower", [GoType.String], static (_, a) => a.Text(0).Replace('İ', 'i').ToLowerInvariant()),
        Of("title", [GoType.String], static (_, a) => Title(a.Text(0))),
        Of("untitle", [GoType.String], static (_, a) => Untitle(a.Text(0))),
        Of("swapcase", [GoType.String], static (_, a) => SwapCase(a.Text(0))),
        Of("initials", [GoType.String], static (_, a) => Initials(a.Text(0))),
        Of("snakecase", [GoType.String], static (_, a) => Words.Lower(a.Text(0), '_')),
        Of("kebabcase", [GoType.String], static (_, a) => Words.Lower(a.Text(0), '-')),
        Of("camelcase", [GoType.String], static (_, a) => Words.Pascal(a.Text(0))),
    ];

    // Go's strings.Title: a letter after anything that is no letter, digit or underscore (or quote).
    private static string Title(string text)
    {
        var output = new StringBuilder(text.Length);
        var start = true;
        foreach (var c in text)
        {
            output.Append(start ? char.ToUpperInvariant(c) : c);
            start = c < 0x80
                ? !char.IsAsciiLetterOrDigit(c) && c != '_'
                : !char.IsLetterOrDigit(c) && char.IsWhiteSpace(c);
        }

        return output.ToString();
    }

    private static string Untitle(string text)
    {
        var output = new StringBuilder(text.Length);
        var start = true;
        foreach (var c in text)
        {
            output.Append(start && !char.IsWhiteSpace(c) ? char.ToLowerInvariant(c) : c);
            start = char.IsWhiteSpace(c);
        }

        return output.ToString();
    }

    private static string SwapCase(string text)
    {
        var output = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            output.Append(char.IsUpper(c) ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c));
        }

        return output.ToString();
    }

    private static string Initials(string text)
    {
        var output = new StringBuilder();
        var gap = true;
        foreach (var c in text)
        {
            if (char.IsWhiteSpace(c))
            {
                gap = true;
            }
            else if (gap)
            {
                output.Append(c);
                gap = false;
            }
        }

        return output.ToString();
    }
}
