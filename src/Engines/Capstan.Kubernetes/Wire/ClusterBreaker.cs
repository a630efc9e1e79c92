namespace Capstan.Kubernetes;

/// <summary>
/// Answers at once, for a short while, that a cluster is not reachable when it was not for several requests in a row, so that work on it
/// does not pile up behind time-outs. One request after each pause finds out whether it is back.
/// </summary>
internal sealed class ClusterBreaker(TimeProvider time)
{
    private const int Tolerated = 3;
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private int _failures;
    private long _openedAt;
    private TimeSpan _pause;
    private string _cause = "";

    public void ThrowIfOpen(ClusterConnection connection)
    {
        lock (_lock)
        {
            if (_failures < Tolerated)
            {
                return;
            }

            if (time.GetElapsedTime(_openedAt) >= _pause)
            {
                // This request is the probe; the others wait for what it finds.
                _openedAt = time.GetTimestamp();
                return;
            }

            throw new ClusterUnreachableException(connection.ToString(), _cause, neverSent: true);
        }
    }

    public void Succeeded()
    {
        if (Volatile.Read(ref _failures) == 0)
        {
            return;
        }

        lock (_lock)
        {
            _failures = 0;
            _pause = TimeSpan.Zero;
        }
    }

    public void Failed(ClusterUnreachableException error)
    {
        lock (_lock)
        {
            _failures++;
            _cause = error.Cause;
            _openedAt = time.GetTimestamp();
            _pause = _pause == TimeSpan.Zero ? First : _pause * 2 < Longest ? _pause * 2 : Longest;
        }
    }
}
