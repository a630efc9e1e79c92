using System.Globalization;
using Capstan.GoTemplates;
using Capstan.Helm.Patterns;
using Capstan.Yaml;

namespace Capstan.Helm.Schemas;

/// <summary>Checks values against a JSON schema of draft 4 to 2020-12. What applies to any value is here; the other part has the types.</summary>
internal sealed partial class SchemaValidator(SchemaDocument schema)
{
    private const int MaxSteps = 2_000_000;
    private const int MaxDepth = 400;

    private readonly SchemaDocument _schema = schema;
    private int _steps;
    private int _depth;

    /// <summary>The errors, or null when the value follows the schema.</summary>
    /// <exception cref="SchemaException">The schema cannot be used.</exception>
    public SchemaError? Validate(YamlNode value) => Check(_schema.Root, value, [], new Evaluated(), []);

    private SchemaError? Check(YamlNode schema, YamlNode value, string[] at, Evaluated evaluated, HashSet<(YamlNode, YamlNode)> path)
    {
        if (++_steps > MaxSteps || _depth > MaxDepth)
        {
            throw new SchemaException("checking the values against the schema takes too many steps (does it refer to itself?)");
        }

        if (schema is YamlScalar { Kind: ScalarKind.Boolean } flag)
        {
            return flag.Text == "true" ? null : Error(at, "false schema");
        }

        if (schema is not YamlMap map)
        {
            return null;
        }

        // A schema that leads back to itself without going into the value would never end.
        if (!path.Add((map, value)))
        {
            throw new SchemaException("the schema refers to itself without end");
        }

        _depth++;
        try
        {
            return CheckMap(map, value, at, evaluated, path);
        }
        finally
        {
            _depth--;
            path.Remove((map, value));
        }
    }

    private SchemaError? CheckMap(YamlMap schema, YamlNode value, string[] at, Evaluated evaluated, HashSet<(YamlNode, YamlNode)> path)
    {
        var errors = new List<SchemaError>();
        var reference = schema["$ref"]?.AsString();
        if (reference is not null && _schema.Draft < 2019)
        {
            return Referred(reference, value, at, evaluated, path);
        }

        if (TypeError(schema, value, at) is { } wrongType)
        {
            return wrongType;
        }

        if (ValueError(schema, value, at) is { } wrongValue)
        {
            return wrongValue;
        }

        // In one document the outermost dynamic anchor of a name is the one that is meant.
        foreach (var named in (string?[])[reference, _schema.Draft == 2020 ? schema["$dynamicRef"]?.AsString() : _schema.Draft == 2019 ? schema["$recursiveRef"]?.AsString() : null])
        {
            if (named is not null && Referred(named, value, at, evaluated, path) is { } refused)
            {
                errors.Add(refused);
            }
        }

        switch (value)
        {
            case YamlMap o:
                Object(schema, o, at, evaluated, path, errors);
                break;
            case YamlList list:
                List(schema, list, at, evaluated, errors);
                break;
            case YamlScalar { Kind: ScalarKind.String } text:
                Text(schema, text.Text, at, errors);
                break;
            case YamlScalar { IsNumber: true } number:
                Number(schema, number.AsDouble(), at, errors);
                break;
        }

        Combined(schema, value, at, evaluated, path, errors);
        if (_schema.Draft >= 2019)
        {
            Unevaluated(schema, value, at, evaluated, errors);
        }

        return errors.Count switch
        {
            0 => null,
            1 => errors[0],
            _ => new SchemaError(SchemaErrorKind.Group, at, "validation failed", errors),
        };
    }

    private SchemaError? Referred(string reference, YamlNode value, string[] at, Evaluated evaluated, HashSet<(YamlNode, YamlNode)> path)
    {
        var error = Check(_schema.Resolve(reference), value, at, evaluated, path);
        return error is null
            ? null
            : new SchemaError(
                SchemaErrorKind.Reference, at, "validation failed", error.Kind == SchemaErrorKind.Group ? error.Causes : [error]);
    }

    private static SchemaError Error(string[] at, string message) => new(SchemaErrorKind.Keyword, at, message, []);

    private static SchemaError Error(string[] at, string message, IReadOnlyList<SchemaError> causes) =>
        new(SchemaErrorKind.Keyword, at, message, causes);

    private static SchemaError? TypeError(YamlMap schema, YamlNode value, string[] at)
    {
        string[] wanted = schema["type"] switch
        {
            YamlScalar { Kind: ScalarKind.String } one => [one.Text],
            YamlList several => [.. several.Select(static t => t.AsString() ?? "")],
            null => [],
            var other => throw new SchemaException($"the schema at '{string.Concat(at.Select(static a => "/" + a))}' names a type that is {other.Description}; a name or a list of names is wanted"),
        };
        var got = TypeOf(value);
        if (wanted.Length == 0 || Array.Exists(wanted, w => w == got || (w == "integer" && got == "number" && IsInteger(value))))
        {
            return null;
        }

        return Error(at, $"got {got}, want {string.Join(" or ", wanted.Order(TypeOrder))}");
    }

    // The validator keeps types as a set of bits and shows them in this order.
    private static readonly Comparer<string> TypeOrder = Comparer<string>.Create(static (a, b) => Rank(a) - Rank(b));

    private static int Rank(string type) => Array.IndexOf(["null", "boolean", "number", "integer", "string", "array", "object"], type);

