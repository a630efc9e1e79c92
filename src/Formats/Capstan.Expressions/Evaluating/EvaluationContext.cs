namespace Capstan.Expressions;

/// <summary>What an expression is evaluated against.</summary>
/// <param name="contexts">The contexts' values; one that is missing here is null.</param>
public sealed class EvaluationContext(IEnumerable<KeyValuePair<string, ExpressionValue>> contexts)
{
    private readonly Dictionary<string, ExpressionValue> _contexts = new(contexts, StringComparer.OrdinalIgnoreCase);

    /// <summary>The most characters that functions may produce while one expression is evaluated. 10 million, as GitHub's runner allows.</summary>
    public int MaxCharacters { get; init; } = 10_000_000;

    /// <summary>Ends a long evaluation.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>The value of a context.</summary>
    public ExpressionValue Context(string name) => _contexts.GetValueOrDefault(name) ?? ExpressionValue.Null;
}
