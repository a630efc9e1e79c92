using System.Runtime.CompilerServices;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Objects;

/// <summary>
/// Reads a built-in object as Kubernetes' typed decoder does: what the kind does not know is dropped (and remembered), a wrong type is
/// an error.
/// </summary>
internal sealed class SchemaCheck
{
    private const int Most = 100;

    /// <summary>Paths of fields that the kind does not have.</summary>
    public List<string> Unknown { get; } = [];

    /// <summary>Sentences about values of the wrong type.</summary>
    public List<string> WrongTypes { get; } = [];

    public YamlMap Check(YamlMap tree, ObjectSchema schema) => schema.IsTyped ? (YamlMap)Node(tree, schema.Root, "") : tree;

    private YamlNode Node(YamlNode value, SchemaNode schema, string path)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (schema.IsUntyped || value.IsNull)
        {
            return value;
        }

        switch (value)
        {
            case YamlMap map when schema.Map is { } shape:
                return Map(map, shape, path);
            case YamlList list when schema.List is { } shape:
                for (var i = 0; i < list.Count; i++)
                {
                    list = list.WithItem(i, Node(list[i], shape.Items, $"{path}[{i}]"));
                }

                return list;
            case YamlScalar scalar when schema.Scalar is { } type:
                if (!Fits(scalar, type))
                {
                    Wrong(path, scalar, type);
                }

                return scalar;
            default:
                Wrong(path, value, schema.Scalar);
                return value;
        }
    }

    private YamlMap Map(YamlMap map, MapShape shape, string path)
    {
        YamlMapBuilder? changed = null;
        foreach (ref readonly var entry in map.AsSpan())
        {
            var field = path.Length == 0 ? entry.Key : $"{path}.{entry.Key}";
            if (shape.TypeOf(entry.Key) is not { } type)
            {
                (changed ??= map.ToBuilder()).Remove(entry.Key);
                if (Unknown.Count < Most)
                {
                    Unknown.Add(field);
                }

                continue;
            }

            var value = Node(entry.Value, type, field);
            if (!ReferenceEquals(value, entry.Value))
            {
                (changed ??= map.ToBuilder()).Set(entry.Key, value);
            }
        }

        return changed?.ToMap() ?? map;
    }

    private static bool Fits(YamlScalar value, ScalarType type) => type switch
    {
        ScalarType.Bytes => value.Kind == ScalarKind.String && IsBase64(value.Text),
        ScalarType.String or ScalarType.Time => value.Kind == ScalarKind.String,
        ScalarType.Integer => value.TryGetInteger(out var number) && number is >= int.MinValue and <= int.MaxValue,
        ScalarType.Long => value.TryGetInteger(out _),
        ScalarType.Number => value.IsNumber,
        ScalarType.Boolean => value.Kind == ScalarKind.Boolean,
        ScalarType.Quantity => value.IsNumber || value.Kind == ScalarKind.String && Quantities.IsValid(value.Text),
        ScalarType.IntOrString => value.Kind == ScalarKind.String || value.TryGetInteger(out _),
        _ => true,
    };

    private static bool IsBase64(string text) => System.Buffers.Text.Base64.IsValid(text);

    private void Wrong(string path, YamlNode value, ScalarType? wanted)
    {
        if (WrongTypes.Count >= Most)
        {
            return;
        }

        if (wanted == ScalarType.Quantity)
        {
            WrongTypes.Add($"{path}: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
            return;
        }

        var found = value switch
        {
            YamlMap => "object",
            YamlList => "array",
            YamlScalar { Kind: ScalarKind.String } => "string",
            YamlScalar { Kind: ScalarKind.Boolean } => "bool",
            _ => $"number {value}",
        };
        var type = wanted switch
        {
            ScalarType.Integer => "int32",
            ScalarType.Long => "int64",
            ScalarType.Boolean => "bool",
            ScalarType.Number => "float64",
            null => "a map or list as the kind defines it",
            _ => "string",
        };
        WrongTypes.Add($"json: cannot unmarshal {found} into Go struct field .{path} of type {type}");
    }
}
