using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>Hides the values of Secrets wherever they could be shown; whether two of them are the same stays visible.</summary>
public static class SecretMask
{
    /// <summary>What stands for a hidden value.</summary>
    public const string Hidden = "++++++++";

    /// <summary>What stands for a hidden value that differs from the one beside it.</summary>
    public const string HiddenOther = "+++++++++ (differs)";

    internal static readonly GroupKind Kind = new("", "Secret");

    /// <summary>The object as it may be shown; objects that are no Secrets are returned as they are.</summary>
    /// <param name="value">The object.</param>
    /// <param name="other">The object beside it, as the live one beside the desired one: values that differ from its are marked.</param>
    public static KubernetesObject Apply(KubernetesObject value, KubernetesObject? other = null)
    {
        if (value.GroupKind != Kind)
        {
            return value;
        }

        var body = value.Body;
        foreach (var field in (string[])["data", "stringData"])
        {
            if (body[field] is { } node)
            {
                body = body.With(field, HideIn(node, other?.Body[field]));
            }
        }

        return value.Annotation(LastApplied.Annotation) is null
            ? new KubernetesObject(body)
            : new KubernetesObject(body).WithAnnotation(LastApplied.Annotation, Hidden);
    }

    internal static FieldDifference Hide(FieldDifference difference)
    {
        if (difference.Field.Elements[0].Name is not ("data" or "stringData"))
        {
            return difference;
        }

        return difference with
        {
            Wanted = difference.Wanted is null ? null : HideIn(difference.Wanted, null),
            Live = difference.Live is null ? null : HideIn(difference.Live, difference.Wanted),
        };
    }

    private static YamlNode HideIn(YamlNode node, YamlNode? beside)
    {
        if (node is YamlMap map)
        {
            var result = new YamlMapBuilder(map.Count);
            foreach (var (key, value) in map)
            {
                result.Set(key, HideOne(value, (beside as YamlMap)?[key]));
            }

            return result.ToMap();
        }

        return HideOne(node, beside);
    }

    private static YamlScalar HideOne(YamlNode value, YamlNode? beside) =>
        YamlScalar.String(beside is null || beside.Equals(value) ? Hidden : HiddenOther);
}
