using System.Globalization;
using Capstan.Yaml;

namespace Capstan.Helm.Schemas;

internal sealed partial class SchemaValidator
{
    private void Object(
        YamlMap schema, YamlMap value, string[] at, Evaluated evaluated, HashSet<(YamlNode, YamlNode)> path, List<SchemaError> errors)
    {
        Count(schema, "minProperties", "maxProperties", value.Count, at, errors);
        if (schema["required"] is YamlList required && Missing(value, required) is { Length: > 0 } missing)
        {
            errors.Add(Error(at, missing.Length == 1
                ? $"missing property {SchemaErrors.Quote(missing[0])}"
                : $"missing properties {Quoted(missing)}"));
        }

        Dependencies(schema, value, at, evaluated, path, errors);
        Properties(schema, value, at, evaluated, errors);
        if (_schema.Draft > 4 && schema["propertyNames"] is { } names)
        {
            foreach (var key in value.Keys)
            {
                if (Check(names, YamlScalar.String(key), [], new Evaluated(), []) is { } error)
                {
                    // The name is a value of its own, with a place of its own.
                    errors.Add(new SchemaError(
                        SchemaErrorKind.Keyword, [], $"invalid propertyName {SchemaErrors.Quote(key)}",
                        error.Kind == SchemaErrorKind.Group ? error.Causes : [error]));
                }
            }
        }
    }

    private void Properties(YamlMap schema, YamlMap value, string[] at, Evaluated evaluated, List<SchemaError> errors)
    {
        var properties = schema["properties"] as YamlMap;
        var patterns = schema["patternProperties"] as YamlMap;
        var additional = schema["additionalProperties"];
        var refused = new List<string>();
        foreach (var (key, item) in value.OrderBy(static e => e.Key, StringComparer.Ordinal))
        {
            var known = false;
            if (properties?[key] is { } property)
            {
                known = true;
                Add(errors, Check(property, item, [.. at, key], new Evaluated(), []));
            }

            foreach (var (pattern, matching) in patterns ?? YamlMap.Empty)
            {
                if (IsMatch(pattern, key))
                {
                    known = true;
                    Add(errors, Check(matching, item, [.. at, key], new Evaluated(), []));
                }
            }

            if (!known && additional is not null)
            {
                known = true;
                if (additional is YamlScalar { Text: "false" })
                {
                    refused.Add(key);
                }
                else
                {
                    Add(errors, Check(additional, item, [.. at, key], new Evaluated(), []));
                }
            }

            if (known)
            {
                evaluated.Properties.Add(key);
            }
        }

        if (refused.Count > 0)
        {
            errors.Add(Error(at, $"additional properties {Quoted(refused)} not allowed"));
        }
    }

    private void Dependencies(
        YamlMap schema, YamlMap value, string[] at, Evaluated evaluated, HashSet<(YamlNode, YamlNode)> path, List<SchemaError> errors)
    {
        foreach (var keyword in (string[])["dependencies", "dependentSchemas", "dependentRequired"])
        {
            foreach (var (key, dependency) in schema[keyword] as YamlMap ?? YamlMap.Empty)
            {
                if (!value.ContainsKey(key))
                {
                    continue;
                }

                if (dependency is not YamlList needed)
                {
                    Add(errors, Check(dependency, value, at, evaluated, path));
                }
                else if (Missing(value, needed) is { Length: > 0 } missing)
                {
                    errors.Add(Error(at, $"properties {Quoted(missing)} required, if {SchemaErrors.Quote(key)} exists"));
                }
            }
        }
    }

    private void List(YamlMap schema, YamlList value, string[] at, Evaluated evaluated, List<SchemaError> errors)
    {
        Count(schema, "minItems", "maxItems", value.Count, at, errors);
        if (schema["uniqueItems"] is YamlScalar { Text: "true" })
        {
            Unique(value, at, errors);
        }

        var tuple = _schema.Draft < 2020 ? schema["items"] as YamlList : schema["prefixItems"] as YamlList;
        var rest = _schema.Draft < 2020 && schema["items"] is YamlList ? schema["additionalItems"] : schema["items"];
        var first = Math.Min(tuple?.Count ?? 0, value.Count);
        for (var i = 0; i < first; i++)
        {
            Add(errors, Check(tuple![i], value[i], At(at, i), new Evaluated(), []));
        }

        evaluated.Items = Math.Max(evaluated.Items, rest is null ? first : value.Count);
        if (rest is YamlScalar { Text: "false" } && tuple is not null && _schema.Draft < 2020)
        {
            if (value.Count > first)
            {
                errors.Add(Error(at, $"last {Grouped(value.Count - first)} additionalItem(s) not allowed"));
            }
        }
        else if (rest is not null)
        {
            for (var i = first; i < value.Count; i++)
            {
                // Helm's validator counts from the first item behind the prefix, and shows that number.
                Add(errors, Check(rest, value[i], At(at, i - first), new Evaluated(), []));
            }
        }

        if (_schema.Draft > 4 && schema["contains"] is { } contains)
        {
            Contains(schema, contains, value, at, errors);
        }
    }

