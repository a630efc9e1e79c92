namespace Capstan.LocalCluster.Storage;

internal enum StoreEventKind : byte
{
    Added = 1,
    Modified = 2,
    Deleted = 3,
}

/// <summary>One committed change.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Object">The object after the change; for a deletion its last state with the revision of the deletion.</param>
/// <param name="Previous">The version before; null for an addition.</param>
internal sealed record StoreEvent(StoreEventKind Kind, StoredObject Object, StoredObject? Previous)
{
    public long Revision => Object.Revision;
}
