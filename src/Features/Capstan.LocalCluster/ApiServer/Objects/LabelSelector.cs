using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Objects;

/// <summary>A label selector: requirements that must all hold. The text form is that of <c>kubectl get -l</c>.</summary>
public sealed class LabelSelector
{
    /// <summary>Selects everything.</summary>
    public static readonly LabelSelector Everything = new([]);

    private readonly Requirement[] _requirements;

    private LabelSelector(Requirement[] requirements) => _requirements = requirements;

    private enum Operator
    {
        In,
        NotIn,
        Exists,
        Absent,
        Greater,
        Less,
    }

    /// <summary>Whether it selects everything.</summary>
    public bool IsEverything => _requirements.Length == 0;

    /// <summary>Reads <c>a=b,c!=d,e in (f,g),h notin (i),j,!k</c>.</summary>
    /// <exception cref="FormatException">The text is no selector.</exception>
    public static LabelSelector Parse(string text)
    {
        if (text.Length > 65_536)
        {
            throw new FormatException($"unable to parse requirement: the selector has {text.Length} characters, at most 65536 are read");
        }

        var parts = SplitOutsideParentheses(text);
        return parts.Count == 0 ? Everything : new LabelSelector([.. parts.Select(ParseOne)]);
    }

    /// <summary>Reads the form of objects: <c>matchLabels</c> and <c>matchExpressions</c>. A missing selector selects nothing; use the result of null so.</summary>
    /// <exception cref="FormatException">An operator is unknown.</exception>
    public static LabelSelector From(YamlMap selector)
    {
        var requirements = new List<Requirement>();
        foreach (var (key, value) in selector["matchLabels"] as YamlMap ?? YamlMap.Empty)
        {
            requirements.Add(new Requirement(key, Operator.In, [value.AsString() ?? ""]));
        }

        foreach (var item in selector["matchExpressions"] as YamlList ?? YamlList.Empty)
        {
            var map = item as YamlMap ?? YamlMap.Empty;
            var operation = map["operator"]?.AsString() switch
            {
                "In" => Operator.In,
                "NotIn" => Operator.NotIn,
                "Exists" => Operator.Exists,
                "DoesNotExist" => Operator.Absent,
                var other => throw new FormatException($"\"{other}\" is not a valid label selector operator"),
            };
            var values = (map["values"] as YamlList ?? YamlList.Empty).Select(v => v.AsString() ?? "").ToArray();
            requirements.Add(new Requirement(map["key"]?.AsString() ?? "", operation, values));
        }

        return new LabelSelector([.. requirements]);
    }

    /// <summary>Reads the form of Services and ReplicationControllers: labels that must all be there.</summary>
    public static LabelSelector FromLabels(YamlMap labels) =>
        new([.. labels.Select(l => new Requirement(l.Key, Operator.In, [l.Value.AsString() ?? ""]))]);

    /// <summary>Whether labels are selected.</summary>
    public bool Matches(YamlMap labels)
    {
        foreach (var requirement in _requirements)
        {
            if (!requirement.Holds(labels[requirement.Key]?.AsString()))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The text form, as the scale subresource shows it.</summary>
    public override string ToString() => string.Join(',', _requirements.OrderBy(r => r.Key, StringComparer.Ordinal));

    private static List<string> SplitOutsideParentheses(string text)
    {
        var parts = new List<string>();
        var depth = 0;
        var start = 0;
        for (var i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || (text[i] == ',' && depth == 0))
            {
                if (text.AsSpan(start, i - start).Trim().Length > 0)
                {
                    parts.Add(text[start..i].Trim());
                }
                else if (i < text.Length || parts.Count > 0)
                {
                    throw new FormatException("unable to parse requirement: found ',', expected: identifier");
                }

                start = i + 1;
            }
            else
            {
                depth += text[i] switch { '(' => 1, ')' => -1, _ => 0 };
            }
        }

        return depth == 0 ? parts : throw new FormatException("unable to parse requirement: found '', expected: ')'");
    }

    private static Requirement ParseOne(string text)
    {
        if (text[0] == '!')
        {
            return new Requirement(Key(text[1..]), Operator.Absent, []);
        }

        foreach (var (symbol, operation) in new[] { ("!=", Operator.NotIn), ("==", Operator.In), ("=", Operator.In), (">", Operator.Greater), ("<", Operator.Less) })
        {
            var at = text.IndexOf(symbol, StringComparison.Ordinal);
            if (at > 0)
            {
                return new Requirement(Key(text[..at]), operation, [Value(text[(at + symbol.Length)..])]);
            }
        }

        var space = text.AsSpan().IndexOfAny(' ', '(');
        if (space < 0)
        {
            return new Requirement(Key(text), Operator.Exists, []);
        }

        var rest = text[space..].TrimStart();
        var kind = rest.StartsWith("in", StringComparison.Ordinal) ? Operator.In
            : rest.StartsWith("notin", StringComparison.Ordinal) ? Operator.NotIn
            : throw new FormatException($"unable to parse requirement: found '{rest}', expected: in, notin, =, ==, !=, gt, lt");
        var list = rest[(kind == Operator.In ? 2 : 5)..].Trim();
        if (list.Length < 2 || list[0] != '(' || list[^1] != ')')
        {
            throw new FormatException($"unable to parse requirement: found '{list}', expected: '('");
        }

        return new Requirement(Key(text[..space]), kind, [.. list[1..^1].Split(',').Select(Value)]);
    }

    private static string Key(string text)
    {
        var key = text.Trim();
        return NameRules.QualifiedName(key) is { } problem
            ? throw new FormatException($"unable to parse requirement: <nil>: Invalid value: \"{key}\": {problem}")
            : key;
    }

    private static string Value(string text)
    {
        var value = text.Trim();
        return NameRules.LabelValue(value) is { } problem
            ? throw new FormatException($"unable to parse requirement: values[0][{value}]: Invalid value: \"{value}\": {problem}")
            : value;
    }

    private sealed record Requirement(string Key, Operator Operation, string[] Values)
    {
        public bool Holds(string? value) => Operation switch
        {
            Operator.In => value is not null && Values.Contains(value),
            Operator.NotIn => value is null || !Values.Contains(value),
            Operator.Exists => value is not null,
            Operator.Absent => value is null,
            Operator.Greater => Compare(value) > 0,
            _ => Compare(value) < 0,
        };

        public override string ToString() => Operation switch
        {
            Operator.In when Values.Length == 1 => $"{Key}={Values[0]}",
            Operator.In => $"{Key} in ({string.Join(',', Values)})",
            Operator.NotIn when Values.Length == 1 => $"{Key}!={Values[0]}",
            Operator.NotIn => $"{Key} notin ({string.Join(',', Values)})",
            Operator.Absent => $"!{Key}",
            Operator.Exists => Key,
            Operator.Greater => $"{Key}>{Values[0]}",
            _ => $"{Key}<{Values[0]}",
        };

        private int Compare(string? value) =>
            long.TryParse(value, out var have) && long.TryParse(Values[0], out var want) ? have.CompareTo(want) : 0;
    }
}
