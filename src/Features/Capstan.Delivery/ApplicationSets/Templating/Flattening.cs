using Capstan.GoTemplates;
using Capstan.Yaml;

namespace Capstan.Delivery.ApplicationSets.Templating;

/// <summary>Nested values as one map of texts, keys joined by dots: <c>a.b.0</c> (as jeremywohl/flatten does it for Argo CD).</summary>
internal static class Flattening
{
    public static YamlMap Flatten(YamlMap map)
    {
        var flat = new YamlMapBuilder(map.Count);
        Add(flat, "", map);
        return flat.ToMap();
    }

    /// <summary>A scalar as Go's <c>%v</c> prints it; numbers were read by JSON and are float64.</summary>
    public static string Text(YamlNode value) => value switch
    {
        YamlScalar { Kind: ScalarKind.Null } => "<nil>",
        YamlScalar { IsNumber: true } number => GoFloat.Format(number.AsDouble(), 'g', -1),
        YamlScalar scalar => scalar.Text,
        _ => value.ToString(),
    };

    private static void Add(YamlMapBuilder flat, string prefix, YamlNode node)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (node)
        {
            case YamlMap map:
                foreach (var (key, value) in map)
                {
                    Add(flat, prefix.Length == 0 ? key : $"{prefix}.{key}", value);
                }

                break;
            case YamlList list:
                for (var i = 0; i < list.Count; i++)
                {
                    Add(flat, prefix.Length == 0 ? $"{i}" : $"{prefix}.{i}", list[i]);
                }

                break;
            default:
                flat.Set(prefix, Text(node));
                break;
        }
    }
}
