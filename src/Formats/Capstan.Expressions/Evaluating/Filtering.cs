namespace Capstan.Expressions.Evaluating;

/// <summary>Parts of values: by name, by index, and all (<c>*</c>).</summary>
internal static class Filtering
{
    /// <summary><c>target.*</c>: every item or value; of what a filter gave, those of each of its items.</summary>
    public static ArrayValue Star(ExpressionValue target) => target switch
    {
        ArrayValue { IsFiltered: true } filtered => Filtered(filtered.Items.SelectMany(Inside)),
        _ => Filtered(Inside(target)),
    };

    /// <summary><c>target[index]</c>: null where there is nothing; of what a filter gave, a list of those items' parts that exist.</summary>
    public static ExpressionValue At(ExpressionValue target, ExpressionValue index) => target switch
    {
        ArrayValue { IsFiltered: true } filtered => Filtered(filtered.Items.Select(item => Part(item, index)).OfType<ExpressionValue>()),
        _ => Part(target, index) ?? ExpressionValue.Null,
    };

    private static ExpressionValue? Part(ExpressionValue target, ExpressionValue index)
    {
        switch (target)
        {
            case ObjectValue map when index.IsPrimitive:
                return map.TryGet(index.Text, out var value) ? value : null;
            case ArrayValue list:
                var at = Math.Floor(index.Number);
                return at >= 0 && at < list.Items.Count ? list.Items[(int)at] : null;
            default:
                return null;
        }
    }

    private static IEnumerable<ExpressionValue> Inside(ExpressionValue value) => value switch
    {
        ArrayValue list => list.Items,
        ObjectValue map => map.Entries.Select(e => e.Value),
        _ => [],
    };

    private static ArrayValue Filtered(IEnumerable<ExpressionValue> items) => new([.. items]) { IsFiltered = true };
}
