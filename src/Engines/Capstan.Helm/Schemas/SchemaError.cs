using System.Text;
using Capstan.GoTemplates;

namespace Capstan.Helm.Schemas;

/// <summary>What kind of node an error is in the tree of errors.</summary>
internal enum SchemaErrorKind
{
    /// <summary>A keyword that does not hold.</summary>
    Keyword,

    /// <summary>Several errors of one schema.</summary>
    Group,

    /// <summary>A reference whose schema does not hold; not shown when it has one cause.</summary>
    Reference,
}

/// <summary>A value that does not follow a schema.</summary>
/// <param name="Kind">What it is in the tree.</param>
/// <param name="Location">The keys that lead to the value.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Causes">Why, in detail.</param>
internal sealed record SchemaError(SchemaErrorKind Kind, string[] Location, string Message, IReadOnlyList<SchemaError> Causes);

/// <summary>A schema that cannot be used.</summary>
internal sealed class SchemaException(string message) : Exception(message);

/// <summary>Shows errors as the validator that Helm uses does.</summary>
internal static class SchemaErrors
{
    private const int MostShown = 1_000;

    /// <summary>The errors as an indented list.</summary>
    public static string Show(SchemaError error)
    {
        var output = new StringBuilder();
        var left = MostShown;
        foreach (var cause in error.Kind == SchemaErrorKind.Group ? error.Causes : [error])
        {
            Show(output, cause, 1, ref left);
        }

        return output.ToString().TrimStart('\n');
    }

    /// <summary>A text in single quotes.</summary>
    public static string Quote(string text)
    {
        var quoted = GoQuote.Quote(text)[1..^1].Replace("\\\"", "\"", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal);
        return $"'{quoted}'";
    }

    private static void Show(StringBuilder output, SchemaError error, int indent, ref int left)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        if (--left < 0)
        {
            return;
        }

        if (error.Kind != SchemaErrorKind.Reference || error.Causes.Count != 1)
        {
            output.Append('\n').Append(' ', 2 * (indent - 1)).Append("- at ").Append(Quote(Pointer(error.Location))).Append(": ").Append(error.Message);
            indent++;
        }

        foreach (var cause in error.Causes)
        {
            Show(output, cause, indent, ref left);
        }
    }

    private static string Pointer(string[] location) => string.Concat(location.Select(static part =>
        "/" + part.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)));
}