    private void Contains(YamlMap schema, YamlNode contains, YamlList value, string[] at, List<SchemaError> errors)
    {
        var matched = new List<int>();
        var causes = new List<SchemaError>();
        for (var i = 0; i < value.Count; i++)
        {
            if (Check(contains, value[i], At(at, i), new Evaluated(), []) is { } error)
            {
                causes.Add(error);
            }
            else
            {
                matched.Add(i);
            }
        }

        var most = _schema.Draft >= 2019 ? Limit(schema, "maxContains") : null;
        if (_schema.Draft >= 2019 && Limit(schema, "minContains") is { } least)
        {
            if (matched.Count < least)
            {
                errors.Add(Error(at, $"min {Grouped(least)} items required to match contains schema, but "
                    + (matched.Count == 0 ? "none matched" : $"matched {Grouped(matched.Count)} items at {string.Join(' ', matched)}"), causes));
            }
        }
        else if (matched.Count == 0)
        {
            errors.Add(Error(at, "no items match contains schema", causes));
        }

        if (matched.Count > most)
        {
            errors.Add(Error(at, $"max {Grouped(most.Value)} items required to match contains schema, but matched "
                + $"{Grouped(matched.Count)} items at {string.Join(' ', matched)}"));
        }
    }

    private static void Unique(YamlList value, string[] at, List<SchemaError> errors)
    {
        var seen = new Dictionary<YamlNode, int>();
        for (var j = 0; j < value.Count; j++)
        {
            if (!seen.TryAdd(value[j], j))
            {
                errors.Add(Error(at, $"items at {Grouped(seen[value[j]])} and {Grouped(j)} are equal"));
                return;
            }
        }
    }

    private void Text(YamlMap schema, string value, string[] at, List<SchemaError> errors)
    {
        var length = value.EnumerateRunes().Count();
        Count(schema, "minLength", "maxLength", length, at, errors);
        if (schema["pattern"]?.AsString() is { } pattern && !IsMatch(pattern, value))
        {
            errors.Add(Error(at, $"{SchemaErrors.Quote(value)} does not match pattern {SchemaErrors.Quote(pattern)}"));
        }

        // From draft 2019-09 on a format is only a remark.
        if (_schema.Draft < 2019 && schema["format"]?.AsString() is { } format && SchemaFormats.Problem(format, value) is { } problem)
        {
            errors.Add(Error(at, $"{SchemaErrors.Quote(value)} is not valid {format}: {problem}"));
        }
    }

    private static void Number(YamlMap schema, double value, string[] at, List<SchemaError> errors)
    {
        // In draft 4 the exclusive keywords are switches.
        var exclusiveLow = schema["exclusiveMinimum"] is YamlScalar { Text: "true" };
        var exclusiveHigh = schema["exclusiveMaximum"] is YamlScalar { Text: "true" };
        if (Bound(schema, "minimum") is { } low && (exclusiveLow ? value <= low : value < low))
        {
            errors.Add(Error(at, $"{(exclusiveLow ? "exclusiveMinimum" : "minimum")}: got {Grouped(value)}, want {Grouped(low)}"));
        }

        if (Bound(schema, "maximum") is { } high && (exclusiveHigh ? value >= high : value > high))
        {
            errors.Add(Error(at, $"{(exclusiveHigh ? "exclusiveMaximum" : "maximum")}: got {Grouped(value)}, want {Grouped(high)}"));
        }

        if (Bound(schema, "exclusiveMinimum") is { } above && value <= above)
        {
            errors.Add(Error(at, $"exclusiveMinimum: got {Grouped(value)}, want {Grouped(above)}"));
        }

        if (Bound(schema, "exclusiveMaximum") is { } below && value >= below)
        {
            errors.Add(Error(at, $"exclusiveMaximum: got {Grouped(value)}, want {Grouped(below)}"));
        }

        if (Bound(schema, "multipleOf") is { } factor && factor > 0 && !IsMultiple(value, factor))
        {
            errors.Add(Error(at, $"multipleOf: got {Grouped(value)}, want {Grouped(factor)}"));
        }
    }

    private static bool IsMultiple(double value, double factor)
    {
        if (Math.Abs(value) < 1e15 && factor > 1e-12 && factor < 1e15)
        {
            return (decimal)value % (decimal)factor == 0;
        }

        return Math.IEEERemainder(value, factor) == 0;
    }

    private static void Count(YamlMap schema, string least, string most, int count, string[] at, List<SchemaError> errors)
    {
        if (Limit(schema, least) is { } low && count < low)
        {
            errors.Add(Error(at, $"{least}: got {Grouped(count)}, want {Grouped(low)}"));
        }

        if (Limit(schema, most) is { } high && count > high)
        {
            errors.Add(Error(at, $"{most}: got {Grouped(count)}, want {Grouped(high)}"));
        }
    }

    private static void Add(List<SchemaError> errors, SchemaError? error)
    {
        if (error is not null)
        {
            errors.Add(error);
        }
    }

    private static string[] At(string[] at, int index) => [.. at, index.ToString(CultureInfo.InvariantCulture)];

    private static string[] Missing(YamlMap value, YamlList required) =>
        [.. required.Select(static r => r.AsString() ?? "").Where(r => !value.ContainsKey(r))];

    private static string Quoted(IEnumerable<string> names) => string.Join(", ", names.Select(SchemaErrors.Quote));

    private static int? Limit(YamlMap schema, string keyword) =>
        schema[keyword] is YamlScalar { IsNumber: true } number ? (int)Math.Clamp(number.AsDouble(), 0, int.MaxValue) : null;

    private static double? Bound(YamlMap schema, string keyword) =>
        schema[keyword] is YamlScalar { IsNumber: true } number ? number.AsDouble() : null;

    // Messages are in English, with commas between thousands.
    private static string Grouped(double number) => Math.Abs(number) < 1e15
        ? number.ToString("#,##0.###############", CultureInfo.InvariantCulture)
        : number.ToString("E", CultureInfo.InvariantCulture);
}
