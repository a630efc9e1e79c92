using System.Net;
using Capstan.Access.Requests;
using Microsoft.AspNetCore.Connections;

namespace Capstan.Server.Guarding;

/// <summary>Counts the connections of each peer and closes at once what one opens beyond its share, before a byte of it is read.</summary>
/// <param name="most">How many one peer may have open.</param>
/// <param name="trusted">Networks of proxies, which speak for many and are not counted.</param>
internal sealed class PeerConnections(int most, IReadOnlyList<IPNetwork> trusted)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _open = new(StringComparer.Ordinal);

    public ConnectionDelegate Guard(ConnectionDelegate next) => async connection =>
    {
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address;
        if (address is not null && trusted.Any(network => network.Contains(address)))
        {
            await next(connection).ConfigureAwait(false);
            return;
        }

        var peer = Peer.Of(address);
        if (!TryEnter(peer))
        {
            connection.Abort(new ConnectionAbortedException($"more than {most} connections of one peer"));
            return;
        }

        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            Leave(peer);
        }
    };

    private bool TryEnter(string peer)
    {
        lock (_lock)
        {
            var open = _open.GetValueOrDefault(peer);
            if (open >= most)
            {
                return false;
            }

            _open[peer] = open + 1;
            return true;
        }
    }

    private void Leave(string peer)
    {
        lock (_lock)
        {
            if (--_open[peer] == 0)
            {
                _open.Remove(peer);
            }
        }
    }
}
