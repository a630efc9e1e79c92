using Capstan.Expressions.Functions;
using Capstan.Expressions.Parsing;

namespace Capstan.Expressions;

/// <summary>Which contexts and functions an expression may use at one place: the language's own functions and those named here.</summary>
public sealed class ExpressionLanguage
{
    /// <summary>The longest expression, in UTF-16 units.</summary>
    public const int MaxLength = 21_000;

    /// <summary>How deep an expression may be nested.</summary>
    public const int MaxDepth = 50;

    private readonly HashSet<string> _contexts;
    private readonly Dictionary<string, ExpressionFunction> _functions;

    /// <summary>Makes the language of one place.</summary>
    /// <param name="contexts">The contexts that may be named.</param>
    /// <param name="functions">Functions beyond the language's own, such as <c>hashFiles</c>.</param>
    public ExpressionLanguage(IEnumerable<string> contexts, IEnumerable<ExpressionFunction>? functions = null)
    {
        _contexts = new(contexts, StringComparer.OrdinalIgnoreCase);
        _functions = BuiltInFunctions.All.Concat(functions ?? []).ToDictionary(f => f.Name, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The contexts that may be named.</summary>
    public IReadOnlyCollection<string> Contexts => _contexts;

    /// <summary>Whether a context may be named.</summary>
    public bool HasContext(string name) => _contexts.Contains(name);

    /// <summary>The function of a name, or null.</summary>
    public ExpressionFunction? Function(string name) => _functions.GetValueOrDefault(name);

    /// <summary>Parses an expression (without <c>${{ }}</c>).</summary>
    /// <exception cref="ExpressionException">It is no expression of this language; the offset tells where.</exception>
    public Expression Parse(string text)
    {
        if (text.Length > MaxLength) throw new ExpressionException($"Exceeded max expression length {MaxLength}", text);
        if (string.IsNullOrWhiteSpace(text)) throw new ExpressionException("An expression was expected", text, 0);
        return new Expression(text, new Parser(text, new Lexer(text).Read(), this).Parse(), this);
    }
}
