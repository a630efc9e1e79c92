namespace Capstan.Cel;

/// <summary>An expression that cannot be used: it does not parse, or names what is not there.</summary>
/// <param name="problem">What is wrong.</param>
/// <param name="expression">The expression.</param>
/// <param name="offset">Where in it, from 0 in UTF-16 units.</param>
public sealed class CelException(string problem, string expression, int offset) : FormatException(Located(problem, expression, offset))
{
    /// <summary>What is wrong, without the place.</summary>
    public string Problem => problem;

    // The shape of Google's implementation: the place, the line, and a mark beneath it.
    private static string Located(string problem, string expression, int offset)
    {
        offset = Math.Min(offset, expression.Length);
        var start = offset == 0 ? 0 : expression.LastIndexOf('\n', offset - 1) + 1;
        var end = expression.IndexOf('\n', offset);
        var line = expression.AsSpan(0, start).Count('\n') + 1;
        var column = offset - start;
        var text = expression[start..(end < 0 ? expression.Length : end)].Replace('\t', ' ');
        return FormattableString.Invariant($"ERROR: <input>:{line}:{column + 1}: {problem}\n | {text}\n | {new string('.', column)}^");
    }
}
