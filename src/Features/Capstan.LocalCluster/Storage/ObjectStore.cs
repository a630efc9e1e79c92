using System.Collections.Concurrent;
using System.Threading.Channels;
using Capstan.Faults;

namespace Capstan.LocalCluster.Storage;

/// <summary>
/// Every object of the cluster: the current state in memory for readers, each change in SQLite before anybody sees it. One writer
/// takes all pending changes into one transaction, so that a disk flush is shared by everyone who waits for it.
/// </summary>
internal sealed class ObjectStore : IAsyncDisposable
{
    private readonly RevisionLog _log;
    private readonly Lock _appending = new();
    private readonly Channel<Pending> _pending;
    private readonly ConcurrentDictionary<string, ResourceTable> _tables = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, EventHistory> _histories = new(StringComparer.Ordinal);
    private readonly HistoryBudget _budget = new(StoreLimits.HistoryBytes);
    private readonly Lock _publishing = new();
    private readonly Task _writer;
    private readonly long _oldestKnown;
    private long _revision;
    private List<StoreEvent> _late = [];

    private ObjectStore(RevisionLog log)
    {
        _log = log;
        var loaded = log.Load();
        _revision = loaded.Revision;
        _oldestKnown = loaded.HistoryStartsAfter;
        foreach (var table in loaded.Current.GroupBy(o => o.Key.Resource, StringComparer.Ordinal))
        {
            _tables[table.Key] = table.Aggregate(ResourceTable.Empty, (all, item) => all.With(item));
        }

        foreach (var change in loaded.Events)
        {
            Remember(History(change.Object.Key.Resource), change);
        }

        _pending = Channel.CreateBounded<Pending>(new BoundedChannelOptions(StoreLimits.QueuedWrites) { SingleReader = true });
        _writer = Task.Run(WriteAllAsync);
    }

    /// <summary>The newest revision that can be read.</summary>
    public long Revision => Volatile.Read(ref _revision);

    /// <summary>
    /// Told of every batch of changes in the order of commits, before their writers hear that they are done; must be quick and must not throw.
    /// Set it before anything is written.
    /// </summary>
    public Action<IReadOnlyList<StoreEvent>>? Committed { get; set; }

