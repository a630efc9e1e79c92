using System.Runtime.CompilerServices;

namespace Capstan.Resources;

/// <summary>Parses one type expression of the table: <c>s</c>, <c>[core.v1.Container]@name</c>, <c>&lt;q&gt;</c> …</summary>
internal sealed class SchemaTypeParser(string text, SchemaTable table)
{
    private static readonly Dictionary<char, SchemaReference> Scalars = new()
    {
        ['s'] = Scalar(ScalarType.String),
        ['i'] = Scalar(ScalarType.Integer),
        ['l'] = Scalar(ScalarType.Long),
        ['n'] = Scalar(ScalarType.Number),
        ['b'] = Scalar(ScalarType.Boolean),
        ['q'] = Scalar(ScalarType.Quantity),
        ['x'] = Scalar(ScalarType.IntOrString),
        ['t'] = Scalar(ScalarType.Time),
        ['d'] = Scalar(ScalarType.Duration),
        ['y'] = Scalar(ScalarType.Bytes),
    };

    private int _at;

    /// <summary>What follows the expression.</summary>
    public string Rest => text[_at..];

    public SchemaReference Parse()
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (text[_at])
        {
            case '[':
                _at++;
                var items = Parse();
                _at++;
                return SchemaReference.To(ListOf(items));
            case '<':
                _at++;
                var element = Parse();
                _at++;
                return SchemaReference.To(new SchemaNode(null, null, new MapShape(null, element, Accept('!'))));
            case '*':
                _at++;
                return SchemaReference.To(Accept('!') ? SchemaNode.AtomicAny : SchemaNode.Deduced);
            default:
                return Named();
        }
    }

    private static SchemaReference Scalar(ScalarType type) => SchemaReference.To(new SchemaNode(type, null, null));

    private SchemaNode ListOf(SchemaReference items)
    {
        if (!Accept('@'))
        {
            return new SchemaNode(null, new ListShape(ListType.Atomic, [], items), null);
        }

        var keys = Until("~^&?= ");
        return new SchemaNode(null, keys.Length == 0 ? new ListShape(ListType.Set, [], items) : new ListShape(ListType.Map, keys.Split(','), items), null);
    }

    private SchemaReference Named()
    {
        var name = Until("~^&?=>]! ");
        return name.Length == 1 ? Scalars[name[0]] : new SchemaReference(() => table.Type(name));
    }

    private bool Accept(char c)
    {
        var found = _at < text.Length && text[_at] == c;
        _at += found ? 1 : 0;
        return found;
    }

    private string Until(string stops)
    {
        var length = text.AsSpan(_at).IndexOfAny(stops);
        var start = _at;
        _at = length < 0 ? text.Length : _at + length;
        return text[start.._at];
    }
}
