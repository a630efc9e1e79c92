using System.Diagnostics.CodeAnalysis;

namespace Capstan.Expressions;

/// <summary>Names with values, in the order given. Of names that differ in case only the first is kept, unless case counts.</summary>
public sealed class ObjectValue : ExpressionValue
{
    /// <summary>The object without names.</summary>
    public static readonly ObjectValue Empty = new([]);

    private readonly List<KeyValuePair<string, ExpressionValue>> _entries = [];
    private readonly Dictionary<string, ExpressionValue> _byName;

    /// <summary>Makes an object.</summary>
    /// <param name="entries">The names with their values.</param>
    /// <param name="caseSensitive">Whether <c>env.A</c> and <c>env.a</c> are two names, as in the environment of a process.</param>
    public ObjectValue(IEnumerable<KeyValuePair<string, ExpressionValue>> entries, bool caseSensitive = false)
        : base(ValueKind.Object)
    {
        _byName = new(caseSensitive ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase);
        foreach (var entry in entries)
        {
            if (_byName.TryAdd(entry.Key, entry.Value)) _entries.Add(entry);
        }
    }

    /// <summary>The names with their values, in order.</summary>
    public IReadOnlyList<KeyValuePair<string, ExpressionValue>> Entries => _entries;

    /// <inheritdoc/>
    public override string Text => "Object";

    /// <inheritdoc/>
    public override double Number => double.NaN;

    /// <summary>An object of these pairs.</summary>
    public static ObjectValue Of(params ReadOnlySpan<(string Name, ExpressionValue Value)> pairs)
    {
        var entries = new List<KeyValuePair<string, ExpressionValue>>(pairs.Length);
        foreach (var (name, value) in pairs) entries.Add(new(name, value));
        return new ObjectValue(entries);
    }

    /// <summary>An object of texts.</summary>
    public static ObjectValue Of(IEnumerable<KeyValuePair<string, string>> texts, bool caseSensitive = false) =>
        new(texts.Select(t => new KeyValuePair<string, ExpressionValue>(t.Key, Of(t.Value))), caseSensitive);

    /// <summary>The value of a name, where the object has it.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out ExpressionValue? value) => _byName.TryGetValue(name, out value);
}