    /// <summary>Opens or makes the store.</summary>
    /// <param name="file">The database file.</param>
    /// <param name="maxBytes">The largest size of the database, in bytes; 0 for no limit but the disk's.</param>
    /// <exception cref="StoreUnavailableException">The file is used by another process, damaged, or of a newer version.</exception>
    public static ObjectStore Open(string file, long maxBytes = 0)
    {
        var log = RevisionLog.Open(file, maxBytes);
        try
        {
            return new ObjectStore(log);
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    /// <summary>Whether a resource has objects, at this moment and without waiting for anybody.</summary>
    public bool HasAny(string resource) => Table(resource).Count > 0;

    public StoredObject? Get(StoreKey key) => Table(key.Resource).Get(key.Namespace, key.Name);

    /// <summary>All objects of a resource at one revision: a watch from there neither repeats nor loses anything.</summary>
    public (ResourceTable Table, long Revision) Snapshot(string resource)
    {
        lock (_publishing)
        {
            return (Table(resource), _revision);
        }
    }

    /// <summary>Watches a resource from a revision on. Null when the events since then are no longer kept, or the revision is not of this store.</summary>
    public StoreWatch? Watch(string resource, long after)
    {
        var history = History(resource);
        return after <= Revision && history.TryRead(after, after, [], 0) ? new StoreWatch(this, history, after) : null;
    }

    /// <summary>The resources that have objects.</summary>
    public IEnumerable<string> Resources => _tables.Where(t => t.Value.Count > 0).Select(t => t.Key);

    /// <summary>Writes; ends when the change is on disk and readable, or refused.</summary>
    /// <exception cref="StoreUnavailableException">The disk is full or failing, or the store is closing; nothing was written.</exception>
    public async Task<StoreResult> WriteAsync(StoreWrite write, CancellationToken cancellation)
    {
        var pending = new Pending(write);
        try
        {
            await _pending.Writer.WriteAsync(pending, cancellation).ConfigureAwait(false);
        }
        catch (ChannelClosedException error)
        {
            throw new StoreUnavailableException("the store is closing; nothing was written", error);
        }

        // From here on the change may be committed at any moment, so the caller waits for the answer even when it is cancelled.
        return await pending.Done.Task.ConfigureAwait(false);
    }

    /// <summary>Keeps everything in less room, at the price of some work now and a little at each reading. For a moment in which little happens.</summary>
    public void Shrink()
    {
        foreach (var item in _tables.Values.SelectMany(t => t.In(null)))
        {
            item.Shrink();
        }

        var events = new List<StoreEvent>();
        foreach (var history in _histories.Values)
        {
            history.CopyTo(events);
        }

        foreach (var change in events)
        {
            change.Object.Shrink();
            change.Previous?.Shrink();
        }
    }

    /// <summary>Writes everything into a new file that a store can be opened on, as it is at one moment. Writes wait meanwhile.</summary>
    /// <exception cref="StoreUnavailableException">The file cannot be written.</exception>
    public Task CopyIntoAsync(string file, CancellationToken cancellation) => Task.Run(() =>
    {
        lock (_appending)
        {
            _log.CopyInto(file);
        }
    }, cancellation);

    public async ValueTask DisposeAsync()
    {
        _pending.Writer.TryComplete();
        await _writer.ConfigureAwait(false);
        _log.Dispose();
    }

    private void Remember(EventHistory history, StoreEvent change)
    {
        history.Append(change);
        _budget.Charge(history, change);
    }

    private ResourceTable Table(string resource) => _tables.GetValueOrDefault(resource, ResourceTable.Empty);

    private EventHistory History(string resource) =>
        _histories.GetOrAdd(resource, static (_, oldest) => new EventHistory(StoreLimits.HistoryPerResource, oldest), _oldestKnown);

    private async Task WriteAllAsync()
    {
        var batch = new List<Pending>(StoreLimits.BatchWrites);
        while (await _pending.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            batch.Clear();
            while (batch.Count < StoreLimits.BatchWrites && _pending.Reader.TryRead(out var next))
            {
                batch.Add(next);
            }

            WriteBatch(batch);
        }
    }

    private void WriteBatch(List<Pending> batch)
    {
        try
        {
            var changes = new BatchChanges(Get, Revision);
            foreach (var pending in batch)
            {
                pending.Result = changes.Apply(pending.Write);
            }

            if (changes.Events.Count > 0)
            {
                lock (_appending)
                {
                    _log.Append(Due(changes.Events));
                }

                Publish(changes.Events);
            }
        }
        catch (Exception error)
        {
            // The edge of the writer: whatever went wrong, the callers hear of it and the next batch is tried.
            var reason = error as StoreUnavailableException ?? new StoreUnavailableException($"the write failed and nothing was kept: {error.Message}", error);
            foreach (var pending in batch)
            {
                pending.Done.TrySetException(reason);
            }

            return;
        }

        foreach (var pending in batch)
        {
            pending.Done.TrySetResult(pending.Result);
        }
    }

    private List<StoreEvent> Due(List<StoreEvent> events)
    {
        if (SeededBugs.Has(SeededBugs.LoseDeletions))
        {
            return [.. events.Where(e => e.Kind != StoreEventKind.Deleted)];
        }

        if (SeededBugs.Has(SeededBugs.CommitFirstOfBatch))
        {
            return [events[0]];
        }

        if (SeededBugs.Has(SeededBugs.TearRows))
        {
            return [.. events.Select(e => e.Revision % 20 != 0 ? e : e with { Object = new StoredObject(e.Object.Key, e.Revision, e.Object.Json[..(e.Object.Json.Length / 2)]) })];
        }

        if (!SeededBugs.Has(SeededBugs.AcknowledgeBeforeCommit))
        {
            return events;
        }

        (var due, _late) = (_late, events);
        return due;
    }

    private void Publish(List<StoreEvent> events)
    {
        var touched = new HashSet<EventHistory>();
        lock (_publishing)
        {
            foreach (var change in events)
            {
                var key = change.Object.Key;
                var history = History(key.Resource);
                Remember(history, change);
                touched.Add(history);
                var table = Table(key.Resource);
                _tables[key.Resource] = change.Kind == StoreEventKind.Deleted ? table.Without(key) : table.With(change.Object);
            }

            Volatile.Write(ref _revision, events[^1].Revision);
        }

        Committed?.Invoke(events);

        foreach (var history in touched)
        {
            history.Wake();
        }
    }

    private sealed class Pending(StoreWrite write)
    {
        public StoreWrite Write { get; } = write;

        public TaskCompletionSource<StoreResult> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public StoreResult Result { get; set; }
    }
}
