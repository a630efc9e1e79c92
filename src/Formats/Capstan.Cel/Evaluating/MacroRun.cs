using Capstan.Cel.Parsing;

namespace Capstan.Cel.Evaluating;

/// <summary>One run of a macro.</summary>
internal sealed class MacroRun(Evaluator evaluator, CelMeter meter, MacroNode macro, Scope? outer)
{
    public CelValue Run(CelValue target) => (macro.Kind, target) switch
    {
        (_, CelFault) => target,
        (MacroKind.OptionalMap or MacroKind.OptionalFlatMap, CelOptional optional) => OverOptional(optional),
        (MacroKind.OptionalMap or MacroKind.OptionalFlatMap, _) => CelFault.NoOverload,
        (_, CelList or CelMap) => macro.Kind switch
        {
            MacroKind.All => Quantified(target, CelBool.False),
            MacroKind.Exists => Quantified(target, CelBool.True),
            MacroKind.ExistsOne => ExistsOne(target),
            MacroKind.Filter => Filter(target),
            MacroKind.Map => Mapped(target),
            _ => Table(target),
        },
        _ => CelFault.NoOverload,
    };

    private CelValue OverOptional(CelOptional optional)
    {
        if (optional.Value is null) return CelOptional.None;
        var value = evaluator.Evaluate(macro.Body, new Scope(macro.First, optional.Value, outer));
        return macro.Kind == MacroKind.OptionalMap ? value is CelFault ? value : CelOptional.Some(value)
            : value is CelFault or CelOptional ? value : CelFault.NoOverload;
    }

    // One that decides makes up for others that failed.
    private CelValue Quantified(CelValue target, CelBool decides)
    {
        CelFault? fault = null;
        foreach (var (scope, _, _) in Each(target))
        {
            var value = evaluator.Evaluate(macro.Body, scope);
            if (ReferenceEquals(value, decides)) return value;
            if (value is not CelBool) fault ??= value as CelFault ?? CelFault.NoOverload;
        }

        return fault ?? (CelValue)(ReferenceEquals(decides, CelBool.True) ? CelBool.False : CelBool.True);
    }

    private CelValue ExistsOne(CelValue target)
    {
        var count = 0;
        foreach (var (scope, _, _) in Each(target))
        {
            var value = evaluator.Evaluate(macro.Body, scope);
            if (value is not CelBool) return value as CelFault ?? CelFault.NoOverload;
            count += ReferenceEquals(value, CelBool.True) ? 1 : 0;
        }

        return CelValue.Of(count == 1);
    }

    private CelValue Filter(CelValue target)
    {
        var kept = new List<CelValue>();
        foreach (var (scope, key, value) in Each(target))
        {
            var holds = evaluator.Evaluate(macro.Body, scope);
            if (holds is not CelBool) return holds as CelFault ?? CelFault.NoOverload;
            if (ReferenceEquals(holds, CelBool.True)) kept.Add(target is CelMap ? key : value);
        }

        return new CelArray(kept);
    }

    private CelValue Mapped(CelValue target)
    {
        var made = new List<CelValue>();
        foreach (var (scope, _, _) in Each(target))
        {
            if (Passes(scope) is { } fault)
            {
                if (fault is CelFault) return fault;
                continue;
            }

            var value = evaluator.Evaluate(macro.Body, scope);
            if (value is CelFault) return value;
            made.Add(value);
        }

        return new CelArray(made);
    }

    private CelValue Table(CelValue target)
    {
        var made = new Dictionary<CelValue, CelValue>();
        foreach (var (scope, key, _) in Each(target))
        {
            if (Passes(scope) is { } fault)
            {
                if (fault is CelFault) return fault;
                continue;
            }

            var value = evaluator.Evaluate(macro.Body, scope);
            if (value is CelFault) return value;
            if (macro.Kind == MacroKind.TransformMap)
            {
                made[key] = value;
                continue;
            }

            if (value is not CelMap entries) return CelFault.NoOverload;
            foreach (var name in entries.Keys)
            {
                if (!made.TryAdd(name, entries.Find(name)!)) return new CelFault($"insert failed: key {CelText.Show(name)} already exists");
            }
        }

        return new CelTable(made);
    }

    // Null when the entry counts; false when it is left out; or what went wrong.
    private CelValue? Passes(Scope scope)
    {
        if (macro.Filter is null) return null;
        var holds = evaluator.Evaluate(macro.Filter, scope);
        return ReferenceEquals(holds, CelBool.True) ? null : holds is CelBool or CelFault ? holds : CelFault.NoOverload;
    }

    private IEnumerable<(Scope Scope, CelValue Key, CelValue Value)> Each(CelValue target)
    {
        if (target is CelList list)
        {
            for (var i = 0; i < list.Count; i++)
            {
                meter.Spend(1);
                var (key, item) = (CelValue.Of((long)i), list[i]);
                yield return (Bound(key, item, item), key, item);
            }
        }
        else if (target is CelMap map)
        {
            foreach (var key in map.Keys)
            {
                meter.Spend(1);
                var value = map.Find(key)!;
                yield return (Bound(key, value, key), key, value);
            }
        }
    }

    private Scope Bound(CelValue key, CelValue value, CelValue only) =>
        macro.Second is null ? new Scope(macro.First, only, outer) : new Scope(macro.Second, value, new Scope(macro.First, key, outer));
}
