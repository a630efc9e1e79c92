using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Comparing.Ignoring;

/// <summary>What an Application's <c>ignoreDifferences</c> say, for each of its objects.</summary>
/// <param name="Rules">The rules; several may speak of one object.</param>
internal sealed record IgnoredDifferences(IReadOnlyList<IgnoreRule> Rules)
{
    /// <summary>Everything counts.</summary>
    public static readonly IgnoredDifferences None = new([]);

    /// <summary>These rules and further ones.</summary>
    public IgnoredDifferences And(IReadOnlyList<IgnoreRule> further) => further.Count == 0 ? this : new([.. Rules, .. further]);

    /// <summary>Both sides without what does not count, for comparing them.</summary>
    public (KubernetesObject Desired, KubernetesObject Live) Strip(KubernetesObject desired, KubernetesObject live)
    {
        var rules = RulesOf(desired.Key);
        if (rules.Count == 0)
        {
            return (desired, live);
        }

        foreach (var rule in rules)
        {
            var (theirs, ours) = (Managed(live, live, rule), Managed(desired, live, rule));
            desired = Without(desired, ours);
            desired = Without(desired, rule.In(desired.Body));
            live = Without(live, theirs);
            live = Without(live, rule.In(live.Body));
        }

        return (desired, live);
    }

    /// <summary>What is desired, with the live values where they do not count, so that a sync leaves them alone (<c>RespectIgnoreDifferences</c>).</summary>
    public KubernetesObject Adopt(KubernetesObject desired, KubernetesObject live)
    {
        foreach (var rule in RulesOf(desired.Key))
        {
            // A place that only one side has is taken out or made as far as maps go; items of lists stay whose they are.
            foreach (var place in rule.In(desired.Body).Concat(rule.In(live.Body)).Concat(Managed(desired, live, rule)).Distinct())
            {
                var value = place.In(live.Body);
                desired = value is null && place.Steps[^1].Key is null ? desired : new KubernetesObject((YamlMap)place.Put(desired.Body, value));
            }
        }

        return desired;
    }

    private List<IgnoreRule> RulesOf(ObjectKey key) => Rules.Count == 0 ? [] : [.. Rules.Where(r => r.Concerns(key))];

    private static KubernetesObject Without(KubernetesObject @object, IEnumerable<Place> places) =>
        places.Aggregate(@object, (o, place) => new KubernetesObject((YamlMap)place.Put(o.Body, null)));

    // What another manager owns of the live object, as far as a tree has it; items of lists from the end.
    private static List<Place> Managed(KubernetesObject tree, KubernetesObject live, IgnoreRule rule)
    {
        if (rule.Managers.Count == 0)
        {
            return [];
        }

        var owned = ManagedFields.ParseOrEmpty(live).Where(e => rule.Managers.Contains(e.Manager)).SelectMany(e => e.Fields.Leaves());
        return [.. owned.Select(path => Find(path, tree.Body)).OfType<Place>().Reverse()];
    }

    private static Place? Find(FieldPath path, YamlNode tree)
    {
        var (place, node) = (Place.Root, tree);
        foreach (var element in path.Elements)
        {
            PlaceStep? step = (node, element.Kind) switch
            {
                (YamlMap map, PathElementKind.Field) when map.ContainsKey(element.Name) => new PlaceStep(element.Name),
                (YamlList list, _) when ItemOf(list, element) is >= 0 and var index => new PlaceStep(null, index),
                _ => null,
            };
            if (step is not { } found)
            {
                return null;
            }

            place = place.Below(found);
            node = found.Key is { } key ? ((YamlMap)node)[key]! : ((YamlList)node)[found.Index];
        }

        return place.Steps.Count > 0 ? place : null;
    }

    private static int ItemOf(YamlList list, PathElement element)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (element.Kind switch
            {
                PathElementKind.Key => list[i] is YamlMap map && element.Keys!.All(k => map[k.Key] is { } value && value.Equals(k.Value)),
                PathElementKind.Value => list[i].Equals(element.ItemValue),
                _ => element.ItemIndex == i,
            })
            {
                return i;
            }
        }

        return -1;
    }
}
