namespace Capstan.Cel.Functions;

/// <summary>Kubernetes' library of lists.</summary>
internal static class ListFunctions
{
    public static readonly IReadOnlyList<CelFunction> All =
    [
        CelFunction.Method("isSorted", 1, (a, meter) => IsSorted(a[0], meter)),
        CelFunction.Method("sum", 1, (a, meter) => Sum(a[0], meter)),
        CelFunction.Method("min", 1, (a, meter) => Outermost(a[0], -1, "min", meter)),
        CelFunction.Method("max", 1, (a, meter) => Outermost(a[0], 1, "max", meter)),
        CelFunction.Method("indexOf", 2, (a, meter) => IndexOf(a[0], a[1], last: false, meter)),
        CelFunction.Method("lastIndexOf", 2, (a, meter) => IndexOf(a[0], a[1], last: true, meter)),
    ];

    public static IEnumerable<CelValue> Items(CelList list)
    {
        for (var i = 0; i < list.Count; i++) yield return list[i];
    }

    /// <summary>The items of the first, replaced by those of the second that are the same, and the rest of the second.</summary>
    public static IReadOnlyList<CelValue> Joined(CelList a, CelList b, Func<CelValue, CelValue> identity)
    {
        var (all, at) = (Items(a).ToList(), new Dictionary<CelValue, int>());
        for (var i = 0; i < all.Count; i++) at.TryAdd(identity(all[i]), i);
        foreach (var item in Items(b))
        {
            if (at.TryGetValue(identity(item), out var index))
            {
                all[index] = item;
                continue;
            }

            at[identity(item)] = all.Count;
            all.Add(item);
        }

        return all;
    }

    private static CelValue IsSorted(CelValue value, CelMeter meter)
    {
        if (value is not CelList list) return CelFault.NoOverload;
        for (var i = 1; i < list.Count; i++)
        {
            meter.Spend(1);
            if (OperatorFunctions.Compare(list[i - 1], list[i], meter) is not { } order) return CelFault.NoOverload;
            if (order > 0) return CelBool.False;
        }

        return CelBool.True;
    }

    private static CelValue Sum(CelValue value, CelMeter meter)
    {
        if (value is not CelList list) return CelFault.NoOverload;
        CelValue sum = list.Count == 0 ? CelValue.Of(0L) : list[0];
        if (sum is not (CelInt or CelUInt or CelDouble or CelDuration)) return CelFault.NoOverload;
        for (var i = 1; i < list.Count && sum is not CelFault; i++)
        {
            meter.Spend(1);
            sum = (sum, list[i]) switch
            {
                (CelInt x, CelInt y) => Numbers.Add(x.Value, y.Value),
                (CelUInt x, CelUInt y) => Numbers.Add(x.Value, y.Value),
                (CelDouble x, CelDouble y) => CelValue.Of(x.Value + y.Value),
                (CelDuration x, CelDuration y) => TimeFunctions.Span((Int128)x.Nanoseconds + y.Nanoseconds),
                _ => CelFault.NoOverload,
            };
        }

        return sum;
    }

    private static CelValue Outermost(CelValue value, int sign, string name, CelMeter meter)
    {
        if (value is not CelList list) return CelFault.NoOverload;
        if (list.Count == 0) return new CelFault($"{name} called on empty list");
        var best = list[0];
        for (var i = 1; i < list.Count; i++)
        {
            meter.Spend(1);
            if (OperatorFunctions.Compare(list[i], best, meter) is not { } order) return CelFault.NoOverload;
            best = order * sign > 0 ? list[i] : best;
        }

        return best;
    }

    private static CelValue IndexOf(CelValue value, CelValue item, bool last, CelMeter meter)
    {
        if (value is not CelList list) return CelFault.NoOverload;
        for (var i = 0; i < list.Count; i++)
        {
            var at = last ? list.Count - 1 - i : i;
            if (Equality.AreEqual(list[at], item, meter)) return CelValue.Of((long)at);
        }

        return CelValue.Of(-1L);
    }
}
