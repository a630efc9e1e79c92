namespace Capstan.Expressions;

/// <summary>A function of the language.</summary>
/// <param name="Name">Its name; case does not count.</param>
/// <param name="Least">The fewest arguments.</param>
/// <param name="Most">The most arguments.</param>
/// <param name="Body">What it does; it refuses by throwing <see cref="FunctionException"/>.</param>
public sealed record ExpressionFunction(string Name, int Least, int Most, Func<FunctionCall, ExpressionValue> Body)
{
    /// <summary>Whether it takes only an odd number of arguments.</summary>
    internal bool OddOnly { get; init; }
}

/// <summary>One call of a function.</summary>
/// <param name="arguments">What it was given.</param>
/// <param name="spend">Counts what is made against the limit.</param>
public sealed class FunctionCall(IReadOnlyList<ExpressionValue> arguments, Action<int> spend)
{
    /// <summary>What it was given.</summary>
    public IReadOnlyList<ExpressionValue> Arguments => arguments;

    /// <summary>A text that the function made, counted against the limit.</summary>
    /// <exception cref="FunctionException">The limit is passed.</exception>
    public ExpressionValue Text(string text)
    {
        Spend(text.Length);
        return ExpressionValue.Of(text);
    }

    /// <summary>Counts characters against the limit, before they are made.</summary>
    /// <exception cref="FunctionException">The limit is passed.</exception>
    public void Spend(int characters) => spend(characters);
}

/// <summary>A function refuses its arguments, or cannot do its work.</summary>
public sealed class FunctionException(string message, Exception? inner = null) : Exception(message, inner);
