using Capstan.Delivery.Settings.Argo;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Comparing.Ignoring;

/// <summary>Fields of some objects whose differences do not count (Argo CD, user-guide/diffing.md).</summary>
/// <param name="Group">The API group; a glob.</param>
/// <param name="Kind">The kind; a glob.</param>
/// <param name="Namespace">The namespace; empty for any.</param>
/// <param name="Name">The name; empty for any.</param>
internal sealed record IgnoreRule(string Group, string Kind, string Namespace, string Name)
{
    /// <summary>Places by JSON pointer (RFC 6901).</summary>
    public IReadOnlyList<Place> Pointers { get; init; } = [];

    /// <summary>Places by path.</summary>
    public IReadOnlyList<JqPath> Paths { get; init; } = [];

    /// <summary>Managers whose fields are theirs.</summary>
    public IReadOnlyList<string> Managers { get; init; } = [];

    /// <summary>Whether it speaks of this object.</summary>
    public bool Concerns(ObjectKey key) =>
        SimpleGlob.Fits(Group, key.GroupKind.Group) && SimpleGlob.Fits(Kind, key.GroupKind.Kind)
        && (Namespace.Length == 0 || Namespace == key.Namespace) && (Name.Length == 0 || Name == key.Name);

    /// <summary>The places that it names in a tree, those in lists from the end, so that taking one out moves none of the others.</summary>
    public IReadOnlyList<Place> In(YamlMap tree) =>
        [.. Pointers.Select(p => Fitted(p, tree)).Concat(Paths.SelectMany(p => p.In(tree))).Distinct().Reverse()];

    // A pointer's token is an index where the tree has a list.
    private static Place Fitted(Place pointer, YamlNode tree)
    {
        var place = Place.Root;
        YamlNode? node = tree;
        foreach (var step in pointer.Steps)
        {
            var fitted = node is YamlList && int.TryParse(step.Key, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var index)
                ? new PlaceStep(null, index)
                : step;
            place = place.Below(fitted);
            node = node switch
            {
                YamlMap map when fitted.Key is { } key => map[key],
                YamlList list when fitted.Key is null && fitted.Index < list.Count => list[fitted.Index],
                _ => null,
            };
        }

        return place;
    }
}
