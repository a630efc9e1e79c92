using System.Runtime.CompilerServices;
using Capstan.Cel.Functions;

namespace Capstan.Cel;

/// <summary>When two values are equal: by content; numbers by value whatever their types; values of different types are different.</summary>
internal static class Equality
{
    public static bool AreEqual(CelValue a, CelValue b, CelMeter meter)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        meter.Spend(1);
        switch (a, b)
        {
            case (CelString x, CelString y):
                meter.SpendText(Math.Min(x.Value.Length, y.Value.Length));
                return x.Value == y.Value;
            case (CelBool, CelBool) or (CelNull, CelNull):
                return ReferenceEquals(a, b);
            case (CelBytes x, CelBytes y):
                meter.SpendText(Math.Min(x.Value.Length, y.Value.Length));
                return x.Value.SequenceEqual(y.Value);
            case (CelTimestamp x, CelTimestamp y):
                return x.Value == y.Value;
            case (CelDuration x, CelDuration y):
                return x.Nanoseconds == y.Nanoseconds;
            case (CelType x, CelType y):
                return x.Name == y.Name;
            case (CelList x, CelList y):
                return Lists(x, y, meter);
            case (CelMap x, CelMap y):
                return Maps(x, y, meter);
            case (CelOptional x, CelOptional y):
                return x.Value is null || y.Value is null ? x.Value is null && y.Value is null : AreEqual(x.Value, y.Value, meter);
            case (CelObject x, CelObject y):
                return x.TypeName == y.TypeName && x.Same(y);
            default:
                return Numbers.IsNumber(a) && Numbers.IsNumber(b) && Numbers.Compare(a, b) == 0;
        }
    }

    public static int Hash(CelValue value) => value switch
    {
        CelString text => text.Value.GetHashCode(StringComparison.Ordinal),
        CelInt or CelUInt or CelDouble => Numbers.AsDouble(value).GetHashCode(),
        CelObject known => known.Hash(),
        CelList list => list.Count,
        CelMap map => map.Count,
        CelTimestamp time => time.Value.GetHashCode(),
        CelDuration span => span.Nanoseconds.GetHashCode(),
        CelType type => type.Name.GetHashCode(StringComparison.Ordinal),
        CelBytes bytes => bytes.Value.Length,
        _ => RuntimeHelpers.GetHashCode(value),
    };

    private static bool Lists(CelList a, CelList b, CelMeter meter)
    {
        if (a.Count != b.Count) return false;
        if ((a.Identity ?? b.Identity) is not null)
        {
            return ListFunctions.Items(a).All(item => ListFunctions.Items(b).Any(other => AreEqual(item, other, meter)));
        }

        for (var i = 0; i < a.Count; i++)
        {
            if (!AreEqual(a[i], b[i], meter)) return false;
        }

        return true;
    }

    private static bool Maps(CelMap a, CelMap b, CelMeter meter) =>
        a.Count == b.Count && a.Keys.All(key => b.Find(key) is { } other && AreEqual(a.Find(key)!, other, meter));
}
