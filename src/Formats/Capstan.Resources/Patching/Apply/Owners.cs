namespace Capstan.Resources;

/// <summary>How ownership moves when an object is written.</summary>
internal static class Owners
{
    private const string AncientChanges = "ancient-changes";

    public static List<ManagedEntry> AfterUpdate(KubernetesObject? live, KubernetesObject updated, IReadOnlyList<ManagedEntry> entries, WriteContext context)
    {
        var before = live is null ? EmptyFields.Of(context.Schema) : Nulls.Drop(ManagedFields.Strip(live).Body, context.Schema.Root);
        var comparison = TypedComparison.Of(before, Nulls.Drop(ManagedFields.Strip(updated).Body, context.Schema.Root), context.Schema.Root).Without(context.Reset);
        var rest = TakeFrom(entries, _ => comparison);
        var gained = comparison.Changed.ExceptBeneath(context.Reset).Except(ManagedFields.NeverOwned);
        if (gained.IsEmpty)
        {
            return rest;
        }

        var own = context.Entry(ManagedOperation.Update, gained);
        var index = rest.FindIndex(own.IsSameOwner);
        if (index < 0)
        {
            rest.Add(own);
        }
        else
        {
            rest[index] = own with { Fields = gained.Union(rest[index].Fields) };
        }

        return Cap(rest);
    }

    /// <summary>The entries without what was changed or removed under them; empty entries go.</summary>
    public static List<ManagedEntry> TakeFrom(IEnumerable<ManagedEntry> entries, Func<ManagedEntry, TypedComparison?> lost)
    {
        var result = new List<ManagedEntry>();
        foreach (var entry in entries)
        {
            var fields = lost(entry) is { } comparison
                ? entry.Fields.Except(entry.Fields.Intersect(comparison.Changed)).Except(comparison.Removed)
                : entry.Fields;
            if (!fields.IsEmpty)
            {
                result.Add(ReferenceEquals(fields, entry.Fields) ? entry : entry with { Fields = fields });
            }
        }

        return result;
    }

    // The oldest updaters of a version become one, so that the list does not grow without bounds.
    private static List<ManagedEntry> Cap(List<ManagedEntry> entries)
    {
        var updaters = entries.Where(e => e.Operation == ManagedOperation.Update)
            .OrderBy(e => e.Time?.ToUnixTimeSeconds() ?? 0).ThenBy(e => e.Manager, StringComparer.Ordinal).ToList();
        var excess = updaters.Count - ManagedFields.MaxUpdateManagers;
        if (excess <= 0)
        {
            return entries;
        }

        var firsts = new Dictionary<string, ManagedEntry>(StringComparer.Ordinal);
        foreach (var updater in updaters)
        {
            if (excess <= 0)
            {
                break;
            }

            if (!firsts.TryGetValue(updater.ApiVersion, out var first))
            {
                firsts[updater.ApiVersion] = updater;
                continue;
            }

            var bucket = first with { Manager = AncientChanges, Subresource = "", Time = updater.Time, Fields = first.Fields.Union(updater.Fields) };
            entries.Remove(first);
            entries.Remove(updater);
            entries.Add(bucket);
            firsts[updater.ApiVersion] = bucket;
            excess--;
        }

        return entries;
    }
}
