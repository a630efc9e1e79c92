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
        // The object before the change may live on for this event alone, so it is counted too.
        long bytes = EventBytes + change.Object.Json.Length + (change.Previous?.Json.Length ?? 0);
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
