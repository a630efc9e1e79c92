using Capstan.Cel.Parsing;

namespace Capstan.Cel.Functions;

/// <summary>The operators, and the functions that every expression leans on.</summary>
internal static class OperatorFunctions
{
    public static readonly IReadOnlyList<CelFunction> All =
    [
        CelFunction.Global(Operators.Not, 1, (a, _) => a[0] is CelBool ? CelValue.Of(ReferenceEquals(a[0], CelBool.False)) : CelFault.NoOverload),
        CelFunction.Global(Operators.Negate, 1, (a, _) => Negate(a[0])),
        CelFunction.Global(Operators.Equal, 2, (a, meter) => CelValue.Of(Equality.AreEqual(a[0], a[1], meter))),
        CelFunction.Global(Operators.NotEqual, 2, (a, meter) => CelValue.Of(!Equality.AreEqual(a[0], a[1], meter))),
        CelFunction.Global(Operators.Of("<"), 2, (a, meter) => Ordered(a, meter, static order => order < 0)),
        CelFunction.Global(Operators.Of("<="), 2, (a, meter) => Ordered(a, meter, static order => order <= 0)),
        CelFunction.Global(Operators.Of(">"), 2, (a, meter) => Ordered(a, meter, static order => order > 0)),
        CelFunction.Global(Operators.Of(">="), 2, (a, meter) => Ordered(a, meter, static order => order >= 0)),
        CelFunction.Global(Operators.In, 2, (a, meter) => In(a[0], a[1], meter)),
        CelFunction.Global(Operators.Of("+"), 2, (a, meter) => Add(a[0], a[1], meter)),
        CelFunction.Global(Operators.Of("-"), 2, (a, _) => Subtract(a[0], a[1])),
        CelFunction.Global(Operators.Of("*"), 2, (a, _) => (a[0], a[1]) switch
        {
            (CelInt x, CelInt y) => Numbers.Multiply(x.Value, y.Value),
            (CelUInt x, CelUInt y) => Numbers.Multiply(x.Value, y.Value),
            (CelDouble x, CelDouble y) => CelValue.Of(x.Value * y.Value),
            _ => CelFault.NoOverload,
        }),
        CelFunction.Global(Operators.Of("/"), 2, (a, _) => (a[0], a[1]) switch
        {
            (CelInt x, CelInt y) => Numbers.Divide(x.Value, y.Value),
            (CelUInt x, CelUInt y) => Numbers.Divide(x.Value, y.Value),
            (CelDouble x, CelDouble y) => CelValue.Of(x.Value / y.Value),
            _ => CelFault.NoOverload,
        }),
        CelFunction.Global(Operators.Of("%"), 2, (a, _) => (a[0], a[1]) switch
        {
            (CelInt x, CelInt y) => Numbers.Modulo(x.Value, y.Value),
            (CelUInt x, CelUInt y) => Numbers.Modulo(x.Value, y.Value),
            _ => CelFault.NoOverload,
        }),
        CelFunction.Global("size", 1, (a, meter) => Size(a[0], meter)),
        CelFunction.Method("size", 1, (a, meter) => Size(a[0], meter)),
        CelFunction.Global("dyn", 1, (a, _) => a[0]),
        CelFunction.Global("type", 1, (a, _) => new CelType(a[0].TypeName)),
    ];

    /// <summary>How two values of one type stand to each other; null where they have no order.</summary>
    public static int? Compare(CelValue a, CelValue b, CelMeter meter)
    {
        switch (a, b)
        {
            case (CelString x, CelString y):
                meter.SpendText(Math.Min(x.Value.Length, y.Value.Length));
                return string.CompareOrdinal(x.Value, y.Value);
            case (CelBytes x, CelBytes y):
                meter.SpendText(Math.Min(x.Value.Length, y.Value.Length));
                return x.Value.SequenceCompareTo(y.Value);
            case (CelBool x, CelBool y):
                return ReferenceEquals(x, CelBool.True).CompareTo(ReferenceEquals(y, CelBool.True));
            case (CelTimestamp x, CelTimestamp y):
                return x.Value.CompareTo(y.Value);
            case (CelDuration x, CelDuration y):
                return x.Nanoseconds.CompareTo(y.Nanoseconds);
            default:
                return Numbers.Compare(a, b);
        }
    }

