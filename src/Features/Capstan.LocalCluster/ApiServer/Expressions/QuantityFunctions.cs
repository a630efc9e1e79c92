using System.Numerics;
using Capstan.Cel;
using Capstan.Resources;

namespace Capstan.LocalCluster.ApiServer.Expressions;

/// <summary>Kubernetes' library of quantities.</summary>
internal static class QuantityFunctions
{
    private static readonly BigInteger One = BigInteger.Pow(10, 9);

    public static readonly IReadOnlyList<CelFunction> All =
    [
        CelFunction.Global("isQuantity", 1, (a, _) => a[0] is CelString text ? CelValue.Of(Quantity.TryParse(text.Value, out var _)) : CelFault.NoOverload),
        CelFunction.Global("quantity", 1, (a, _) => a[0] is CelString text
            ? Quantity.TryParse(text.Value, out var quantity) ? new CelQuantity(quantity.Billionths)
                : new CelFault("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
            : CelFault.NoOverload),
        CelFunction.Method("isInteger", 1, (a, _) => a[0] is CelQuantity x ? CelValue.Of(x.Billionths % One == 0 && Fits(x.Billionths / One)) : CelFault.NoOverload),
        CelFunction.Method("asInteger", 1, (a, _) => a[0] is CelQuantity x
            ? x.Billionths % One == 0 && Fits(x.Billionths / One) ? CelValue.Of((long)(x.Billionths / One)) : new CelFault("cannot convert value to integer")
            : CelFault.NoOverload),
        CelFunction.Method("asApproximateFloat", 1, (a, _) => a[0] is CelQuantity x ? CelValue.Of((double)x.Billionths / 1e9) : CelFault.NoOverload),
        CelFunction.Method("sign", 1, (a, _) => a[0] is CelQuantity x ? CelValue.Of((long)x.Billionths.Sign) : CelFault.NoOverload),
        CelFunction.Method("isGreaterThan", 2, (a, _) => a is [CelQuantity x, CelQuantity y] ? CelValue.Of(x.Billionths > y.Billionths) : CelFault.NoOverload),
        CelFunction.Method("isLessThan", 2, (a, _) => a is [CelQuantity x, CelQuantity y] ? CelValue.Of(x.Billionths < y.Billionths) : CelFault.NoOverload),
        CelFunction.Method("compareTo", 2, (a, _) => a is [CelQuantity x, CelQuantity y] ? CelValue.Of((long)x.Billionths.CompareTo(y.Billionths)) : CelFault.NoOverload),
        CelFunction.Method("add", 2, (a, _) => Sum(a[0], a[1], 1)),
        CelFunction.Method("sub", 2, (a, _) => Sum(a[0], a[1], -1)),
    ];

    private static bool Fits(BigInteger number) => number >= long.MinValue && number <= long.MaxValue;

    private static CelValue Sum(CelValue a, CelValue b, int sign) => (a, b) switch
    {
        (CelQuantity x, CelQuantity y) => new CelQuantity(x.Billionths + (sign * y.Billionths)),
        (CelQuantity x, CelInt y) => new CelQuantity(x.Billionths + (sign * One * y.Value)),
        _ => CelFault.NoOverload,
    };

    private sealed class CelQuantity(BigInteger billionths) : CelObject
    {
        public BigInteger Billionths => billionths;

        public override string TypeName => "kubernetes.Quantity";

        public override bool Same(CelObject other) => other is CelQuantity quantity && quantity.Billionths == Billionths;

        public override int Hash() => Billionths.GetHashCode();
    }
}
