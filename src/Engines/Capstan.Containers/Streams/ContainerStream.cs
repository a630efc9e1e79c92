using Docker.DotNet;

namespace Capstan.Containers.Streams;

/// <summary>Which stream a piece of output was written to.</summary>
public enum OutputKind
{
    /// <summary>Standard output; with a terminal everything.</summary>
    Output,

    /// <summary>Standard error.</summary>
    Error,
}

/// <summary>A piece of output.</summary>
/// <param name="Kind">Where it was written to.</param>
/// <param name="Bytes">What was written; valid until the next read.</param>
public readonly record struct OutputPiece(OutputKind Kind, ReadOnlyMemory<byte> Bytes);

/// <summary>The streams of a program in a container. Reading and writing may go on at the same time, each by one caller.</summary>
public sealed class ContainerStream : IDisposable
{
    private readonly MultiplexedStream _stream;
    private readonly EngineCall _call;
    private readonly string _what;
    private readonly byte[] _buffer = new byte[32 * 1024];

    internal ContainerStream(MultiplexedStream stream, EngineCall call, string what) => (_stream, _call, _what) = (stream, call, what);

    /// <summary>The next piece of output; null at the end.</summary>
    /// <exception cref="ContainerEngineException">The engine broke off.</exception>
    public async Task<OutputPiece?> ReadAsync(CancellationToken cancellation)
    {
        // The client does not always notice a cancellation while it reads; closing the connection does.
        using var closing = cancellation.Register(static stream => ((MultiplexedStream)stream!).Dispose(), _stream);
        try
        {
            var read = await _stream.ReadOutputAsync(_buffer, 0, _buffer.Length, cancellation).ConfigureAwait(false);
            return read.Count == 0 ? null : new OutputPiece(read.Target == MultiplexedStream.TargetStream.StandardError ? OutputKind.Error : OutputKind.Output, _buffer.AsMemory(0, read.Count));
        }
        catch (Exception failure) when (cancellation.IsCancellationRequested && failure is IOException or ObjectDisposedException or OperationCanceledException)
        {
            throw new OperationCanceledException(failure.Message, failure, cancellation);
        }
        catch (Exception failure) when (_call.Translate(_what, failure) is { } translated)
        {
            throw translated;
        }
    }

    /// <summary>Writes to standard input.</summary>
    /// <exception cref="ContainerEngineException">The program no longer reads, or the engine broke off.</exception>
    public async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        try
        {
            var copy = bytes.ToArray();
            await _stream.WriteAsync(copy, 0, copy.Length, cancellation).ConfigureAwait(false);
        }
        catch (Exception failure) when (_call.Translate(_what, failure) is { } translated)
        {
            throw translated;
        }
    }

    /// <summary>Ends standard input; output goes on.</summary>
    public void CloseInput()
    {
        try
        {
            _stream.CloseWrite();
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException or System.Net.Sockets.SocketException)
        {
            // The program has ended already and took its input with it.
            return;
        }
    }

    /// <summary>Reads to the end.</summary>
    /// <param name="take">Takes each piece.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task ReadAllAsync(Func<OutputPiece, CancellationToken, ValueTask> take, CancellationToken cancellation)
    {
        while (await ReadAsync(cancellation).ConfigureAwait(false) is { } piece)
        {
            await take(piece, cancellation).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();
}
