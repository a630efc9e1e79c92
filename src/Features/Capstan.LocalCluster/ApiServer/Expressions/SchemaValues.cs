using Capstan.Cel;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Scalars;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Expressions;

/// <summary>Trees as values of CEL, with the types that a structural schema gives them. Nothing is made before it is asked for.</summary>
internal static class SchemaValues
{
    /// <summary>A tree without a schema: its own types.</summary>
    public static CelValue Of(YamlNode? node) => Of(node, YamlMap.Empty);

    /// <summary>A tree as its schema sees it.</summary>
    public static CelValue Of(YamlNode? node, YamlMap schema) => node switch
    {
        YamlMap map => new SchemaMap(map, schema),
        YamlList list => new SchemaList(list, schema),
        YamlScalar scalar => Scalar(scalar, schema),
        _ => CelNull.Value,
    };

    /// <summary>The schema of a whole object: what rules may always ask of it is added (type and name).</summary>
    public static YamlMap Root(YamlMap schema)
    {
        var text = YamlMap.Of(("type", "string"));
        var metadata = YamlMap.Of(("type", "object"), ("properties", YamlMap.Of(("name", text), ("generateName", text))));
        var properties = schema.MapAt("properties").With("apiVersion", text).With("kind", text).With("metadata", metadata);
        return schema.With("properties", properties);
    }

    private static CelValue Scalar(YamlScalar scalar, YamlMap schema) => scalar.Kind switch
    {
        ScalarKind.Null => CelNull.Value,
        ScalarKind.Boolean => CelValue.Of(scalar.Text == "true"),
        ScalarKind.String => Text(scalar.Text, schema.Text("format")),
        _ when schema.Text("type") == "number" => CelValue.Of(scalar.AsDouble()),
        ScalarKind.Integer => scalar.TryGetInteger(out var number) ? CelValue.Of(number) : CelValue.Of(scalar.AsDouble()),
        _ => schema.Text("type") == "integer" && double.IsInteger(scalar.AsDouble()) ? CelValue.Of((long)scalar.AsDouble()) : CelValue.Of(scalar.AsDouble()),
    };

    private static CelValue Text(string text, string format)
    {
        switch (format)
        {
            case "byte":
                var buffer = new byte[text.Length];
                return Convert.TryFromBase64String(text, buffer, out var length) ? new CelBytes(buffer[..length]) : CelValue.Of(text);
            case "date-time" or "date":
                return DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var time)
                    ? new CelTimestamp(time) : CelValue.Of(text);
            case "duration":
                return GoDuration.TryParse(text, out var nanoseconds) ? new CelDuration(nanoseconds) : CelValue.Of(text);
            default:
                return CelValue.Of(text);
        }
    }

    private sealed class SchemaMap(YamlMap map, YamlMap schema) : CelMap
    {
        private readonly YamlMap? _properties = schema["properties"] as YamlMap;

        public override int Count => map.Count;

        public override IEnumerable<CelValue> Keys => map.Keys.Select(CelValue.Of);

        public override CelValue? Find(CelValue key)
        {
            if (key is not CelString name) return null;
            var field = _properties is null || map.ContainsKey(name.Value) ? name.Value : FieldNames.Unescape(name.Value);
            return map[field] is { } value ? SchemaValues.Of(value, (_properties?[field] ?? schema["additionalProperties"]) as YamlMap ?? YamlMap.Empty) : null;
        }
    }

    private sealed class SchemaList(YamlList list, YamlMap schema) : CelList
    {
        private readonly YamlMap _items = schema["items"] as YamlMap ?? YamlMap.Empty;

        public override int Count => list.Count;

        public override Func<CelValue, CelValue>? Identity => schema.Text("x-kubernetes-list-type") switch
        {
            "set" => static item => item,
            "map" => item => CelValue.Of([.. Keys().Select(k => item is CelMap map ? map.Find(CelValue.Of(k)) ?? CelNull.Value : CelNull.Value)]),
            _ => null,
        };

        public override CelValue this[int index] => SchemaValues.Of(list[index], _items);

        private IEnumerable<string> Keys() => (schema["x-kubernetes-list-map-keys"] as YamlList ?? YamlList.Empty).Select(k => k.AsString() ?? "");
    }
}

/// <summary>What a structural schema tells about a value before there is one.</summary>
internal sealed class SchemaShape(YamlMap schema) : CelShape
{
    public override bool HasFixedFields => schema["properties"] is YamlMap && !schema.IsTrue("x-kubernetes-preserve-unknown-fields") && !schema.IsTrue("x-kubernetes-embedded-resource");

    public override bool IsMap => schema["additionalProperties"] is not null;

    public override CelShape? Item => (schema["items"] ?? schema["additionalProperties"]) is YamlMap item ? new SchemaShape(item) : null;

    public override bool HasField(string name, out CelShape? shape)
    {
        var field = schema.MapAt("properties")[FieldNames.Unescape(name)] as YamlMap;
        shape = field is null ? null : new SchemaShape(field);
        return field is not null || !HasFixedFields;
    }
}
