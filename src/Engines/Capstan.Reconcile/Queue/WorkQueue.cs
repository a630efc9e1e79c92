using System.Diagnostics.CodeAnalysis;

namespace Capstan.Reconcile;

/// <summary>
/// A queue of keys that are due for work. A key is in it once however often it is added; it is worked on by one worker at a time; added
/// while it is worked on, it comes again afterwards. What a person waits for comes first, then one key of each share in turn, so that a
/// share with thousands of keys keeps no other waiting; within a share first come, first served.
/// </summary>
/// <typeparam name="TKey">What identifies a piece of work.</typeparam>
public sealed class WorkQueue<TKey> : IDisposable
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly ReadyKeys<TKey> _ready;
    private readonly HashSet<TKey> _running = [];
    private readonly Dictionary<TKey, bool> _again = [];
    private readonly Dictionary<TKey, long> _due = [];
    private readonly PriorityQueue<TKey, long> _delayed = new();
    private readonly SemaphoreSlim _items = new(0);
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly int _limit;
    private bool _disposed;

    /// <summary>Makes an empty queue.</summary>
    /// <param name="time">The clock of delayed adds; durations are taken from its monotonic time stamp.</param>
    /// <param name="limit">How many different keys may be in the queue, delayed ones included.</param>
    /// <param name="share">
    /// Whose share of the work a key is, a project say; null when all are one. It is asked when the key becomes ready and must answer at once.
    /// </param>
    public WorkQueue(TimeProvider time, int limit = 1_000_000, Func<TKey, string>? share = null)
    {
        _time = time;
        _ready = new ReadyKeys<TKey>(share ?? (static _ => ""));
        _limit = limit;
        _timer = time.CreateTimer(static queue => ((WorkQueue<TKey>)queue!).Ripen(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How many keys are ready to be worked on.</summary>
    public int Ready
    {
        get
        {
            lock (_lock)
            {
                return _ready.Count;
            }
        }
    }

    /// <summary>How many keys are being worked on.</summary>
    public int Running
    {
        get
        {
            lock (_lock)
            {
                return _running.Count;
            }
        }
    }

    /// <summary>How many keys wait for their time.</summary>
    public int Delayed
    {
        get
        {
            lock (_lock)
            {
                return _due.Count;
            }
        }
    }

    /// <summary>Adds a key; a delay that it had is over.</summary>
    /// <param name="key">The key.</param>
    /// <param name="urgent">Whether somebody waits for it, so that it goes before all that is not urgent.</param>
    /// <returns>False when the queue is full and the key was not taken: a later resync has to bring it again.</returns>
    public bool Add(TKey key, bool urgent = false)
    {
        lock (_lock)
        {
            _due.Remove(key);
            return AddReady(key, urgent);
        }
    }

    /// <summary>Adds a key after a delay. Of two delays the shorter one counts.</summary>
    /// <returns>False when the queue is full and the key was not taken.</returns>
    public bool AddAfter(TKey key, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero)
        {
            return Add(key);
        }

        lock (_lock)
        {
            if (_disposed)
            {
                return false;
            }

            if (_ready.Contains(key))
            {
                return true;
            }

            // Rounded up: a timer that fires a little early must never find its key not yet due.
            var at = _time.GetTimestamp() + (long)Math.Ceiling(delay.TotalSeconds * _time.TimestampFrequency);
            if (_due.TryGetValue(key, out var known) && known <= at)
            {
                return true;
            }

            if (!_due.ContainsKey(key) && Size() >= _limit)
            {
                return false;
            }

            _due[key] = at;
            _delayed.Enqueue(key, at);
            Compact();
            Arm();
            return true;
        }
    }

    /// <summary>Waits for a key and takes it. <see cref="Done"/> must follow.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<TKey> TakeAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await _items.WaitAsync(cancellation).ConfigureAwait(false);
            if (TryTakeNow(out var key))
            {
                return key;
            }
        }
    }

    /// <summary>Tells that the work on a key is over; when it was added meanwhile it is ready again.</summary>
    public void Done(TKey key)
    {
        lock (_lock)
        {
            _running.Remove(key);
            if (_again.Remove(key, out var urgent))
            {
                AddReady(key, urgent);
            }
        }
    }

    /// <summary>Forgets a key that waits for its time; one that is ready or running stays.</summary>
    public void CancelDelay(TKey key)
    {
        lock (_lock)
        {
            _due.Remove(key);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
        }

        _timer.Dispose();
        _items.Dispose();
    }

    private bool TryTakeNow([MaybeNullWhen(false)] out TKey key)
    {
        lock (_lock)
        {
            if (!_ready.TryTake(out key))
            {
                return false;
            }

            _running.Add(key);
            return true;
        }
    }

    private bool AddReady(TKey key, bool urgent)
    {
        if (_disposed)
        {
            return false;
        }

        if (_running.Contains(key))
        {
            _again[key] = urgent || _again.GetValueOrDefault(key);
            return true;
        }

        if (!_ready.Contains(key) && Size() >= _limit)
        {
            return false;
        }

        if (_ready.Add(key, urgent))
        {
            _items.Release();
        }

        return true;
    }

    private int Size() => _ready.Count + _due.Count;

    private void Ripen()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            var now = _time.GetTimestamp();
            while (_delayed.TryPeek(out var key, out var at) && at <= now)
            {
                _delayed.Dequeue();

                // A stale entry: the key was added at once, or with a shorter delay, since.
                if (_due.TryGetValue(key, out var due) && due == at)
                {
                    _due.Remove(key);
                    AddReady(key, urgent: false);
                }
            }

            Arm();
        }
    }

    private void Arm()
    {
        while (_delayed.TryPeek(out var key, out var at))
        {
            if (_due.TryGetValue(key, out var due) && due == at)
            {
                var wait = _time.GetElapsedTime(_time.GetTimestamp(), at);

                // Timers count whole milliseconds; rounding down would spin until the rest has passed.
                var whole = TimeSpan.FromMilliseconds(Math.Min(Math.Ceiling(Math.Max(wait.TotalMilliseconds, 1)), int.MaxValue));
                _timer.Change(whole, Timeout.InfiniteTimeSpan);
                return;
            }

            _delayed.Dequeue();
        }
    }

    // Superseded delays are left in the heap; a key that is delayed again and again must not make it grow.
    private void Compact()
    {
        if (_delayed.Count <= 64 || _delayed.Count <= _due.Count * 2)
        {
            return;
        }

        _delayed.Clear();
        foreach (var (key, at) in _due)
        {
            _delayed.Enqueue(key, at);
        }
    }
}
