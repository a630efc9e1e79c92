using Capstan.Yaml;

namespace Capstan.Delivery.Comparing.Ignoring;

/// <summary>One step into a tree: a key of a map, or an item of a list.</summary>
/// <param name="Key">The key; null for an item.</param>
/// <param name="Index">Which item.</param>
internal readonly record struct PlaceStep(string? Key, int Index = 0);

/// <summary>Where in a tree a value stands.</summary>
/// <param name="Steps">The way from the root.</param>
internal sealed record Place(IReadOnlyList<PlaceStep> Steps)
{
    public static readonly Place Root = new([]);

    public Place Below(PlaceStep step) => new([.. Steps, step]);

    /// <summary>The value at this place; null when there is none.</summary>
    public YamlNode? In(YamlNode root)
    {
        YamlNode? node = root;
        foreach (var step in Steps)
        {
            node = node switch
            {
                YamlMap map when step.Key is { } key => map[key],
                YamlList list when step.Key is null && step.Index < list.Count => list[step.Index],
                _ => null,
            };
        }

        return node;
    }

    /// <summary>The tree with another value here, or without it; a place that is not there is made for a value, as far as maps go.</summary>
    public YamlNode Put(YamlNode root, YamlNode? value) => Put(root, 0, value);

    private YamlNode Put(YamlNode node, int depth, YamlNode? value)
    {
        var step = Steps[depth];
        var isLast = depth == Steps.Count - 1;
        switch (node)
        {
            case YamlMap map when step.Key is { } key:
                if (isLast)
                {
                    return value is null ? map.Without(key) : map.With(key, value);
                }

                return map[key] is { } inner ? map.With(key, Put(inner, depth + 1, value))
                    : value is null || Steps[depth + 1].Key is null ? map
                    : map.With(key, Put(YamlMap.Empty, depth + 1, value));
            case YamlList list when step.Key is null && step.Index < list.Count:
                return isLast && value is null ? new YamlList(list.Where((_, i) => i != step.Index), list.Position)
                    : list.WithItem(step.Index, isLast ? value! : Put(list[step.Index], depth + 1, value));
            default:
                return node;
        }
    }
}
