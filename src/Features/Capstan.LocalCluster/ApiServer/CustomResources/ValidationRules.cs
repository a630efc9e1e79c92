using System.Runtime.CompilerServices;
using Capstan.Cel;
using Capstan.LocalCluster.ApiServer.Expressions;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.CustomResources;

/// <summary>
/// The rules in CEL of a structural schema (<c>x-kubernetes-validations</c>), by the places that they are about. Where a schema has none, nothing is walked.
/// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules
/// </summary>
internal sealed class ValidationRules
{
    private readonly YamlMap _schema;
    private readonly List<ValidationRule> _rules;
    private readonly Dictionary<string, ValidationRules> _properties = new(StringComparer.Ordinal);
    private readonly ValidationRules? _items;
    private readonly ValidationRules? _additional;

    private ValidationRules(YamlMap schema)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        _schema = schema;
        _rules = [.. schema.Maps("x-kubernetes-validations").Select(rule => new ValidationRule(rule, schema))];
        foreach (var (name, property) in schema.MapAt("properties"))
        {
            if (Under(property) is { } rules) _properties[name] = rules;
        }

        (_items, _additional) = (Under(schema["items"]), Under(schema["additionalProperties"]));
    }

    private bool IsEmpty => _rules.Count == 0 && _properties.Count == 0 && _items is null && _additional is null;

    /// <summary>The rules of a whole object; null when there are none.</summary>
    public static ValidationRules? Of(YamlMap schema) => Under(SchemaValues.Root(schema));

    /// <summary>What is wrong with an object.</summary>
    /// <param name="now">The object.</param>
    /// <param name="before">What it was; null for a new one.</param>
    /// <param name="problems">Gets what is wrong.</param>
    public void Check(YamlMap now, YamlMap? before, List<FieldProblem> problems) => Check(now, before, "", new CelMeter(CelMeter.OneObject), problems);

    private static ValidationRules? Under(YamlNode? schema) => schema is YamlMap map && new ValidationRules(map) is { IsEmpty: false } rules ? rules : null;

    private bool Check(YamlNode now, YamlNode? before, string path, CelMeter meter, List<FieldProblem> problems)
    {
        if (now.IsNull) return true;
        foreach (var rule in _rules)
        {
            if (!rule.Check(now, before, _schema, path, meter, problems)) return false;
        }

        return now switch
        {
            YamlMap map => Map(map, before as YamlMap, path, meter, problems),
            YamlList list => List(list, before as YamlList, path, meter, problems),
            _ => true,
        };
    }

    private bool Map(YamlMap now, YamlMap? before, string path, CelMeter meter, List<FieldProblem> problems)
    {
        foreach (var (key, value) in now)
        {
            var known = _schema.At("properties", key) is not null;
            var rules = known ? _properties.GetValueOrDefault(key) : _additional;
            var below = !known ? $"{path}[{key}]" : path.Length == 0 ? key : $"{path}.{key}";
            if (rules?.Check(value, before?[key], below, meter, problems) == false) return false;
        }

        return true;
    }

    private bool List(YamlList now, YamlList? before, string path, CelMeter meter, List<FieldProblem> problems)
    {
        if (_items is null) return true;
        var keys = _schema.Text("x-kubernetes-list-type") == "map" ? (_schema["x-kubernetes-list-map-keys"] as YamlList ?? YamlList.Empty).Select(k => k.AsString() ?? "").ToList() : null;
        var old = keys is null || before is null ? null : before.OfType<YamlMap>().GroupBy(item => Identity(item, keys)).ToDictionary(g => g.Key, g => g.First());
        for (var i = 0; i < now.Count; i++)
        {
            // Only what has keys can be found again; an item of another list is always new.
            var was = old is not null && now[i] is YamlMap item ? old.GetValueOrDefault(Identity(item, keys!)) : null;
            if (!_items.Check(now[i], was, $"{path}[{i}]", meter, problems)) return false;
        }

        return true;
    }

    private static YamlList Identity(YamlMap item, List<string> keys) => new(keys.Select(k => item[k] ?? YamlScalar.Null));
}
