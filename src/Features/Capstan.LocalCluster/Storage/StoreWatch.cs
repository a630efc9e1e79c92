namespace Capstan.LocalCluster.Storage;

/// <summary>One reader of a resource's events, from a revision on. For one caller at a time.</summary>
internal sealed class StoreWatch(ObjectStore store, EventHistory history, long after)
{
    private const int Most = 500;

    private readonly List<StoreEvent> _batch = [];

    /// <summary>Everything up to this revision was handed out.</summary>
    public long Position { get; private set; } = after;

    /// <summary>
    /// The events since the last call, oldest first; empty when there are none. Null when the watch fell behind what is kept: then it is over.
    /// </summary>
    public IReadOnlyList<StoreEvent>? Read()
    {
        _batch.Clear();

        // The revision is read before the events: what is committed meanwhile is left for the next call.
        var upTo = store.Revision;
        if (upTo <= Position)
        {
            return _batch;
        }

        if (!history.TryRead(Position, upTo, _batch, Most))
        {
            return null;
        }

        Position = _batch.Count == Most ? _batch[^1].Revision : upTo;
        return _batch;
    }

    /// <summary>Ends when there may be more events.</summary>
    public async Task WaitAsync(CancellationToken cancellation)
    {
        var woken = history.WhenWoken();
        if (store.Revision > Position && HasEvents())
        {
            return;
        }

        await woken.WaitAsync(cancellation).ConfigureAwait(false);
    }

    private bool HasEvents()
    {
        _batch.Clear();
        return !history.TryRead(Position, store.Revision, _batch, 1) || _batch.Count > 0;
    }
}
