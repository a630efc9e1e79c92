namespace Capstan.Expressions;

/// <summary>An expression that cannot be understood or evaluated.</summary>
/// <param name="problem">What is wrong.</param>
/// <param name="expression">The expression.</param>
/// <param name="offset">Where in it, from 0; negative when it is the whole.</param>
/// <param name="inner">The cause, if any.</param>
public sealed class ExpressionException(string problem, string expression, int offset = -1, Exception? inner = null)
    : FormatException(offset < 0 ? $"{problem} (in the expression: {Cut(expression)})" : $"{problem}. Located at position {offset + 1} within expression: {Cut(expression)}", inner)
{
    /// <summary>What is wrong, without the place.</summary>
    public string Problem { get; } = problem;

    /// <summary>Where in the expression, from 0 in UTF-16 units; negative when it is the whole.</summary>
    public int Offset { get; } = offset;

    private static string Cut(string text) => text.Length > 200 ? text[..200] + "…" : text;
}
