namespace Capstan.Resources;

/// <summary>Who owns the fields of a live object, as comparison asks.</summary>
internal sealed class FieldOwners
{
    private readonly IReadOnlyList<ManagedEntry> _entries;
    private readonly IReadOnlySet<string> _own;

    public FieldOwners(KubernetesObject live, DiffOptions options)
    {
        _entries = ManagedFields.ParseOrEmpty(live);
        _own = options.OwnManagers;
        Ours = _entries.Where(IsOurs).Aggregate(FieldSet.Empty, (all, e) => all.Union(e.Fields));
        Others = _entries.Where(e => !IsOurs(e)).Aggregate(FieldSet.Empty, (all, e) => all.Union(e.Fields));
    }

    /// <summary>What we own.</summary>
    public FieldSet Ours { get; }

    /// <summary>What others own.</summary>
    public FieldSet Others { get; }

    /// <summary>Who wrote a field last: the owner of it or of the nearest place above it, others before ourselves.</summary>
    public ManagedEntry? WriterOf(FieldPath path)
    {
        for (var length = path.Elements.Count; length > 0; length--)
        {
            var prefix = new FieldPath([.. path.Elements.Take(length)]);
            var owners = _entries.Where(e => e.Fields.Has(prefix) || (length == path.Elements.Count && !e.Fields.Below(prefix).IsEmpty)).ToList();
            if (owners.Count > 0)
            {
                return owners.OrderBy(IsOurs).ThenByDescending(e => e.Time).First();
            }
        }

        return null;
    }

    private bool IsOurs(ManagedEntry entry) => _own.Contains(entry.Manager) && entry.Operation == ManagedOperation.Apply;
}
