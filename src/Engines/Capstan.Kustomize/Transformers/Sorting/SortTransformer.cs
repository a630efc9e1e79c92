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

        var result = set.All.ToList();
        result.Sort((a, b) => Compare(a, b, ranks));
        return result;
    }

    private static int Compare(Resource left, Resource right, Dictionary<string, int> ranks)
    {
        var (a, b) = (left.Id, right.Id);
        if (a.Gvk != b.Gvk)
        {
            var order = ranks.GetValueOrDefault(a.Gvk.Kind).CompareTo(ranks.GetValueOrDefault(b.Gvk.Kind));
            if (order == 0)
            {
                order = string.CompareOrdinal(a.Gvk.SortText(), b.Gvk.SortText());
                order = a.Gvk.Kind == "Namespace" && b.Gvk.Kind == "Namespace" && (a.Gvk.Group.Length == 0 || b.Gvk.Group.Length == 0) ? -order : order;
            }

            return order;
        }

        var byId = string.CompareOrdinal(SortText(a), SortText(b));
        return byId != 0 ? byId : left.Order.CompareTo(right.Order);
    }

    private static string SortText(ResourceId id) =>
        $"{id.Gvk}|{(id.Namespace.Length > 0 ? id.Namespace : "~X")}|{(id.Name.Length > 0 ? id.Name : "~N")}";
}
