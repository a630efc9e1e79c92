namespace Capstan.Expressions.Functions;

/// <summary>Functions over texts; case does not count in any of them.</summary>
internal static class TextFunctions
{
    public static ExpressionValue Contains(FunctionCall call) => ExpressionValue.Of(call.Arguments switch
    {
        [{ IsPrimitive: true } search, { IsPrimitive: true } item] => search.Text.Contains(item.Text, StringComparison.OrdinalIgnoreCase),
        [ArrayValue list, var item] => list.Items.Any(each => Comparison.AreEqual(item, each)),
        _ => false,
    });

    public static ExpressionValue StartsWith(FunctionCall call) => ExpressionValue.Of(
        call.Arguments is [{ IsPrimitive: true } search, { IsPrimitive: true } value] && search.Text.StartsWith(value.Text, StringComparison.OrdinalIgnoreCase));

    public static ExpressionValue EndsWith(FunctionCall call) => ExpressionValue.Of(
        call.Arguments is [{ IsPrimitive: true } search, { IsPrimitive: true } value] && search.Text.EndsWith(value.Text, StringComparison.OrdinalIgnoreCase));

    public static ExpressionValue Join(FunctionCall call)
    {
        if (call.Arguments[0].IsPrimitive) return call.Text(call.Arguments[0].Text);
        if (call.Arguments[0] is not ArrayValue list) return ExpressionValue.Of("");
        var separator = call.Arguments is [_, { IsPrimitive: true } given] ? given.Text : ",";
        var texts = list.Items.Select(item => item.Text).ToList();
        foreach (var text in texts) call.Spend(text.Length + separator.Length);
        return ExpressionValue.Of(string.Join(separator, texts));
    }
}
