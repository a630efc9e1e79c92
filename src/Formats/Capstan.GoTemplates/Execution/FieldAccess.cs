namespace Capstan.GoTemplates;

/// <summary>Fields, keys and methods: what <c>.a.b</c> means (text/template, evalField).</summary>
internal static class FieldAccess
{
    /// <summary>Walks <c>.a.b.c</c>; arguments go to the last one, when it is a method.</summary>
    /// <param name="call">The execution.</param>
    /// <param name="dot">The value of <c>.</c>, for arguments.</param>
    /// <param name="receiver">Where the walk begins.</param>
    /// <param name="isInterface">Whether the receiver's static type is an interface, which Go's messages show.</param>
    /// <param name="node">The node, for messages.</param>
    /// <param name="names">The fields.</param>
    /// <param name="words">The command whose first word this is; empty when it is an argument.</param>
    /// <param name="final">The last argument from the pipeline.</param>
    public static object? Chain(
        TemplateCall call, object? dot, object? receiver, bool isInterface, Node node, string[] names, OperandNode[] words, object? final)
    {
        for (var i = 0; i < names.Length; i++)
        {
            var next = i < names.Length - 1
                ? Field(call, dot, receiver, isInterface, node, names[i], [], NoValue.Missing)
                : Field(call, dot, receiver, isInterface, node, names[i], words, final);
            isInterface = receiver is GoMap map && map.Type.Element == GoType.Any;
            receiver = next;
        }

        return receiver;
    }

    private static object? Field(
        TemplateCall call, object? dot, object? receiver, bool isInterface, Node node, string name, OperandNode[] words, object? final)
    {
        switch (receiver)
        {
            case GoMap map:
                if (map.Method(name) is { } mapMethod)
                {
                    return call.Invoke(mapMethod, dot, node, words, final);
                }

                if (words.Length > 1 || !ReferenceEquals(final, NoValue.Missing))
                {
                    throw call.Fail($"{name} is not a method but has arguments");
                }

                return map.TryGetValue(name, out var value) ? value : Absent(call, map, name);
            case NoValue:
                return call.Set.MissingKey == MissingKey.Error
                    ? throw call.Fail($"nil data; no entry for key {GoQuote.Quote(name)}")
                    : receiver;
            case null:
                throw call.Fail($"nil pointer evaluating interface {{}}.{name}");
            case GoObject o:
                if (o.Method(name) is { } method)
                {
                    return call.Invoke(method, dot, node, words, final);
                }

                if (o.TryGetField(name, out var field))
                {
                    return words.Length > 1 || !ReferenceEquals(final, NoValue.Missing)
                        ? throw call.Fail($"{name} has arguments but cannot be invoked as function")
                        : field;
                }

                break;
        }

        throw call.Fail($"can't evaluate field {name} in type {(isInterface ? "interface {}" : GoType.Of(receiver).Name)}");
    }

    private static object? Absent(TemplateCall call, GoMap map, string name) => call.Set.MissingKey switch
    {
        MissingKey.Error => throw call.Fail($"map has no entry for key {GoQuote.Quote(name)}"),
        MissingKey.Invalid => NoValue.Instance,
        _ => ZeroOf(map.Type.Element!),
    };

    internal static object? ZeroOf(GoType type) => type.Kind switch
    {
        GoKind.String => "",
        GoKind.Bool => GoValues.False,
        GoKind.Int => GoValues.Int(0),
        GoKind.Slice => type == GoType.Bytes ? new GoBytes([]) : GoArray.Nil,
        _ => null,
    };
}
