using System.Text;

namespace Capstan.GoTemplates;

/// <summary><c>range</c> over lists, maps in the order of their keys, and integers.</summary>
internal sealed class RangeNode(
    TemplateSource source, int position, PipeNode pipe, ListNode list, ListNode? otherwise) : StatementNode(source, position)
{
    public override Flow Execute(TemplateCall call, object? dot)
    {
        call.At(this);
        var value = pipe.Evaluate(call, dot);
        var (outer, trace) = (call.ElementsAreInterfaces, call.Run.Trace);
        var outerPath = trace?.DotPath;
        if (trace is not null)
        {
            trace.DotPath = trace.ValueOf(pipe) is { } path ? path + "[]" : null;
        }

        var ran = value switch
        {
            GoList items => OverList(call, items),
            GoMap map => OverMap(call, map),
            NoValue or null => false,
            GoNumber or GoObject or string or bool or double or float => throw call.Fail($"range can't iterate over {GoFormat.Sprint(value)}"),
            _ => OverInteger(call, value),
        };
        call.ElementsAreInterfaces = outer;
        if (trace is not null)
        {
            trace.DotPath = outerPath;
        }

        return ran || otherwise is null ? Flow.Next : otherwise.Execute(call, dot);
    }

    private bool OverList(TemplateCall call, GoList items)
    {
        for (var i = 0; i < items.Count; i++)
        {
            call.ElementsAreInterfaces = items.Type.Element == GoType.Any;
            if (!Once(call, GoValues.Int(i), items[i]))
            {
                break;
            }
        }

        return items.Count > 0;
    }

    private bool OverMap(TemplateCall call, GoMap map)
    {
        // As in Go the keys are taken first; what the body does to the map is not seen, except for values.
        var keys = map.SortedKeys;
        var values = Array.ConvertAll(keys, key => map[key]);
        for (var i = 0; i < keys.Length; i++)
        {
            call.ElementsAreInterfaces = map.Type.Element == GoType.Any;
            if (!Once(call, keys[i], values[i]))
            {
                break;
            }
        }

        return keys.Length > 0;
    }

    private bool OverInteger(TemplateCall call, object value)
    {
        if (pipe.Declared.Length > 1)
        {
            throw call.Fail($"can't use {GoFormat.Sprint(value)} to iterate over more than one variable");
        }

        GoValues.TryGetInteger(value, out var count);
        call.ElementsAreInterfaces = false;
        for (long i = 0; i < count; i++)
        {
            if (!Once(call, NoValue.Instance, value is nint ? GoValues.Int(i) : Convert.ChangeType(i, value.GetType(), System.Globalization.CultureInfo.InvariantCulture)))
            {
                break;
            }
        }

        return count > 0;
    }

    // Returns false after a break.
    private bool Once(TemplateCall call, object? index, object? element)
    {
        call.Budget.Step();
        var declared = pipe.Declared;
        if (declared.Length == 1)
        {
            declared[0].Assign(call, element);
        }
        else if (declared.Length == 2)
        {
            declared[0].Assign(call, index);
            declared[1].Assign(call, element);
        }

        return list.Execute(call, element) != Flow.Break;
    }

    public override void WriteTo(StringBuilder output) => BranchNode.WriteBranch(output, "range", pipe, list, otherwise);
}
