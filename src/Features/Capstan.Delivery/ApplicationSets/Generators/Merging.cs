using Capstan.Yaml;

namespace Capstan.Delivery.ApplicationSets.Generators;

/// <summary>Maps laid over one another.</summary>
internal static class Merging
{
    /// <summary>The lower map with the upper one over it, maps within merged too.</summary>
    public static YamlMap Over(YamlMap lower, YamlMap upper)
    {
        if (lower.Count == 0 || upper.Count == 0)
        {
            return lower.Count == 0 ? upper : lower;
        }

        var merged = lower.ToBuilder();
        foreach (var (key, value) in upper)
        {
            // As mergo does it: what says nothing covers nothing.
            if (merged.TryGetValue(key, out var before))
            {
                merged.Set(key, before is YamlMap below && value is YamlMap above ? Over(below, above) : IsNothing(value) ? before : value);
            }
            else
            {
                merged.Set(key, value);
            }
        }

        return merged.ToMap();
    }

    private static bool IsNothing(YamlNode value) => value switch
    {
        YamlMap map => map.Count == 0,
        YamlList list => list.Count == 0,
        YamlScalar scalar => scalar.Kind == ScalarKind.Null || scalar.Text.Length == 0 || (scalar.Kind == ScalarKind.Boolean && scalar.Text == "false")
            || (scalar.TryGetInteger(out var number) && number == 0),
        _ => false,
    };
}
