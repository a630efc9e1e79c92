using System.Globalization;
using System.Runtime.CompilerServices;
using Capstan.GoTemplates;
using Capstan.Yaml;

namespace Capstan.Helm.Data;

/// <summary>Carries values between YAML trees and templates. As in Helm, every number that comes from YAML or JSON is a float64.</summary>
internal static class GoTree
{
    /// <summary>A tree as a template sees it.</summary>
    public static object? ToValue(YamlNode node)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (node)
        {
            case YamlMap map:
                return ToMap(map);
            case YamlList list:
                var items = new object?[list.Count];
                for (var i = 0; i < items.Length; i++)
                {
                    items[i] = ToValue(list[i]);
                }

                return new GoArray(items);
            case YamlScalar scalar:
                return scalar.Kind switch
                {
                    ScalarKind.String => scalar.Text,
                    ScalarKind.Boolean => GoValues.Bool(scalar.Text == "true"),
                    ScalarKind.Null => null,
                    _ => double.Parse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture),
                };
            default:
                throw new ArgumentException($"{node.Description} has no value.", nameof(node));
        }
    }

    /// <summary>An object of a cluster as a template sees it: whole numbers are int64 there.</summary>
    public static GoMap ToObject(YamlMap map)
    {
        var result = new GoMap(capacity: map.Count);
        foreach (ref readonly var entry in map.AsSpan())
        {
            result[entry.Key] = ToObjectValue(entry.Value);
        }

        return result;
    }

    private static object? ToObjectValue(YamlNode node)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return node switch
        {
            YamlMap map => ToObject(map),
            YamlList list => new GoArray([.. list.Select(ToObjectValue)]),
            YamlScalar { Kind: ScalarKind.Integer } number when long.TryParse(number.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => whole,
            _ => ToValue(node),
        };
    }

    /// <summary>A scalar where a string is wanted: numbers and booleans become their text, as sigs.k8s.io/yaml does it. Null for others.</summary>
    public static string? AsText(YamlNode? node) => node switch
    {
        YamlScalar { Kind: ScalarKind.Float } number => GoFloat.Format(number.AsDouble(), 'g', -1),
        YamlScalar { Kind: not ScalarKind.Null } scalar => scalar.Text,
        _ => null,
    };

    /// <summary>A map as a template sees it.</summary>
    public static GoMap ToMap(YamlMap map)
    {
        var result = new GoMap(capacity: map.Count);
        foreach (ref readonly var entry in map.AsSpan())
        {
            result[entry.Key] = ToValue(entry.Value);
        }

        return result;
    }

    /// <summary>A value as the tree that Go's encoding/json would make of it.</summary>
    /// <param name="value">The value.</param>
    /// <param name="keepFloats">Whether a float64 without a fraction stays a float, as where values do not go through JSON.</param>
    /// <exception cref="GoException">The value has no JSON form.</exception>
    public static YamlNode ToTree(object? value, bool keepFloats = false)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (value)
        {
            case null or NoValue:
                return YamlScalar.Null;
            case string text:
                return YamlScalar.String(GoJson.Valid(text));
            case bool flag:
                return YamlScalar.Boolean(flag);
            case double number:
                return keepFloats ? YamlScalar.Float(number) : Number(number);
            case float number:
                return Number(double.Parse(GoFloat.Format(number, 'g', -1, single: true), CultureInfo.InvariantCulture));
            case GoMap { IsNil: true }:
                return YamlScalar.Null;
            case GoMap map:
                return Map(map, keepFloats);
            case GoBytes bytes:
                return YamlScalar.String(Convert.ToBase64String(bytes.AsSpan()));
            case GoList { IsNil: true }:
                return YamlScalar.Null;
            case GoList list:
                var items = new YamlNode[list.Count];
                for (var i = 0; i < items.Length; i++)
                {
                    items[i] = ToTree(list[i], keepFloats);
                }

                return new YamlList(items);
            case IJsonText json:
                return YamlScalar.String(json.JsonText);
            case GoNumber number:
                return YamlScalar.Integer(number.Value);
            case GoObject o:
                return Struct(o);
            case ulong big:
                return new YamlScalar(big.ToString(CultureInfo.InvariantCulture), ScalarKind.Integer);
            default:
                return GoValues.TryGetInteger(value, out var integer)
                    ? YamlScalar.Integer(integer)
                    : throw new GoException($"json: unsupported type: {GoType.Of(value)}");
        }
    }

    private static YamlScalar Number(double number)
    {
        if (!double.IsFinite(number))
        {
            throw new GoException($"json: unsupported value: {GoFloat.Format(number, 'g', -1)}");
        }

        if (Math.Truncate(number) == number && Math.Abs(number) < 1e15)
        {
            return number == 0 && double.IsNegative(number) ? new YamlScalar("-0", ScalarKind.Float) : YamlScalar.Integer((long)number);
        }

        var text = GoNumbers.Format(number);
        return new YamlScalar(text, text.AsSpan().IndexOfAny('.', 'e') < 0 ? ScalarKind.Integer : ScalarKind.Float);
    }

    private static YamlMap Map(GoMap map, bool keepFloats)
    {
        var builder = new YamlMapBuilder(map.Count);
        foreach (var key in map.SortedKeys)
        {
            builder.Set(GoJson.Valid(key), ToTree(map[key], keepFloats));
        }

        return builder.ToMap();
    }

    private static YamlMap Struct(GoObject o)
    {
        var builder = new YamlMapBuilder(o.FieldNames.Count);
        foreach (var name in o.FieldNames)
        {
            if (char.IsUpper(name[0]))
            {
                o.TryGetField(name, out var value);
                builder.Set(o.JsonName(name), ToTree(value));
            }
        }

        return builder.ToMap();
    }
}

/// <summary>A value that JSON shows as a text of its own making.</summary>
internal interface IJsonText
{
    string JsonText { get; }
}
