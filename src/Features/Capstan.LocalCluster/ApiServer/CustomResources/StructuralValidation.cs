using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.CustomResources;

/// <summary>Checks custom resources against their schema: types, required fields, enums, patterns, bounds, alternatives.</summary>
internal sealed class StructuralValidation(List<FieldProblem> problems)
{
    private const int Most = 100;

    public void Check(YamlNode node, YamlMap schema, string path)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (problems.Count >= Most || !HasType(node, schema, path))
        {
            return;
        }

        if (schema["enum"] is YamlList allowed && !allowed.Any(a => a.Equals(node)))
        {
            problems.Add(FieldProblem.Unsupported(path, node, allowed.Select(a => a.AsString() ?? a.ToString())));
        }

        switch (node)
        {
            case YamlMap map:
                Map(map, schema, path);
                break;
            case YamlList list:
                List(list, schema, path);
                break;
            case YamlScalar scalar:
                Scalar(scalar, schema, path);
                break;
        }

        Alternatives(node, schema, path);
    }

    private bool HasType(YamlNode node, YamlMap schema, string path)
    {
        if (schema.IsTrue("x-kubernetes-int-or-string"))
        {
            return node is YamlScalar { Kind: ScalarKind.Integer or ScalarKind.String } || Wrong(node, "integer,string", path);
        }

        var type = schema.Text("type");
        var fits = type switch
        {
            "object" => node is YamlMap,
            "array" => node is YamlList,
            "string" => node is YamlScalar { Kind: ScalarKind.String },
            "integer" => node is YamlScalar { Kind: ScalarKind.Integer } || node is YamlScalar { Kind: ScalarKind.Float } number && double.IsInteger(number.AsDouble()),
            "number" => node is YamlScalar { IsNumber: true },
            "boolean" => node is YamlScalar { Kind: ScalarKind.Boolean },
            _ => true,
        };
        return fits || Wrong(node, type, path);
    }

    private bool Wrong(YamlNode node, string type, string path)
    {
        var found = node switch
        {
            YamlMap => "object",
            YamlList => "array",
            YamlScalar { Kind: ScalarKind.String } => "string",
            YamlScalar { Kind: ScalarKind.Integer } => "integer",
            YamlScalar { Kind: ScalarKind.Float } => "number",
            YamlScalar { Kind: ScalarKind.Boolean } => "boolean",
            _ => "null",
        };
        problems.Add(new FieldProblem("FieldValueTypeInvalid", path, $"Invalid value: \"{found}\": {path} in body must be of type {type}: \"{found}\""));
        return false;
    }

    private void Map(YamlMap map, YamlMap schema, string path)
    {
        foreach (var required in schema["required"] as YamlList ?? YamlList.Empty)
        {
            // metadata is checked by the rules that every kind shares.
            if (required.AsString() is { } name && !map.ContainsKey(name) && !(path.Length == 0 && name == "metadata"))
            {
                problems.Add(FieldProblem.Required(Join(path, name)));
            }
        }

        Bound(map.Count, schema, "minProperties", "maxProperties", path, "properties");
        var properties = schema.MapAt("properties");
        foreach (var (key, value) in map)
        {
            if ((properties[key] ?? schema["additionalProperties"]) is YamlMap inner)
            {
                Check(value, inner, Join(path, key));
            }
        }
    }

    private void List(YamlList list, YamlMap schema, string path)
    {
        Bound(list.Count, schema, "minItems", "maxItems", path, "items");
        for (var i = 0; i < list.Count && schema["items"] is YamlMap items; i++)
        {
            Check(list[i], items, $"{path}[{i}]");
        }

        var keys = (schema["x-kubernetes-list-map-keys"] as YamlList ?? YamlList.Empty).Select(k => k.AsString() ?? "").ToList();
        var isSet = schema.Text("x-kubernetes-list-type") == "set";
        if (keys.Count == 0 && !isSet)
        {
            return;
        }

        var seen = new HashSet<YamlNode>();
        for (var i = 0; i < list.Count; i++)
        {
            YamlNode identity = isSet ? list[i] : new YamlList(keys.Select(k => (list[i] as YamlMap)?[k] ?? YamlScalar.Null));
            if (!seen.Add(identity))
            {
                problems.Add(FieldProblem.Duplicate($"{path}[{i}]", isSet ? identity : YamlMap.Of([.. keys.Select(k => (k, (list[i] as YamlMap)?[k] ?? YamlScalar.Null))])));
            }
        }
    }

    private void Scalar(YamlScalar scalar, YamlMap schema, string path)
    {
        if (scalar.Kind == ScalarKind.String)
        {
            Bound(scalar.Text.EnumerateRunes().Count(), schema, "minLength", "maxLength", path, "chars long");
            if (schema.Text("pattern") is { Length: > 0 } pattern && Patterns.Get(pattern) is { } regex && !regex.IsMatch(scalar.Text))
            {
                problems.Add(FieldProblem.Invalid(path, scalar, $"{path} in body should match '{pattern}'"));
            }

            if (schema.Text("format") == "date-time" && !DateTimeOffset.TryParse(scalar.Text, System.Globalization.CultureInfo.InvariantCulture, out _))
            {
                problems.Add(FieldProblem.Invalid(path, scalar, $"{path} in body must be of type date-time: {scalar}"));
            }
        }
        else if (scalar.IsNumber)
        {
            Numbers(scalar, schema, path);
        }
    }

    private void Numbers(YamlScalar scalar, YamlMap schema, string path)
    {
        var value = scalar.AsDouble();
        if (schema["minimum"] is YamlScalar minimum && (value < minimum.AsDouble() || schema.IsTrue("exclusiveMinimum") && value.Equals(minimum.AsDouble())))
        {
            problems.Add(FieldProblem.Invalid(path, scalar, $"{path} in body should be greater than {(schema.IsTrue("exclusiveMinimum") ? "" : "or equal to ")}{minimum.Text}"));
        }

        if (schema["maximum"] is YamlScalar maximum && (value > maximum.AsDouble() || schema.IsTrue("exclusiveMaximum") && value.Equals(maximum.AsDouble())))
        {
            problems.Add(FieldProblem.Invalid(path, scalar, $"{path} in body should be less than {(schema.IsTrue("exclusiveMaximum") ? "" : "or equal to ")}{maximum.Text}"));
        }

        if (schema["multipleOf"] is YamlScalar step && step.AsDouble() is not 0 and var of && !double.IsInteger(value / of))
        {
            problems.Add(FieldProblem.Invalid(path, scalar, $"{path} in body should be a multiple of {step.Text}"));
        }
    }

    private void Bound(long count, YamlMap schema, string least, string most, string path, string what)
    {
        if (schema.Number(least) is { } minimum && count < minimum)
        {
            problems.Add(FieldProblem.Invalid(path, count, $"{path} in body should have at least {minimum} {what}"));
        }

        if (schema.Number(most) is { } maximum && count > maximum)
        {
            problems.Add(new FieldProblem("FieldValueTooLong", path, $"Too long: may not be more than {maximum} {what}"));
        }
    }

    private void Alternatives(YamlNode node, YamlMap schema, string path)
    {
        foreach (var all in schema.Maps("allOf"))
        {
            Check(node, all, path);
        }

        if (schema["anyOf"] is YamlList { Count: > 0 } any && !schema.IsTrue("x-kubernetes-int-or-string") && !any.Any(a => Holds(node, a, path)))
        {
            problems.Add(FieldProblem.Invalid(path, "", $"{Show(path)} in body must validate at least one schema (anyOf)"));
        }

        if (schema["oneOf"] is YamlList { Count: > 0 } one && one.Count(a => Holds(node, a, path)) != 1)
        {
            problems.Add(FieldProblem.Invalid(path, "", $"{Show(path)} in body must validate one and only one schema (oneOf)"));
        }

        if (schema["not"] is YamlMap not && Holds(node, not, path))
        {
            problems.Add(FieldProblem.Invalid(path, "", $"{Show(path)} in body must not validate the schema (not)"));
        }
    }

    private static bool Holds(YamlNode node, YamlNode schema, string path)
    {
        var found = new List<FieldProblem>();
        new StructuralValidation(found).Check(node, schema as YamlMap ?? YamlMap.Empty, path);
        return found.Count == 0;
    }

    private static string Show(string path) => path.Length == 0 ? "\"\"" : path;

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";

    /// <summary>Patterns of schemas, compiled once. One that .NET cannot run in linear time is not enforced, rather than run in exponential time.</summary>
    private static class Patterns
    {
        private const int MostKept = 2_000;

        private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, Regex?> Known = new(StringComparer.Ordinal);

        public static Regex? Get(string pattern)
        {
            if (Known.Count > MostKept)
            {
                Known.Clear();
            }

            return Known.GetOrAdd(pattern, static text =>
            {
                try
                {
                    return new Regex(text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
                }
                catch (Exception error) when (error is ArgumentException or NotSupportedException)
                {
                    return null;
                }
            });
        }
    }
}
