namespace Capstan.Helm.Rendering;

/// <summary>Finds which value was nil when a template failed because of it.</summary>
internal static class NilValues
{
    private const string Evaluating = "nil pointer evaluating ";

    /// <param name="message">The error's text.</param>
    /// <param name="expression">What was being evaluated.</param>
    /// <returns>The path as the template writes it (<c>.Values.image</c>); empty when the error is another.</returns>
    public static string Find(string message, string expression)
    {
        var start = message.LastIndexOf(Evaluating, StringComparison.Ordinal);
        if (start >= 0)
        {
            // The text ends with the type and the field that was looked for in nothing.
            var line = message[(start + Evaluating.Length)..].Split('\n')[0].TrimEnd();
            return Before(expression, line[Math.Max(line.LastIndexOf('.'), 0)..]);
        }

        var last = message.TrimEnd().Split('\n')[^1];
        var isMissing = last.Contains("invalid value; expected ", StringComparison.Ordinal)
            || (last.Contains("wrong type for value; expected ", StringComparison.Ordinal) && (last.EndsWith("; got interface {}", StringComparison.Ordinal) || last.EndsWith("; got <nil>", StringComparison.Ordinal)));
        return isMissing && expression.Length > 1 && (expression[0] is '.' or '$') && !expression.Contains(' ', StringComparison.Ordinal) ? expression : "";
    }

    private static string Before(string expression, string field)
    {
        for (var at = expression.IndexOf(field, StringComparison.Ordinal); at >= 0; at = expression.IndexOf(field, at + 1, StringComparison.Ordinal))
        {
            var end = at + field.Length;
            if (at > 0 && (end == expression.Length || !(char.IsLetterOrDigit(expression[end]) || expression[end] == '_')))
            {
                return expression[..at];
            }
        }

        return "";
    }
}
