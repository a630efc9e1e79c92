using System.Runtime.CompilerServices;

namespace Capstan.Kubernetes;

/// <summary>
/// The changes of a cache for one subscriber, in order. It never loses one and never holds more than one a key: a slow subscriber gets
/// the first old and the last new state of what changed meanwhile.
/// </summary>
public sealed class ChangeFeed : IDisposable
{
    private const int Batch = 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<object, CacheChange> _pending = [];
    private readonly Queue<object> _order = new();
    private readonly SemaphoreSlim _some = new(0, 1);
    private readonly Action<ChangeFeed> _unsubscribe;
    private bool _signalled;

    internal ChangeFeed(Action<ChangeFeed> unsubscribe) => _unsubscribe = unsubscribe;

    /// <summary>The changes as they come, in batches; ends only by the token. For one reader.</summary>
    public async IAsyncEnumerable<IReadOnlyList<CacheChange>> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        while (true)
        {
            await _some.WaitAsync(cancellation).ConfigureAwait(false);
            while (Take() is { Count: > 0 } batch)
            {
                yield return batch;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _unsubscribe(this);

    internal void Add(CacheChange change)
    {
        lock (_lock)
        {
            object key = change switch
            {
                ObjectChanged changed => changed.Key,
                KindChanged changed => changed.State.Kind,
                _ => typeof(ClusterChanged),
            };
            if (!_pending.TryGetValue(key, out var known))
            {
                _pending.Add(key, change);
                Enqueue(key);
            }
            else if (change is ObjectChanged { New: null } && known is ObjectChanged { Old: null })
            {
                // It came and went unseen.
                _pending.Remove(key);
            }
            else
            {
                _pending[key] = change is ObjectChanged now ? now with { Old = ((ObjectChanged)known).Old } : change;
            }
        }
    }

    private void Enqueue(object key)
    {
        _order.Enqueue(key);
        if (_order.Count > 256 && _order.Count > _pending.Count * 2)
        {
            // Places of what came and went unseen; the first place of each key that is pending counts.
            var seen = new HashSet<object>();
            for (var left = _order.Count; left > 0; left--)
            {
                var next = _order.Dequeue();
                if (_pending.ContainsKey(next) && seen.Add(next))
                {
                    _order.Enqueue(next);
                }
            }
        }

        if (!_signalled)
        {
            _signalled = true;
            _some.Release();
        }
    }

    private List<CacheChange> Take()
    {
        lock (_lock)
        {
            var batch = new List<CacheChange>(Math.Min(_pending.Count, Batch));
            while (batch.Count < Batch && _order.TryDequeue(out var key))
            {
                if (_pending.Remove(key, out var change))
                {
                    batch.Add(change);
                }
            }

            if (batch.Count == 0)
            {
                _signalled = false;
            }

            return batch;
        }
    }
}
