using Capstan.Delivery.Applications;
using Capstan.Yaml;

namespace Capstan.Delivery.ApplicationSets.Generators;

/// <summary>A Kubernetes label selector: <c>matchLabels</c> and <c>matchExpressions</c>, all of which must hold.</summary>
internal sealed class LabelQuery
{
    private readonly IReadOnlyList<Requirement> _requirements;

    private LabelQuery(IReadOnlyList<Requirement> requirements) => _requirements = requirements;

    /// <summary>Whether it selects everything.</summary>
    public bool IsEmpty => _requirements.Count == 0;

    /// <summary>Reads a selector; what is wrong goes to the problems.</summary>
    public static LabelQuery Read(FieldReader? selector)
    {
        if (selector is null)
        {
            return new LabelQuery([]);
        }

        var requirements = new List<Requirement>();
        if (selector.Inner("matchLabels") is { } labels)
        {
            requirements.AddRange(labels.Map.Select(l => new Requirement(l.Key, "In", [labels.Text(l.Key)])));
        }

        requirements.AddRange(ReadExpressions(selector));
        selector.RefuseTheRest("is no field of a selector");
        return new LabelQuery(requirements);
    }

    /// <summary>Whether labels meet it.</summary>
    /// <param name="value">The value of a label; null where there is none.</param>
    public bool Matches(Func<string, string?> value) => _requirements.All(r => r.Matches(value(r.Key)));

    /// <summary>The text form, for an API server.</summary>
    public override string ToString() => string.Join(',', _requirements.Select(r => r.ToString()));

    private static IEnumerable<Requirement> ReadExpressions(FieldReader selector)
    {
        foreach (var item in selector.Items("matchExpressions"))
        {
            var map = item as YamlMap ?? YamlMap.Empty;
            var (key, how) = (map["key"]?.AsString() ?? "", map["operator"]?.AsString() ?? "");
            string[] values = [.. (map["values"] as YamlList ?? YamlList.Empty).Select(v => v.AsString() ?? v.ToString())];
            if (key.Length == 0 || how is not ("In" or "NotIn" or "Exists" or "DoesNotExist"))
            {
                selector.Problem($"matchExpressions: {item}: wants a key and an operator of In, NotIn, Exists and DoesNotExist");
            }
            else if (how is "In" or "NotIn" && values.Length == 0)
            {
                selector.Problem($"matchExpressions: {item}: {how} wants values");
            }
            else
            {
                yield return new Requirement(key, how, values);
            }
        }
    }

    private sealed record Requirement(string Key, string Operator, IReadOnlyList<string> Values)
    {
        public bool Matches(string? value) => Operator switch
        {
            "In" => value is not null && Values.Contains(value),
            "NotIn" => value is null || !Values.Contains(value),
            "Exists" => value is not null,
            _ => value is null,
        };

        public override string ToString() => Operator switch
        {
            "In" => $"{Key} in ({string.Join(',', Values)})",
            "NotIn" => $"{Key} notin ({string.Join(',', Values)})",
            "Exists" => Key,
            _ => $"!{Key}",
        };
    }
}
