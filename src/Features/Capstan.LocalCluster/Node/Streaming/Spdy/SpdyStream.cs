using System.IO.Pipelines;

namespace Capstan.LocalCluster.Node.Streaming.Spdy;

/// <summary>One stream of a SPDY connection, opened by the peer. Each side may end its half and still hear the other.</summary>
internal sealed class SpdyStream
{
    // A peer that sends faster than the program reads is held back here.
    private static readonly PipeOptions Held = new(pauseWriterThreshold: 256 * 1024, resumeWriterThreshold: 128 * 1024, useSynchronizationContext: false);

    private readonly SpdyConnection _connection;
    private readonly Pipe _input = new(Held);
    private bool _outputEnded;

    internal SpdyStream(SpdyConnection connection, int id, IReadOnlyDictionary<string, string> headers)
    {
        (_connection, Id, Headers) = (connection, id, headers);
    }

    /// <summary>Its number.</summary>
    public int Id { get; }

    /// <summary>The headers with which it was opened, their names in lower case.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>What comes from the peer.</summary>
    public PipeReader Input => _input.Reader;

    internal PipeWriter Received => _input.Writer;

    internal bool InputEnded { get; private set; }

    internal bool OutputEnded => _outputEnded;

    /// <summary>Sends to the peer.</summary>
    /// <exception cref="IOException">The connection is gone.</exception>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation) =>
        _outputEnded ? ValueTask.CompletedTask : _connection.SendDataAsync(Id, bytes, ends: false, cancellation);

    /// <summary>Says that nothing more is sent.</summary>
    /// <exception cref="IOException">The connection is gone.</exception>
    public async ValueTask CloseOutputAsync(CancellationToken cancellation)
    {
        if (_outputEnded)
        {
            return;
        }

        _outputEnded = true;
        await _connection.SendDataAsync(Id, ReadOnlyMemory<byte>.Empty, ends: true, cancellation).ConfigureAwait(false);
        _connection.Forget(this);
    }

    /// <summary>Ends both halves at once; what still comes is let go.</summary>
    /// <exception cref="IOException">The connection is gone.</exception>
    public async ValueTask ResetAsync(CancellationToken cancellation)
    {
        _outputEnded = true;
        await _input.Reader.CompleteAsync().ConfigureAwait(false);
        await _connection.ResetAsync(Id, SpdyReset.Cancel, cancellation).ConfigureAwait(false);
        _connection.Remove(this);
    }

    /// <summary>The peer sends no more. Called by the connection's reader alone, which alone writes into the pipe.</summary>
    internal void EndInput()
    {
        if (InputEnded)
        {
            return;
        }

        InputEnded = true;
        Received.Complete();
        _connection.Forget(this);
    }
}
