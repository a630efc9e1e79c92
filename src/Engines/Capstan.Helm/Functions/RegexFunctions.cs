using Capstan.GoTemplates;
using Capstan.Helm.Patterns;
using static Capstan.Helm.Functions.FunctionTable;

namespace Capstan.Helm.Functions;

/// <summary>Regular expressions with Go's syntax and meaning.</summary>
internal static class RegexFunctions
{
    private const string Special = @"\.+*?()|[]{}^$";

    public static readonly GoFunction[] All =
    [
        Of("regexMatch", [GoType.String, GoType.String], static (_, a) => GoValues.Bool(IsMatch(a))),
        Of("mustRegexMatch", [GoType.String, GoType.String], static (_, a) => GoValues.Bool(Re2Pattern.Parse(a.Text(0)).IsMatch(a.Text(1)))),
        .. Both("regexFind", [GoType.String, GoType.String], static (_, a) => Re2Pattern.Parse(a.Text(0)).First(a.Text(1))?.Value ?? ""),
        .. Both("regexFindAll", [GoType.String, GoType.String, GoType.Int], static (_, a) =>
            GoArray.OfStrings(Re2Pattern.Parse(a.Text(0)).Matches(a.Text(1), a.Int(2)).Select(static m => m.Value))),
        .. Both("regexReplaceAll", [GoType.String, GoType.String, GoType.String], static (call, a) => ReplaceAll(call, a)),
        .. Both("regexReplaceAllLiteral", [GoType.String, GoType.String, GoType.String], static (call, a) =>
            Re2Pattern.Parse(a.Text(0)).Replace(call, a.Text(1), _ => a.Text(2))),
        .. Both("regexSplit", [GoType.String, GoType.String, GoType.Int], static (_, a) => Split(a.Text(0), a.Text(1), a.Int(2))),
        Of("regexQuoteMeta", [GoType.String], static (_, a) =>
            string.Concat(a.Text(0).Select(static c => Special.Contains(c, StringComparison.Ordinal) ? $"\\{c}" : c.ToString()))),
    ];

    private static GoFunction[] Both(string name, GoType[] parameters, GoFunctionBody body) =>
        [Of(name, parameters, WithPanic(body)), Of($"must{char.ToUpperInvariant(name[0])}{name[1..]}", parameters, body)];

    // Without "must" Go panics, and the panic names the function that compiles.
    private static GoFunctionBody WithPanic(GoFunctionBody body) => (call, a) =>
    {
        try
        {
            return body(call, a);
        }
        catch (GoException error) when (error.Message.StartsWith("error parsing regexp", StringComparison.Ordinal))
        {
            var quoted = GoQuote.CanBackquote(a.Text(0)) ? $"`{a.Text(0)}`" : GoQuote.Quote(a.Text(0));
            throw new GoException($"regexp: Compile({quoted}): {error.Message}");
        }
    };

    private static bool IsMatch(object?[] a)
    {
        try
        {
            return Re2Pattern.Parse(a.Text(0)).IsMatch(a.Text(1));
        }
        catch (GoException)
        {
            // regexMatch swallows errors of the expression.
            return false;
        }
    }

    private static string ReplaceAll(TemplateCall call, object?[] a)
    {
        var pattern = Re2Pattern.Parse(a.Text(0));
        var template = a.Text(2);
        return template.Contains('$', StringComparison.Ordinal)
            ? pattern.Replace(call, a.Text(1), m => pattern.Expand(template, m))
            : pattern.Replace(call, a.Text(1), _ => template);
    }

    private static GoArray Split(string expression, string text, int count)
    {
        var pattern = Re2Pattern.Parse(expression);
        if (count == 0)
        {
            return GoArray.OfStrings([]);
        }

        if (expression.Length > 0 && text.Length == 0)
        {
            return GoArray.OfStrings([""]);
        }

        var parts = new List<string>();
        int begin = 0, end = 0;
        foreach (var match in pattern.Matches(text, count))
        {
            if (count > 0 && parts.Count == count - 1)
            {
                break;
            }

            end = match.Index;
            if (match.Index + match.Length != 0)
            {
                parts.Add(text[begin..end]);
            }

            begin = match.Index + match.Length;
        }

        if (end != text.Length)
        {
            parts.Add(text[begin..]);
        }

        return GoArray.OfStrings(parts);
    }
}
