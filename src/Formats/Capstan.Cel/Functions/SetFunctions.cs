namespace Capstan.Cel.Functions;

/// <summary>Lists seen as sets.</summary>
internal static class SetFunctions
{
    public static readonly IReadOnlyList<CelFunction> All =
    [
        CelFunction.Global("sets.contains", 2, (a, meter) => a is [CelList x, CelList y] ? CelValue.Of(Contains(x, y, meter)) : CelFault.NoOverload),
        CelFunction.Global("sets.equivalent", 2, (a, meter) => a is [CelList x, CelList y] ? CelValue.Of(Contains(x, y, meter) && Contains(y, x, meter)) : CelFault.NoOverload),
        CelFunction.Global("sets.intersects", 2, (a, meter) => a is [CelList x, CelList y] ? CelValue.Of(ListFunctions.Items(y).Any(item => Has(x, item, meter))) : CelFault.NoOverload),
    ];

    private static bool Contains(CelList whole, CelList part, CelMeter meter) => ListFunctions.Items(part).All(item => Has(whole, item, meter));

    private static bool Has(CelList list, CelValue item, CelMeter meter) => ListFunctions.Items(list).Any(i => Equality.AreEqual(i, item, meter));
}
