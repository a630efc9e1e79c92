using Capstan.Yaml;

namespace Capstan.Kustomize.Resources;

/// <summary>Scalars as kustomize's tree sees them: a text, quoted or not, whose type follows when it is written and read again.</summary>
internal static class ScalarNodes
{
    /// <summary>The text of a scalar as it was written; empty for maps and lists.</summary>
    public static string Source(YamlNode? node) => node is YamlScalar scalar ? scalar.Source : "";

    /// <summary>The text of a scalar as it was written; empty for null, maps and lists.</summary>
    public static string Value(YamlNode? node) => node is YamlScalar { Kind: not ScalarKind.Null } scalar ? scalar.Source : "";

    /// <summary>A text that takes the place of a scalar: quotes stay, and where there are none the text decides what it is.</summary>
    public static YamlScalar Untagged(string text, YamlNode? old)
    {
        var style = old is YamlScalar { Kind: not ScalarKind.Null } scalar ? scalar.Style : ScalarStyle.Plain;
        var position = old?.Position ?? Position.None;
        if (style != ScalarStyle.Plain || text.Length == 0 || old is null)
        {
            return new YamlScalar(text, ScalarKind.String, style, position);
        }

        try
        {
            return YamlText.Plain(text, YamlDialect.GoYaml3).At(position);
        }
        catch (YamlException)
        {
            // A number without a JSON form can only be meant as text.
            return new YamlScalar(text, ScalarKind.String, ScalarStyle.DoubleQuoted, position);
        }
    }

    /// <summary>A text that stays text.</summary>
    public static YamlScalar Text(string text, YamlNode? old = null) =>
        new(text, ScalarKind.String, old is YamlScalar { Kind: ScalarKind.String } scalar ? scalar.Style : ScalarStyle.Plain, old?.Position ?? Position.None);

    /// <summary>
    /// A value that takes the place of another one in the same field. The old quotes stay, so that a number put over a quoted text becomes text.
    /// </summary>
    public static YamlNode Over(YamlNode? old, YamlNode value)
    {
        if (ReferenceEquals(old, value) || value is not YamlScalar scalar || old is not YamlScalar before || scalar.Style == before.Style)
        {
            return value;
        }

        var quoted = before.Style != ScalarStyle.Plain;
        return quoted && scalar.Kind != ScalarKind.String
            ? new YamlScalar(scalar.Source, ScalarKind.String, before.Style, scalar.Position)
            : new YamlScalar(scalar.Text, scalar.Kind, before.Style, scalar.Position) { Source = scalar.Source };
    }

    /// <summary>Whether a node counts as absent: not there, or null.</summary>
    public static bool IsMissing(YamlNode? node) => node is null || node.IsNull;

    /// <summary>Whether a node is absent, null, or an empty map or list.</summary>
    public static bool IsNilOrEmpty(YamlNode? node) => node is null || node.IsNull || node is YamlMap { Count: 0 } or YamlList { Count: 0 };

    /// <summary>A tree as it comes back from JSON: texts lose their quotes, numbers their spelling.</summary>
    public static YamlNode ThroughJson(YamlNode node)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (node)
        {
            case YamlMap map:
                YamlMapBuilder? changed = null;
                foreach (var (key, value) in map)
                {
                    var passed = ThroughJson(value);
                    if (!ReferenceEquals(passed, value))
                    {
                        (changed ??= map.ToBuilder()).Set(key, passed);
                    }
                }

                return changed?.ToMap(map.Position) ?? map;
            case YamlList list:
                YamlNode[]? items = null;
                for (var i = 0; i < list.Count; i++)
                {
                    var passed = ThroughJson(list[i]);
                    if (!ReferenceEquals(passed, list[i]))
                    {
                        (items ??= list.AsSpan().ToArray())[i] = passed;
                    }
                }

                return items is null ? list : new YamlList(items, list.Position);
            default:
                return ThroughJson((YamlScalar)node);
        }
    }

    private static YamlScalar ThroughJson(YamlScalar scalar)
    {
        // Integers beyond 2^53 take the way of a float64 and lose digits there.
        if (scalar.Kind == ScalarKind.Integer && scalar.Text.Length > 15 && scalar.AsDouble() is var real && Math.Abs(real) >= 9007199254740992d)
        {
            return YamlScalar.Float(real).At(scalar.Position);
        }

        var style = scalar.Kind == ScalarKind.String ? WrittenStyle(scalar.Text) : ScalarStyle.Plain;
        return style == scalar.Style && ReferenceEquals(scalar.Source, scalar.Text) ? scalar : new YamlScalar(scalar.Text, scalar.Kind, style, scalar.Position);
    }

    private static ScalarStyle WrittenStyle(string text)
    {
        if (text.Contains('\n', StringComparison.Ordinal))
        {
            return ScalarStyle.Literal;
        }

        return text.Length == 0 || NeedsQuotes(text) ? ScalarStyle.DoubleQuoted : ScalarStyle.Plain;
    }

    private static bool NeedsQuotes(string text)
    {
        try
        {
            return YamlText.Plain(text, YamlDialect.GoYaml2).Kind != ScalarKind.String;
        }
        catch (YamlException)
        {
            return true;
        }
    }
}
