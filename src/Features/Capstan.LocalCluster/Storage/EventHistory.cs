namespace Capstan.LocalCluster.Storage;

/// <summary>
/// The last events of one resource, which watches read with cursors of their own. A watch that falls behind what is kept is told so and
/// ends; it never skips an event silently.
/// </summary>
internal sealed class EventHistory(int capacity, long startsAfter)
{
    private readonly Lock _gate = new();
    private readonly StoreEvent?[] _ring = new StoreEvent?[capacity];
    private TaskCompletionSource? _waiting;
    private long _appended;
    private long _first;
    private long _forgottenUpTo = startsAfter;

    public void Append(StoreEvent change)
    {
        lock (_gate)
        {
            if (_appended - _first == _ring.Length)
            {
                ForgetFirst();
            }

            _ring[_appended % _ring.Length] = change;
            _appended++;
        }
    }

    /// <summary>Lets the events up to a revision go.</summary>
    public void ForgetUpTo(long revision)
    {
        lock (_gate)
        {
            while (_first < _appended && _ring[_first % _ring.Length]!.Revision <= revision)
            {
                ForgetFirst();
            }
        }
    }

    /// <summary>Wakes the watches; called once for a batch, after the batch can be read everywhere.</summary>
    public void Wake()
    {
        TaskCompletionSource? waiting;
        lock (_gate)
        {
            waiting = _waiting;
            _waiting = null;
        }

        waiting?.TrySetResult();
    }

    /// <summary>Ends when something was appended after the call.</summary>
    public Task WhenWoken()
    {
        lock (_gate)
        {
            return (_waiting ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Adds the events after a revision (and not after another) to a list, oldest first, at most as many as asked for.</summary>
    /// <returns>False when some of them are no longer kept.</returns>
    public bool TryRead(long after, long upTo, List<StoreEvent> into, int most)
    {
        lock (_gate)
        {
            if (after < _forgottenUpTo)
            {
                return false;
            }

            for (var index = FirstAfter(after); index < _appended && into.Count < most; index++)
            {
                var change = _ring[index % _ring.Length]!;
                if (change.Revision > upTo)
                {
                    break;
                }

                into.Add(change);
            }

            return true;
        }
    }

    /// <summary>Adds all events that are kept to a list.</summary>
    public void CopyTo(List<StoreEvent> into)
    {
        lock (_gate)
        {
            for (var index = _first; index < _appended; index++)
            {
                into.Add(_ring[index % _ring.Length]!);
            }
        }
    }

    private void ForgetFirst()
    {
        ref var slot = ref _ring[_first % _ring.Length];
        _forgottenUpTo = slot!.Revision;
        slot = null;
        _first++;
    }

    private long FirstAfter(long revision)
    {
        var low = _first;
        var high = _appended;
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            if (_ring[middle % _ring.Length]!.Revision <= revision)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
