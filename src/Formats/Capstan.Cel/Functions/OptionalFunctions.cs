namespace Capstan.Cel.Functions;

/// <summary>Values that may be absent.</summary>
internal static class OptionalFunctions
{
    public static readonly IReadOnlyList<CelFunction> All =
    [
        CelFunction.Global("optional.of", 1, (a, _) => CelOptional.Some(a[0])),
        CelFunction.Global("optional.ofNonZeroValue", 1, (a, _) => IsZero(a[0]) ? CelOptional.None : CelOptional.Some(a[0])),
        CelFunction.Global("optional.none", 0, (_, _) => CelOptional.None),
        CelFunction.Method("hasValue", 1, (a, _) => a[0] is CelOptional may ? CelValue.Of(may.Value is not null) : CelFault.NoOverload),
        CelFunction.Method("value", 1, (a, _) => a[0] is CelOptional may ? may.Value ?? new CelFault("optional.none() dereference") : CelFault.NoOverload),
        CelFunction.Method("or", 2, (a, _) => a is [CelOptional may, CelOptional other] ? may.Value is null ? other : may : CelFault.NoOverload),
        CelFunction.Method("orValue", 2, (a, _) => a[0] is CelOptional may ? may.Value ?? a[1] : CelFault.NoOverload),
    ];

    private static bool IsZero(CelValue value) => value switch
    {
        CelNull => true,
        CelBool => ReferenceEquals(value, CelBool.False),
        CelInt or CelUInt or CelDouble => Numbers.AsDouble(value) == 0,
        CelString text => text.Value.Length == 0,
        CelBytes bytes => bytes.Value.Length == 0,
        CelList list => list.Count == 0,
        CelMap map => map.Count == 0,
        CelDuration span => span.Nanoseconds == 0,
        CelTimestamp time => time.Value == DateTimeOffset.UnixEpoch,
        _ => false,
    };
}
