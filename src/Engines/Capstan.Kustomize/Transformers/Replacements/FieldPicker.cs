using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Capstan.Kustomize.Resources;
using Capstan.Yaml;

namespace Capstan.Kustomize.Transformers.Replacements;

/// <summary>What a replacement makes where a field is missing.</summary>
internal enum MissingField
{
    StaysMissing,
    BecomesScalar,
    BecomesMap,
    BecomesList,
}

/// <summary>Finds fields by dotted paths with list indexes, <c>[key=value]</c> and <c>*</c>, and changes them.</summary>
internal sealed class FieldPicker(string[] path, MissingField missing, Func<YamlNode, YamlNode> set)
{
    /// <summary>How many fields were found.</summary>
    public int Found { get; private set; }

    /// <summary>The value at a path; null when nothing is there.</summary>
    public static YamlNode? Get(YamlNode node, string[] path)
    {
        YamlNode? current = node;
        foreach (var part in path.Select(p => p.Trim()).Where(p => p.Length > 0))
        {
            current = (current, part) switch
            {
                (null or { IsNull: true }, _) => null,
                (YamlList list, "-") => list.Count > 0 ? list[^1] : null,
                (_, "*") => throw new KustomizeException("wildcard is not supported in the fieldPath of a source"),
                (YamlList list, _) when TryIndex(part, out var index) => index < list.Count ? list[index] : null,
                (YamlList list, _) when IsSelector(part) => Element(list, part),
                (YamlMap map, _) when !IsSelector(part) => map[part],
                _ => throw new KustomizeException($"'{part}' cannot be looked up in {current.Description}"),
            };
        }

        return current;
    }

    public YamlNode Update(YamlNode node) => Walk(node, 0);

    private static bool TryIndex(string part, out int index) => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out index);

    private static bool IsSelector(string part) => part.StartsWith('[') && part.EndsWith(']');

    private static (string Key, string Value) Selector(string part)
    {
        var text = part[1..^1];
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals < 0
            ? throw new KustomizeException($"list path element '{part}' must contain fieldName=fieldValue for element to match")
            : (text[..equals], text[(equals + 1)..]);
    }

    private static YamlNode? Element(YamlList list, string part)
    {
        var (key, value) = Selector(part);
        return list.FirstOrDefault(item => key.Length == 0
            ? ScalarNodes.Source(item) == value
            : item is YamlMap map && map[key] is { } field && ScalarNodes.Source(field) == value);
    }

    // The text of a value as YAML, which is what the expression of a selector is matched with.
    private static string Written(YamlNode node) => node is YamlScalar scalar
        ? (scalar.Style switch
        {
            ScalarStyle.DoubleQuoted => $"\"{scalar.Text}\"",
            ScalarStyle.SingleQuoted => $"'{scalar.Text}'",
            _ => scalar.Source,
        }).Trim()
        : GoYaml.Write(node).Trim();

    private static Regex Pattern(string text)
    {
        try
        {
            return new Regex(text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            throw new KustomizeException($"'{text}' is no regular expression: {error.Message}", inner: error);
        }
    }

    private YamlNode Walk(YamlNode node, int at)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (at == path.Length)
        {
            Found++;
            return set(node);
        }

        var part = path[at];
        if (TryIndex(part, out var index))
        {
            return Index(node, index, at);
        }

        if (IsSelector(part))
        {
            return Select(node, part, at);
        }

        if (part == "*")
        {
            return Items(node, item => Walk(item, at + 1));
        }

        return Field(node, part, at);
    }

    private YamlNode Field(YamlNode node, string name, int at)
    {
        if (node.IsNull && missing != MissingField.StaysMissing)
        {
            node = YamlMap.Empty;
        }

        if (node is not YamlMap map)
        {
            return node.IsNull ? node : throw new KustomizeException($"wrong node kind: expected a map with '{name}', found {node.Description}");
        }

        var value = map[name];
        if (value is null && missing == MissingField.StaysMissing)
        {
            return map;
        }

        var changed = Walk(value ?? Made(at + 1), at + 1);
        return ReferenceEquals(value, changed) ? map : map.With(name, changed);
    }

    private YamlList Index(YamlNode node, int index, int at)
    {
        var list = AsList(node);
        if (index == list.Count && missing != MissingField.StaysMissing)
        {
            list = list.Append(Made(at + 1));
        }

        return index >= list.Count
            ? throw new KustomizeException($"index {index} specified but only {list.Count} elements found")
            : list.WithItem(index, Walk(list[index], at + 1));
    }

    private YamlNode Select(YamlNode node, string part, int at)
    {
        var (key, text) = Selector(part);
        var pattern = Pattern(text);
        var before = Found;
        var changed = Items(node, item => Selected(item, key, pattern, at));
        if (Found > before || missing == MissingField.StaysMissing)
        {
            return changed;
        }

        YamlNode made = key.Length == 0 ? ScalarNodes.Untagged(text, YamlScalar.Null) : YamlMap.Of((key, ScalarNodes.Untagged(text, YamlScalar.Null)));
        return Items(AsList(changed).Append(made), item => Selected(item, key, pattern, at));
    }

    private YamlNode Selected(YamlNode item, string key, Regex pattern, int at)
    {
        if (key.Length == 0)
        {
            if (!pattern.IsMatch(Written(item)))
            {
                return item;
            }

            Found++;
            return set(item);
        }

        return item is YamlMap map && map[key] is { } value && pattern.IsMatch(Written(value)) ? Walk(item, at + 1) : item;
    }

    private static YamlList AsList(YamlNode node) =>
        node as YamlList ?? (node.IsNull ? YamlList.Empty : throw new KustomizeException($"wrong node kind: expected a list, found {node.Description}"));

    private static YamlNode Items(YamlNode node, Func<YamlNode, YamlNode> change)
    {
        var list = AsList(node);
        YamlNode[]? items = null;
        for (var i = 0; i < list.Count; i++)
        {
            var changed = change(list[i]);
            if (!ReferenceEquals(changed, list[i]))
            {
                (items ??= list.AsSpan().ToArray())[i] = changed;
            }
        }

        return items is null ? node : new YamlList(items, list.Position);
    }

    private YamlNode Made(int at)
    {
        if (at < path.Length)
        {
            return IsSelector(path[at]) || TryIndex(path[at], out _) ? YamlList.Empty : YamlMap.Empty;
        }

        return missing switch
        {
            MissingField.BecomesMap => YamlMap.Empty,
            MissingField.BecomesList => YamlList.Empty,
            _ => YamlScalar.Null,
        };
    }
}
