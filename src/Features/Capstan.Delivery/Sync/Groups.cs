namespace Capstan.Delivery.Sync;

/// <summary>Groups of neighbours in a list that is ordered already.</summary>
internal static class Groups
{
    /// <summary>Takes runs of neighbours with the same key together; the order stays.</summary>
    public static IEnumerable<IReadOnlyList<T>> GroupAdjacent<T, TKey>(this IEnumerable<T> items, Func<T, TKey> key)
    {
        List<T>? group = null;
        var current = default(TKey);
        foreach (var item in items)
        {
            var next = key(item);
            if (group is not null && EqualityComparer<TKey>.Default.Equals(next, current))
            {
                group.Add(item);
                continue;
            }

            if (group is not null)
            {
                yield return group;
            }

            group = [item];
            current = next;
        }

        if (group is not null)
        {
            yield return group;
        }
    }
}