    private static CelValue Ordered(ReadOnlySpan<CelValue> a, CelMeter meter, Func<int, bool> holds) =>
        Compare(a[0], a[1], meter) is { } order ? CelValue.Of(holds(order))
        : Numbers.IsNumber(a[0]) && Numbers.IsNumber(a[1]) ? CelBool.False
        : CelFault.NoOverload;

    private static CelValue Negate(CelValue a) => a switch
    {
        CelInt x => Numbers.Negate(x.Value),
        CelDouble x => CelValue.Of(-x.Value),
        _ => CelFault.NoOverload,
    };

    private static CelValue In(CelValue item, CelValue within, CelMeter meter)
    {
        if (within is CelMap map) return CelValue.Of(map.Find(item) is not null);
        if (within is not CelList list) return CelFault.NoOverload;
        for (var i = 0; i < list.Count; i++)
        {
            if (Equality.AreEqual(item, list[i], meter)) return CelBool.True;
        }

        return CelBool.False;
    }

    private static CelValue Add(CelValue a, CelValue b, CelMeter meter)
    {
        switch (a, b)
        {
            case (CelInt x, CelInt y):
                return Numbers.Add(x.Value, y.Value);
            case (CelUInt x, CelUInt y):
                return Numbers.Add(x.Value, y.Value);
            case (CelDouble x, CelDouble y):
                return CelValue.Of(x.Value + y.Value);
            case (CelString x, CelString y):
                meter.SpendText(x.Value.Length + y.Value.Length);
                return CelValue.Of(x.Value + y.Value);
            case (CelBytes x, CelBytes y):
                meter.SpendText(x.Value.Length + y.Value.Length);
                return new CelBytes([.. x.Value, .. y.Value]);
            case (CelList x, CelList y):
                meter.Spend(x.Count + y.Count);
                return new CelArray(x.Identity is { } identity ? ListFunctions.Joined(x, y, identity) : [.. ListFunctions.Items(x), .. ListFunctions.Items(y)]);
            case (CelTimestamp x, CelDuration y):
                return TimeFunctions.Shift(x.Value, y.Nanoseconds);
            case (CelDuration x, CelTimestamp y):
                return TimeFunctions.Shift(y.Value, x.Nanoseconds);
            case (CelDuration x, CelDuration y):
                return TimeFunctions.Span((Int128)x.Nanoseconds + y.Nanoseconds);
            default:
                return CelFault.NoOverload;
        }
    }

    private static CelValue Subtract(CelValue a, CelValue b) => (a, b) switch
    {
        (CelInt x, CelInt y) => Numbers.Subtract(x.Value, y.Value),
        (CelUInt x, CelUInt y) => Numbers.Subtract(x.Value, y.Value),
        (CelDouble x, CelDouble y) => CelValue.Of(x.Value - y.Value),
        (CelTimestamp x, CelTimestamp y) => TimeFunctions.Span((Int128)(x.Value - y.Value).Ticks * 100),
        (CelTimestamp x, CelDuration y) => TimeFunctions.Shift(x.Value, -(Int128)y.Nanoseconds),
        (CelDuration x, CelDuration y) => TimeFunctions.Span((Int128)x.Nanoseconds - y.Nanoseconds),
        _ => CelFault.NoOverload,
    };

    private static CelValue Size(CelValue value, CelMeter meter)
    {
        switch (value)
        {
            case CelString text:
                meter.SpendText(text.Value.Length);
                return CelValue.Of((long)text.Value.EnumerateRunes().Count());
            case CelBytes bytes:
                return CelValue.Of((long)bytes.Value.Length);
            case CelList list:
                return CelValue.Of((long)list.Count);
            case CelMap map:
                return CelValue.Of((long)map.Count);
            default:
                return CelFault.NoOverload;
        }
    }
}
