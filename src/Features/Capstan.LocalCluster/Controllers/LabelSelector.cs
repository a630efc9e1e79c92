using Capstan.Yaml;

namespace Capstan.LocalCluster.Controllers;

/// <summary>A <c>metav1.LabelSelector</c>: <c>matchLabels</c> and <c>matchExpressions</c>, all of which must hold.</summary>
internal static class LabelSelector
{
    /// <summary>Whether labels match. An empty selector matches nothing here: a controller without a selector owns nothing.</summary>
    public static bool Matches(YamlMap? selector, YamlMap labels)
    {
        if (selector is null)
        {
            return false;
        }

        var required = selector["matchLabels"] as YamlMap ?? YamlMap.Empty;
        var expressions = selector["matchExpressions"] as YamlList ?? YamlList.Empty;
        if (required.Count == 0 && expressions.Count == 0)
        {
            return false;
        }

        foreach (ref readonly var entry in required.AsSpan())
        {
            if (labels[entry.Key] is not { } label || !label.Equals(entry.Value))
            {
                return false;
            }
        }

        return expressions.All(e => e is YamlMap expression && Holds(expression, labels));
    }

    private static bool Holds(YamlMap expression, YamlMap labels)
    {
        var label = labels[expression.Text("key")];
        var values = expression["values"] as YamlList ?? YamlList.Empty;
        return expression.Text("operator") switch
        {
            "In" => label is not null && values.Contains(label),
            "NotIn" => label is null || !values.Contains(label),
            "Exists" => label is not null,
            "DoesNotExist" => label is null,
            _ => false,
        };
    }
}
