namespace Capstan.Expressions;

/// <summary>A list of values.</summary>
/// <param name="items">The values in order.</param>
public sealed class ArrayValue(IReadOnlyList<ExpressionValue> items) : ExpressionValue(ValueKind.Array)
{
    /// <summary>The values in order.</summary>
    public IReadOnlyList<ExpressionValue> Items => items;

    /// <summary>Whether it was made by the filter <c>*</c>, so that what follows is asked of each item.</summary>
    internal bool IsFiltered { get; init; }

    /// <inheritdoc/>
    public override string Text => "Array";

    /// <inheritdoc/>
    public override double Number => double.NaN;
}
