namespace Capstan.GitHost.Protocol;

/// <summary>
/// The places in which git may work, shared out by peer: one that stalls or floods takes neither the places nor the memory of the others.
/// </summary>
/// <param name="options">How many there are.</param>
internal sealed class PeerPlaces(GitHostOptions options) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Peer> _peers = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _all = new(options.MaxConcurrent, options.MaxConcurrent);

    /// <summary>Lets a request of a peer in; to be disposed when it is answered.</summary>
    /// <exception cref="GitHostException">The peer has too many under way.</exception>
    public IDisposable Enter(string peer)
    {
        lock (_lock)
        {
            if (!_peers.TryGetValue(peer, out var known))
            {
                _peers[peer] = known = new Peer(options.MaxConcurrentPerPeer);
            }

            if (known.Requests == options.MaxRequestsPerPeer)
            {
                throw new GitHostException(GitHostProblem.Busy, $"more than {options.MaxRequestsPerPeer} of your requests are under way; try again when some are answered");
            }

            known.Requests++;
        }

        return new OnDispose(() => Leave(peer));
    }

    /// <summary>Waits for one of the places, for a peer that was let in.</summary>
    /// <exception cref="GitHostException">None came free in time.</exception>
    public async Task<IDisposable> TakeAsync(string peer, CancellationToken cancellation)
    {
        SemaphoreSlim own;
        lock (_lock)
        {
            own = _peers[peer].Places;
        }

        if (!await own.WaitAsync(options.QueueTime, cancellation).ConfigureAwait(false))
        {
            throw Busy();
        }

        try
        {
            if (!await _all.WaitAsync(options.QueueTime, cancellation).ConfigureAwait(false))
            {
                throw Busy();
            }
        }
        catch
        {
            own.Release();
            throw;
        }

        return new OnDispose(() =>
        {
            _all.Release();
            own.Release();
        });
    }

    public void Dispose()
    {
        _all.Dispose();
        lock (_lock)
        {
            foreach (var peer in _peers.Values)
            {
                peer.Places.Dispose();
            }
        }
    }

    private void Leave(string peer)
    {
        lock (_lock)
        {
            if (--_peers[peer].Requests == 0 && _peers.Remove(peer, out var gone))
            {
                gone.Places.Dispose();
            }
        }
    }

    private static GitHostException Busy() => new(GitHostProblem.Busy, "too many fetches and pushes are under way; try again in a moment");

    private sealed class Peer(int places)
    {
        public int Requests { get; set; }

        public SemaphoreSlim Places { get; } = new(places, places);
    }

    private sealed class OnDispose(Action action) : IDisposable
    {
        public void Dispose() => action();
    }
}
