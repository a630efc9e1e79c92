namespace Capstan.LocalCluster.Storage;

/// <summary>
/// Bounds the bytes that the events of all resources hold together: the oldest events of the whole store are forgotten first. For the one
/// writer of the store.
/// </summary>
internal sealed class HistoryBudget(long mostBytes)
{
    // What an event costs besides its bytes.
    private const int EventBytes = 200;

    private readonly Queue<(EventHistory History, long Revision, long Bytes)> _kept = new();
    private long _bytes;

    /// <summary>Takes an event in that was appended to a history.</summary>
    public void Charge(EventHistory history, StoreEvent change)
    {
        // What lives on for this event alone: the object before the change. The one after it is the current one, or the next event's before.
        long bytes = EventBytes + (change.Previous?.Size ?? 0) + (change.Kind == StoreEventKind.Deleted ? change.Object.Size : 0);
        _kept.Enqueue((history, change.Revision, bytes));
        _bytes += bytes;
        while (_bytes > mostBytes && _kept.Count > 1)
        {
            var oldest = _kept.Dequeue();
            _bytes -= oldest.Bytes;
            oldest.History.ForgetUpTo(oldest.Revision);
        }
    }
}
