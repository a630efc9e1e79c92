using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Capstan.LocalCluster.Node.Running;
using Microsoft.Extensions.Logging;

namespace Capstan.LocalCluster.Node.Network;

/// <summary>The cluster's name server: tells the cluster's own names, and asks the machine's name servers for all others.</summary>
internal sealed class ClusterDns : IAsyncDisposable
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(10);
    private const int MostDatagram = 512;
    private const int MostBytes = 65_535;
    private const int MostAtOnce = 256;

    private readonly Socket _datagrams;
    private readonly Socket _connections;
    private readonly ClusterNames _names;
    private readonly Func<IReadOnlyList<IPEndPoint>> _upstream;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _room = new(MostAtOnce);
    private readonly Task _running;

    private ClusterDns(Socket datagrams, Socket connections, ClusterNames names, Func<IReadOnlyList<IPEndPoint>> upstream, ILogger log)
    {
        (_datagrams, _connections, _names, _upstream, _log) = (datagrams, connections, names, upstream, log);
        _running = Task.WhenAll(DatagramsAsync(), ConnectionsAsync());
    }

    /// <summary>Begins to listen.</summary>
    /// <param name="listen">Where.</param>
    /// <param name="names">The cluster's own names.</param>
    /// <param name="upstream">Who is asked for others.</param>
    /// <param name="log">Where it logs.</param>
    /// <exception cref="SocketException">The address is taken or not this machine's.</exception>
    public static ClusterDns Start(IPEndPoint listen, ClusterNames names, Func<IReadOnlyList<IPEndPoint>> upstream, ILogger log)
    {
        var datagrams = new Socket(listen.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        var connections = new Socket(listen.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            connections.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            datagrams.Bind(listen);
            connections.Bind(listen);
            connections.Listen(128);
            return new ClusterDns(datagrams, connections, names, upstream, log);
        }
        catch
        {
            datagrams.Dispose();
            connections.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _datagrams.Dispose();
        _connections.Dispose();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task DatagramsAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            await _room.WaitAsync(_stopping.Token).ConfigureAwait(false);
            var buffer = new byte[MostDatagram * 8];
            try
            {
                var read = await _datagrams.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stopping.Token).ConfigureAwait(false);
                _ = ReplyAsync(buffer.AsMemory(0, read.ReceivedBytes), read.RemoteEndPoint);
            }
            catch (SocketException lost)
            {
                _room.Release();
                _log.RelayEnded("the name server", lost.Message);
            }
        }
    }

    private async Task ReplyAsync(ReadOnlyMemory<byte> message, EndPoint caller)
    {
        try
        {
            if (await AnswerAsync(message, MostDatagram, ProtocolType.Udp).ConfigureAwait(false) is { } answer)
            {
                await _datagrams.SendToAsync(answer, caller, _stopping.Token).ConfigureAwait(false);
            }
        }
        catch (Exception lost) when (lost is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            _log.RelayEnded("the name server", lost.Message);
        }
        finally
        {
            _room.Release();
        }
    }

    private async Task ConnectionsAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            await _room.WaitAsync(_stopping.Token).ConfigureAwait(false);
            _ = ServeAsync(await _connections.AcceptAsync(_stopping.Token).ConfigureAwait(false));
        }
    }

    // Over TCP each message has its length before it (RFC 1035, 4.2.2).
    private async Task ServeAsync(Socket caller)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        var stream = new NetworkStream(caller, ownsSocket: true);
        await using var disposing = stream.ConfigureAwait(false);
        var length = new byte[2];
        try
        {
            while (true)
            {
                limit.CancelAfter(IdleLimit);
                await stream.ReadExactlyAsync(length, limit.Token).ConfigureAwait(false);
                var message = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
                await stream.ReadExactlyAsync(message, limit.Token).ConfigureAwait(false);
                if (await AnswerAsync(message, MostBytes, ProtocolType.Tcp).ConfigureAwait(false) is not { } answer)
                {
                    return;
                }

                BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)answer.Length);
                await stream.WriteAsync((byte[])[.. length, .. answer], limit.Token).ConfigureAwait(false);
            }
        }
        catch (Exception end) when (end is IOException or OperationCanceledException or SocketException)
        {
            _log.RelayEnded("the name server", end.Message);
        }
        finally
        {
            _room.Release();
        }
    }

    private async Task<byte[]?> AnswerAsync(ReadOnlyMemory<byte> message, int most, ProtocolType protocol)
    {
        if (DnsMessage.Read(message.Span) is not { } question)
        {
            return null;
        }

        if (ClusterNames.IsOwn(question.Name))
        {
            var found = _names.Find(question);
            return DnsMessage.Write(message.Span, question, found is null ? DnsMessage.NoSuchName : DnsMessage.NoError, found ?? [], most);
        }

        foreach (var server in _upstream())
        {
            if (await AskAsync(server, message, protocol).ConfigureAwait(false) is { } answer)
            {
                return answer;
            }
        }

        return DnsMessage.Write(message.Span, question, DnsMessage.ServerFailure, [], most);
    }

    private async Task<byte[]?> AskAsync(IPEndPoint server, ReadOnlyMemory<byte> message, ProtocolType protocol)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        limit.CancelAfter(AnswerLimit);
        try
        {
            if (protocol == ProtocolType.Udp)
            {
                using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
                await socket.ConnectAsync(server, limit.Token).ConfigureAwait(false);
                await socket.SendAsync(message, limit.Token).ConfigureAwait(false);
                var buffer = new byte[MostDatagram * 8];
                var read = await socket.ReceiveAsync(buffer, limit.Token).ConfigureAwait(false);
                return buffer[..read];
            }

            using var client = new TcpClient(server.AddressFamily);
            await client.ConnectAsync(server, limit.Token).ConfigureAwait(false);
            var stream = client.GetStream();
            var length = new byte[2];
            BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)message.Length);
            await stream.WriteAsync((byte[])[.. length, .. message.Span], limit.Token).ConfigureAwait(false);
            await stream.ReadExactlyAsync(length, limit.Token).ConfigureAwait(false);
            var answer = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
            await stream.ReadExactlyAsync(answer, limit.Token).ConfigureAwait(false);
            return answer;
        }
        catch (Exception failure) when (failure is SocketException or IOException || (failure is OperationCanceledException && !_stopping.IsCancellationRequested))
        {
            _log.RelayEnded($"the name server {server}", failure.Message);
            return null;
        }
    }
}
