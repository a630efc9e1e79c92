using System.Buffers;
using System.Threading.Channels;
using Capstan.LocalCluster.Node.Streaming.Spdy;

namespace Capstan.LocalCluster.Node.Streaming;

/// <summary>Remote commands over SPDY/3.1: a stream for each channel, opened by the client (clients before kubectl 1.31, and where WebSockets fail).</summary>
internal sealed class SpdyChannels : IRemoteChannels
{
    /// <summary>The protocols spoken, the best first. In older ones the end of a command was no JSON.</summary>
    public static readonly string[] Protocols = ["v4.channel.k8s.io"];

    private static readonly TimeSpan OpeningLimit = TimeSpan.FromSeconds(30);

    private readonly Dictionary<RemoteChannel, SpdyStream> _streams;
    private readonly Channel<RemoteInput> _inputs = Channel.CreateBounded<RemoteInput>(1);

    private SpdyChannels(Dictionary<RemoteChannel, SpdyStream> streams) => _streams = streams;

    /// <summary>Waits until the client has opened the streams of what it wants.</summary>
    /// <param name="connection">The client.</param>
    /// <param name="wish">What it wants.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="InvalidDataException">The client opens something else, or nothing within thirty seconds.</exception>
    public static async Task<SpdyChannels> OpenAsync(SpdyConnection connection, RemoteWish wish, CancellationToken cancellation)
    {
        var wanted = new Dictionary<string, RemoteChannel>(StringComparer.Ordinal) { ["error"] = RemoteChannel.Status };
        Add(wish.Input, "stdin", RemoteChannel.Input);
        Add(wish.Output, "stdout", RemoteChannel.Output);
        Add(wish.Error && !wish.Terminal, "stderr", RemoteChannel.Error);
        Add(wish.Terminal, "resize", RemoteChannel.Resize);
        var streams = new Dictionary<RemoteChannel, SpdyStream>();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(OpeningLimit);
        try
        {
            await foreach (var stream in connection.OpenedAsync(limit.Token).ConfigureAwait(false))
            {
                var kind = stream.Headers.GetValueOrDefault("streamtype", "");
                if (!wanted.TryGetValue(kind, out var channel) || !streams.TryAdd(channel, stream))
                {
                    throw new InvalidDataException($"A stream of type \"{kind}\" was not asked for.");
                }

                if (streams.Count == wanted.Count)
                {
                    return new SpdyChannels(streams);
                }
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // Said below.
        }

        throw new InvalidDataException($"The client opened {streams.Count} of the {wanted.Count} streams of its command.");

        void Add(bool asked, string name, RemoteChannel channel)
        {
            if (asked)
            {
                wanted[name] = channel;
            }
        }
    }

    /// <summary>Carries what the client sends to who reads, until it goes.</summary>
    /// <param name="gone">Ends when the client has gone.</param>
    /// <param name="cancellation">Ends it before.</param>
    public async Task RunAsync(Task gone, CancellationToken cancellation)
    {
        try
        {
            var carrying = _streams.Where(s => s.Key is RemoteChannel.Input or RemoteChannel.Resize).Select(s => CarryAsync(s.Key, s.Value, cancellation)).ToList();
            await Task.WhenAll([.. carrying, gone]).ConfigureAwait(false);
        }
        finally
        {
            _inputs.Writer.TryComplete();
        }
    }

    public async ValueTask<RemoteInput?> ReadAsync(CancellationToken cancellation) =>
        await _inputs.Reader.WaitToReadAsync(cancellation).ConfigureAwait(false) && _inputs.Reader.TryRead(out var input) ? input : null;

    public ValueTask WriteAsync(RemoteChannel channel, ReadOnlyMemory<byte> bytes, CancellationToken cancellation) =>
        _streams.TryGetValue(channel, out var stream) ? stream.WriteAsync(bytes, cancellation) : ValueTask.CompletedTask;

    public async ValueTask CloseAsync(CancellationToken cancellation)
    {
        foreach (var stream in _streams.Values)
        {
            await stream.CloseOutputAsync(cancellation).ConfigureAwait(false);
        }
    }

    private async Task CarryAsync(RemoteChannel channel, SpdyStream stream, CancellationToken cancellation)
    {
        while (true)
        {
            var read = await stream.Input.ReadAsync(cancellation).ConfigureAwait(false);
            if (!read.Buffer.IsEmpty)
            {
                await _inputs.Writer.WriteAsync(new RemoteInput(channel, read.Buffer.ToArray(), Ended: false), cancellation).ConfigureAwait(false);
            }

            stream.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                await _inputs.Writer.WriteAsync(new RemoteInput(channel, default, Ended: true), cancellation).ConfigureAwait(false);
                return;
            }
        }
    }
}
