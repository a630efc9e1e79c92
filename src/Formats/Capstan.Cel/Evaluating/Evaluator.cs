using Capstan.Cel.Parsing;

namespace Capstan.Cel.Evaluating;

/// <summary>Evaluates a tree. What fails is a value (<see cref="CelFault"/>); only a spent budget is thrown.</summary>
internal sealed class Evaluator(Func<string, CelValue?> variables, CelMeter meter)
{
    public CelValue Evaluate(CelNode node, Scope? scope)
    {
        meter.Spend(1);
        return node switch
        {
            LiteralNode literal => literal.Value,
            NameNode name => Scope.Find(scope, name.Name) ?? variables(name.Name) ?? new CelFault($"no such attribute(s): {name.Name}"),
            SelectNode select => Select(select, scope),
            IndexNode index => Index(index, scope),
            CallNode call => Call(call, scope),
            LogicalNode logical => Logical(logical, scope),
            ConditionalNode choice => Conditional(choice, scope),
            ListNode list => List(list, scope),
            MapNode map => Map(map, scope),
            MacroNode macro => new MacroRun(this, meter, macro, scope).Run(Evaluate(macro.Target, scope)),
            _ => CelFault.NoOverload,
        };
    }

    private CelValue Select(SelectNode select, Scope? scope)
    {
        var target = Evaluate(select.Target, scope);
        var (optional, inner) = target is CelOptional chained ? (true, chained.Value) : (select.Optional, target);
        if (inner is CelFault) return inner;
        var found = inner is null ? null : inner is CelMap map ? map.Find(CelValue.Of(select.Field)) : CelFault.NoOverload;
        if (found is CelFault) return found;
        return select.Test ? CelValue.Of(found is not null)
            : optional ? Optional(found)
            : found ?? CelFault.NoSuchKey(CelValue.Of(select.Field));
    }

    private CelValue Index(IndexNode node, Scope? scope)
    {
        var (target, index) = (Evaluate(node.Target, scope), Evaluate(node.Index, scope));
        var (optional, inner) = target is CelOptional chained ? (true, chained.Value) : (node.Optional, target);
        if (inner is CelFault) return inner;
        if (index is CelFault) return index;
        if (inner is null) return CelOptional.None;
        var found = inner switch
        {
            CelMap map => map.Find(index),
            CelList list => Numbers.IsNumber(index) && Numbers.Compare(index, Numbers.ToInt(Numbers.AsDouble(index))) == 0
                ? Numbers.AsDouble(index) is >= 0 and var at && at < list.Count ? list[(int)at] : null
                : CelFault.NoOverload,
            _ => CelFault.NoOverload,
        };
        if (found is CelFault || !optional && found is not null) return found;
        return optional ? Optional(found)
            : inner is CelList ? new CelFault($"index out of bounds: {CelText.Show(index)}") : CelFault.NoSuchKey(index);
    }

    private static CelOptional Optional(CelValue? found) => found is null ? CelOptional.None : CelOptional.Some(found);

    private CelValue Call(CallNode call, Scope? scope)
    {
        var arguments = new CelValue[call.Arguments.Count];
        for (var i = 0; i < arguments.Length; i++)
        {
            arguments[i] = Evaluate(call.Arguments[i], scope);
            if (arguments[i] is CelFault) return arguments[i];
        }

        foreach (var function in call.Functions)
        {
            var result = function.Body(arguments, meter);
            if (!ReferenceEquals(result, CelFault.NoOverload)) return result;
        }

        return CelFault.NoOverload;
    }

    // An operand that decides makes up for another that failed, whichever comes first.
    private CelValue Logical(LogicalNode logical, Scope? scope)
    {
        var decides = logical.IsAnd ? CelBool.False : CelBool.True;
        CelFault? fault = null;
        foreach (var operand in logical.Operands)
        {
            var value = Evaluate(operand, scope);
            if (ReferenceEquals(value, decides)) return value;
            if (value is not CelBool) fault ??= value as CelFault ?? CelFault.NoOverload;
        }

        return fault ?? (CelValue)(logical.IsAnd ? CelBool.True : CelBool.False);
    }

    private CelValue Conditional(ConditionalNode choice, Scope? scope)
    {
        var condition = Evaluate(choice.Condition, scope);
        return condition is CelBool ? Evaluate(ReferenceEquals(condition, CelBool.True) ? choice.Then : choice.Else, scope)
            : condition as CelFault ?? CelFault.NoOverload;
    }

    private CelValue List(ListNode list, Scope? scope)
    {
        var items = new List<CelValue>(list.Items.Count);
        foreach (var (node, optional) in list.Items)
        {
            var value = Evaluate(node, scope);
            if (value is CelFault) return value;
            if (!optional)
            {
                items.Add(value);
            }
            else if (value is not CelOptional may)
            {
                return CelFault.NoOverload;
            }
            else if (may.Value is not null)
            {
                items.Add(may.Value);
            }
        }

        return new CelArray(items);
    }

    private CelValue Map(MapNode map, Scope? scope)
    {
        var entries = new Dictionary<CelValue, CelValue>(map.Entries.Count);
        foreach (var (keyNode, valueNode, optional) in map.Entries)
        {
            var (key, value) = (Evaluate(keyNode, scope), Evaluate(valueNode, scope));
            if (key is CelFault) return key;
            if (value is CelFault) return value;
            if (key is not (CelString or CelInt or CelUInt or CelBool)) return new CelFault($"unsupported key type: {key.TypeName}");
            if (optional)
            {
                if (value is not CelOptional may) return CelFault.NoOverload;
                if (may.Value is null) continue;
                value = may.Value;
            }

            if (!entries.TryAdd(key, value)) return new CelFault("Failed with repeated key");
        }

        return new CelTable(entries);
    }
}
