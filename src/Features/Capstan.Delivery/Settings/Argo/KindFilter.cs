using Capstan.Resources;

namespace Capstan.Delivery.Settings.Argo;

/// <summary>One entry of <c>resource.inclusions</c> or <c>resource.exclusions</c>; an empty list speaks of everything.</summary>
/// <param name="Groups">API groups, as globs.</param>
/// <param name="Kinds">Kinds, as globs.</param>
/// <param name="Clusters">Addresses of clusters, as globs.</param>
internal sealed record KindPatterns(IReadOnlyList<string> Groups, IReadOnlyList<string> Kinds, IReadOnlyList<string> Clusters)
{
    public bool Matches(GroupKind kind, string cluster) => Any(Groups, kind.Group) && Any(Kinds, kind.Kind) && Any(Clusters, cluster);

    private static bool Any(IReadOnlyList<string> patterns, string value) => patterns.Count == 0 || patterns.Any(p => SimpleGlob.Fits(p, value));
}

/// <summary>The kinds that are looked at at all (Argo CD, operator-manual/declarative-setup.md, resource exclusion/inclusion).</summary>
/// <param name="Included">Only these; all when empty.</param>
/// <param name="Excluded">Never these.</param>
internal sealed record KindFilter(IReadOnlyList<KindPatterns> Included, IReadOnlyList<KindPatterns> Excluded)
{
    public static readonly KindFilter All = new([], []);

    /// <summary>Whether a kind is left alone in a cluster.</summary>
    public bool LeavesOut(GroupKind kind, string cluster) =>
        (Included.Count > 0 && !Included.Any(i => i.Matches(kind, cluster))) || Excluded.Any(e => e.Matches(kind, cluster));
}
