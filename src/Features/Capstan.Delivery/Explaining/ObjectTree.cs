using Capstan.Delivery.Comparing;
using Capstan.Delivery.Health;
using Capstan.Kubernetes;
using Capstan.Resources;

namespace Capstan.Delivery.Explaining;

/// <summary>One object and what it owns.</summary>
/// <param name="Key">Which object.</param>
/// <param name="Sync">Argo CD's word for its sync status; null for an object that follows from another.</param>
/// <param name="Health">Argo CD's word for its health; null for a kind without a rule.</param>
/// <param name="Message">What there is to say of its health.</param>
/// <param name="Children">The objects that it owns.</param>
public sealed record ObjectNode(ObjectKey Key, string? Sync, string? Health, string Message, IReadOnlyList<ObjectNode> Children);

/// <summary>Follows owner references from what Git wants down to what runs.</summary>
internal static class ObjectTree
{
    private const int Deepest = 8;

    public static IReadOnlyList<ObjectNode> Of(Comparison comparison, LiveCache live) => [.. comparison.Objects.Select(o => new ObjectNode(
        o.Key, o.Sync.ToString(), AggregateHealth.Of(o), o.Health?.Message ?? "", o.Live is null ? [] : Children(o.Live.Uid, o.Key.Namespace, live, 0)))];

    /// <summary>All that an object owns, also through others.</summary>
    public static IEnumerable<CachedObject> Descendants(string uid, LiveCache live)
    {
        var seen = new HashSet<string> { uid };
        var next = new Queue<string>([uid]);
        while (next.TryDequeue(out var owner))
        {
            foreach (var owned in live.OwnedBy(owner).Where(o => seen.Add(o.Uid)))
            {
                yield return owned;
                next.Enqueue(owned.Uid);
            }
        }
    }

    // An owner in another namespace is none. The depth ends cycles.
    private static IReadOnlyList<ObjectNode> Children(string uid, string space, LiveCache live, int depth) => depth == Deepest || uid.Length == 0 ? [] :
    [
        .. live.OwnedBy(uid).Where(o => space.Length == 0 || o.Namespace == space).OrderBy(o => o.Kind.Kind, StringComparer.Ordinal).ThenBy(o => o.Name, StringComparer.Ordinal)
            .Select(o => (Cached: o, Health: HealthAssessment.Of(o.Read())))
            .Select(o => new ObjectNode(o.Cached.Key, null, o.Health?.Status.ToString(), o.Health?.Message ?? "", Children(o.Cached.Uid, o.Cached.Namespace, live, depth + 1))),
    ];
}