    private static SchemaError? ValueError(YamlMap schema, YamlNode value, string[] at)
    {
        if (schema["const"] is { } wanted && !value.Equals(wanted))
        {
            return Error(at, wanted is YamlScalar ? $"value must be {Display(wanted)}" : "'const' failed");
        }

        if (schema["enum"] is YamlList choices && !choices.Any(value.Equals))
        {
            return Error(at, !choices.All(static c => c is YamlScalar)
                ? "'enum' failed"
                : choices.Count == 1
                    ? $"value must be {Display(choices[0])}"
                    : $"value must be one of {string.Join(", ", choices.Select(Display))}");
        }

        return null;
    }

    private void Combined(
        YamlMap schema, YamlNode value, string[] at, Evaluated evaluated, HashSet<(YamlNode, YamlNode)> path, List<SchemaError> errors)
    {
        if (schema["not"] is { } not && Check(not, value, at, new Evaluated(), path) is null)
        {
            errors.Add(Error(at, "'not' failed"));
        }

        if (schema["allOf"] is YamlList allOf)
        {
            var causes = allOf.Select(s => Check(s, value, at, evaluated, path)).OfType<SchemaError>().ToArray();
            if (causes.Length > 0)
            {
                errors.Add(Error(at, "'allOf' failed", causes));
            }
        }

        if (schema["anyOf"] is YamlList anyOf)
        {
            var causes = new List<SchemaError>();
            var matched = false;
            foreach (var candidate in anyOf)
            {
                if (Alternative(candidate, value, at, evaluated, path) is { } error)
                {
                    causes.Add(error);
                }
                else
                {
                    matched = true;
                }
            }

            if (!matched)
            {
                errors.Add(Error(at, "'anyOf' failed", causes));
            }
        }

        if (schema["oneOf"] is YamlList oneOf)
        {
            OneOf(oneOf, value, at, evaluated, path, errors);
        }

        if (_schema.Draft >= 7 && schema["if"] is { } condition)
        {
            var branch = Alternative(condition, value, at, evaluated, path) is null ? schema["then"] : schema["else"];
            if (branch is not null && Check(branch, value, at, evaluated, path) is { } error)
            {
                errors.Add(error);
            }
        }
    }

    private SchemaError? Alternative(YamlNode schema, YamlNode value, string[] at, Evaluated evaluated, HashSet<(YamlNode, YamlNode)> path)
    {
        var own = new Evaluated();
        var error = Check(schema, value, at, own, path);
        if (error is null)
        {
            evaluated.Add(own);
        }

        return error;
    }

    private void OneOf(
        YamlList oneOf, YamlNode value, string[] at, Evaluated evaluated, HashSet<(YamlNode, YamlNode)> path, List<SchemaError> errors)
    {
        var causes = new List<SchemaError>();
        var matched = -1;
        for (var i = 0; i < oneOf.Count; i++)
        {
            if (Alternative(oneOf[i], value, at, evaluated, path) is { } error)
            {
                causes.Add(error);
            }
            else if (matched < 0)
            {
                matched = i;
            }
            else
            {
                errors.Add(Error(at, $"'oneOf' failed, subschemas {matched}, {i} matched"));
                return;
            }
        }

        if (matched < 0)
        {
            errors.Add(Error(at, "'oneOf' failed, none matched", causes));
        }
    }

    private void Unevaluated(YamlMap schema, YamlNode value, string[] at, Evaluated evaluated, List<SchemaError> errors)
    {
        if (value is YamlMap o && schema["unevaluatedProperties"] is { } rest)
        {
            foreach (var (key, item) in o)
            {
                if (!evaluated.Properties.Contains(key) && Check(rest, item, [.. at, key], new Evaluated(), []) is { } error)
                {
                    errors.Add(error);
                }
            }
        }

        if (value is YamlList list && schema["unevaluatedItems"] is { } restItems)
        {
            for (var i = evaluated.Items; i < list.Count; i++)
            {
                if (Check(restItems, list[i], [.. at, i.ToString(CultureInfo.InvariantCulture)], new Evaluated(), []) is { } error)
                {
                    errors.Add(error);
                }
            }
        }
    }

    private static bool IsMatch(string pattern, string text)
    {
        try
        {
            return Re2Pattern.Parse(pattern).IsMatch(text);
        }
        catch (GoException error)
        {
            throw new SchemaException($"'{pattern}' is not valid regex: {error.Message}");
        }
    }

    private static bool IsInteger(YamlNode value) => value is YamlScalar { IsNumber: true } number && Math.Truncate(number.AsDouble()) == number.AsDouble();

    private static string TypeOf(YamlNode value) => value switch
    {
        YamlMap => "object",
        YamlList => "array",
        YamlScalar { Kind: ScalarKind.String } => "string",
        YamlScalar { Kind: ScalarKind.Boolean } => "boolean",
        YamlScalar { Kind: ScalarKind.Null } => "null",
        _ => "number",
    };

    private static string Display(YamlNode node) => node switch
    {
        YamlScalar { Kind: ScalarKind.String } text => SchemaErrors.Quote(text.Text),
        YamlScalar { Kind: ScalarKind.Null } => "<nil>",
        YamlScalar other => other.Text,
        _ => "value",
    };

    /// <summary>What keywords have looked at, for unevaluatedProperties and unevaluatedItems.</summary>
    private sealed class Evaluated
    {
        public HashSet<string> Properties { get; } = new(StringComparer.Ordinal);

        public int Items { get; set; }

        public void Add(Evaluated other)
        {
            Properties.UnionWith(other.Properties);
            Items = Math.Max(Items, other.Items);
        }
    }
}
