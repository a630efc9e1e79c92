using System.Globalization;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Storage;

/// <summary>What a batch of writes amounts to: each is judged against the state that the ones before it in the batch leave.</summary>
internal sealed class BatchChanges(Func<StoreKey, StoredObject?> committed, long revision)
{
    private readonly Dictionary<StoreKey, StoredObject?> _overlay = [];
    private long _revision = revision;

    public List<StoreEvent> Events { get; } = [];

    public StoreResult Apply(StoreWrite write)
    {
        var current = _overlay.TryGetValue(write.Key, out var changed) ? changed : committed(write.Key);
        if (write.Verb == StoreVerb.Create)
        {
            return current is null
                ? Add(StoreEventKind.Added, write, null)
                : new StoreResult(StoreOutcome.AlreadyExists, current);
        }

        if (current is null)
        {
            return new StoreResult(StoreOutcome.NotFound, null);
        }

        if (current.Revision != write.ExpectedRevision)
        {
            return new StoreResult(StoreOutcome.Conflict, current);
        }

        return Add(write.Verb == StoreVerb.Update ? StoreEventKind.Modified : StoreEventKind.Deleted, write, current);
    }

    private StoreResult Add(StoreEventKind kind, StoreWrite write, StoredObject? previous)
    {
        var revision = ++_revision;
        var tree = write.Body.WithAt(["metadata", "resourceVersion"], revision.ToString(CultureInfo.InvariantCulture));
        var item = new StoredObject(write.Key, revision, JsonText.WriteBytes(tree), tree);
        Events.Add(new StoreEvent(kind, item, previous));
        _overlay[write.Key] = kind == StoreEventKind.Deleted ? null : item;
        return new StoreResult(StoreOutcome.Written, item);
    }
}
