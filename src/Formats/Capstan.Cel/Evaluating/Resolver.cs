using Capstan.Cel.Parsing;

namespace Capstan.Cel.Evaluating;

/// <summary>Looks up what a parsed expression names, and refuses what is not there before anything is evaluated.</summary>
internal sealed class Resolver(string input, CelEnvironment environment)
{
    private static readonly HashSet<string> Types = new(StringComparer.Ordinal)
    {
        "int", "uint", "double", "bool", "string", "bytes", "list", "map", "null_type", "type", "optional_type",
        "google.protobuf.Timestamp", "google.protobuf.Duration", "net.IP", "net.CIDR", "kubernetes.URL", "kubernetes.Quantity", "kubernetes.Semver",
    };

    private readonly List<(string Name, CelShape? Shape)> _bound = [];
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);

    /// <summary>The variables of the environment that were named.</summary>
    public IReadOnlySet<string> Used => _used;

    public CelNode Resolve(CelNode node) => Walk(node).Node;

    private (CelNode Node, CelShape? Shape) Walk(CelNode node) => node switch
    {
        LiteralNode => (node, null),
        NameNode name => Name(name),
        SelectNode select => Select(select),
        IndexNode index => Index(index),
        CallNode call => (Call(call), null),
        LogicalNode logical => (logical with { Operands = [.. logical.Operands.Select(Resolve)] }, null),
        ConditionalNode choice => (choice with { Condition = Resolve(choice.Condition), Then = Resolve(choice.Then), Else = Resolve(choice.Else) }, null),
        ListNode list => (list with { Items = [.. list.Items.Select(i => (Resolve(i.Value), i.Optional))] }, null),
        MapNode map => (map with { Entries = [.. map.Entries.Select(e => (Resolve(e.Key), Resolve(e.Value), e.Optional))] }, null),
        MacroNode macro => Macro(macro),
        _ => throw new CelException("unknown syntax", input, node.Offset),
    };

    private (CelNode Node, CelShape? Shape) Name(NameNode name)
    {
        var text = name.Name.TrimStart('.');
        var bound = _bound.FindLastIndex(b => b.Name == text);
        if (bound >= 0 && text.Length == name.Name.Length) return (name, _bound[bound].Shape);
        if (environment.Variable(text) is { } variable)
        {
            _used.Add(text);
            return (name with { Name = text }, variable.Shape);
        }

        return Types.Contains(text) ? (new LiteralNode(new CelType(text), name.Offset), null)
            : throw new CelException($"undeclared reference to '{text}' (in container '')", input, name.Offset);
    }

    private (CelNode Node, CelShape? Shape) Select(SelectNode select)
    {
        if (!select.Test && Path(select) is { } path && Types.Contains(path)) return (new LiteralNode(new CelType(path), select.Offset), null);
        var (target, shape) = Walk(select.Target);
        CelShape? field = null;
        if (shape is not null && !shape.HasField(select.Field, out field)) throw new CelException($"undefined field '{select.Field}'", input, select.Offset);
        return (select with { Target = target }, field ?? (shape is { HasFixedFields: false } ? shape.Item : null));
    }

    private (CelNode Node, CelShape? Shape) Index(IndexNode index)
    {
        var (target, shape) = Walk(index.Target);
        return (index with { Target = target, Index = Resolve(index.Index) }, shape?.Item);
    }

    private CallNode Call(CallNode call)
    {
        // A receiver may be a namespace: sets.contains(a, b).
        if (call.Member && Path(call.Arguments[0]) is { } space && environment.HasFunction($"{space}.{call.Name}"))
        {
            call = call with { Name = $"{space}.{call.Name}", Member = false, Arguments = [.. call.Arguments.Skip(1)] };
        }

        var functions = environment.Functions(call.Name, call.Member, call.Arguments.Count);
        if (functions.Count == 0)
        {
            throw new CelException(
                environment.HasFunction(call.Name) ? $"found no matching overload for '{call.Name}'" : $"undeclared reference to '{call.Name}' (in container '')", input, call.Offset);
        }

        return call with { Arguments = [.. call.Arguments.Select(Resolve)], Functions = functions };
    }

    private (CelNode Node, CelShape? Shape) Macro(MacroNode macro)
    {
        var (target, shape) = Walk(macro.Target);
        var item = macro.Kind is MacroKind.OptionalMap or MacroKind.OptionalFlatMap ? shape : shape?.Item;
        var before = _bound.Count;

        // Which of them a map's keys are is only known with the value, so one variable over a map knows nothing.
        _bound.Add((macro.First, macro.Second is null && shape is { IsMap: false } ? item : null));
        if (macro.Second is not null) _bound.Add((macro.Second, item));
        var result = macro with { Target = target, Filter = macro.Filter is null ? null : Resolve(macro.Filter), Body = Resolve(macro.Body) };
        _bound.RemoveRange(before, _bound.Count - before);
        return (result, macro.Kind == MacroKind.Filter ? shape : null);
    }

    // a.b.c, when it begins with no variable.
    private string? Path(CelNode node) => node switch
    {
        NameNode name when !_bound.Exists(b => b.Name == name.Name) && environment.Variable(name.Name.TrimStart('.')) is null => name.Name.TrimStart('.'),
        SelectNode { Test: false, Optional: false } select when Path(select.Target) is { } path => $"{path}.{select.Field}",
        _ => null,
    };
}
