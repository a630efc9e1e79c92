using Capstan.Kustomize.Identity;
using Capstan.Kustomize.Resources;
using Capstan.Kustomize.Spec;

namespace Capstan.Kustomize.Transformers.Sorting;

/// <summary>Puts the resources into the order that <c>sortOptions</c> asks for.</summary>
internal static class SortTransformer
{
    /// <summary>The order where none is asked for.</summary>
    public static readonly SortSpec Default = new("legacy", null, null, false, default);

    public static void Apply(ResourceSet set, SortSpec sort, string file)
    {
        switch (sort.Order)
        {
            case "fifo" when sort.HasLegacyOptions:
                throw new KustomizeException(
                    "the field 'sortOptions.legacySortOptions' is set but the selected sort order is 'fifo', not 'legacy'", file, sort.Position);
            case "fifo":
                return;
            case "legacy":
                set.Keep(Sorted(set, sort));
                set.RefuseDuplicates();
                return;
            default:
                throw new KustomizeException("the field 'sortOptions.order' must be one of [fifo, legacy]", file, sort.Position);
        }
    }

    private static List<Resource> Sorted(ResourceSet set, SortSpec sort)
    {
        var ranks = new Dictionary<string, int>(StringComparer.Ordinal);
        var first = sort.HasLegacyOptions ? sort.First ?? [] : Gvk.DefaultFirst;
        var last = sort.HasLegacyOptions ? sort.Last ?? [] : Gvk.DefaultLast;
        for (var i = 0; i < first.Count; i++)
        {
            ranks[first[i]] = i - first.Count;
        }

        for (var i = 0; i < last.Count; i++)
        {
            ranks[last[i]] = i + 1;
        }

        // What is compared is worked out once for each resource, and not for each comparison.
        var kinds = new Dictionary<Gvk, string>();
        var result = set.All.Select(Keyed).ToList();
        result.Sort(Compare);
        return result.ConvertAll(place => place.Resource);

        Place Keyed(Resource resource)
        {
            var id = resource.Id;
            if (!kinds.TryGetValue(id.Gvk, out var kind))
            {
                kinds[id.Gvk] = kind = id.Gvk.SortText();
            }

            return new Place(resource, id.Gvk, ranks.GetValueOrDefault(id.Gvk.Kind), kind, SortText(id));
        }
    }

    private static int Compare(Place a, Place b)
    {
        // One text stands for one kind, so that the same object needs no further look.
        if (!ReferenceEquals(a.KindText, b.KindText) && a.Gvk != b.Gvk)
        {
            var order = a.Rank.CompareTo(b.Rank);
            if (order == 0)
            {
                order = string.CompareOrdinal(a.KindText, b.KindText);
                order = a.Gvk.Kind == "Namespace" && b.Gvk.Kind == "Namespace" && (a.Gvk.Group.Length == 0 || b.Gvk.Group.Length == 0) ? -order : order;
            }

            return order;
        }

        var byId = string.CompareOrdinal(a.Text, b.Text);
        return byId != 0 ? byId : a.Resource.Order.CompareTo(b.Resource.Order);
    }

    private static string SortText(in ResourceId id) => $"{(id.Namespace.Length > 0 ? id.Namespace : "~X")}|{(id.Name.Length > 0 ? id.Name : "~N")}";

    private readonly record struct Place(Resource Resource, Gvk Gvk, int Rank, string KindText, string Text);
}
