namespace Capstan.Sources.Processes;

/// <summary>
/// Standard input of a child. A child that ends before it has read everything closes its pipe; how it ended is told by its exit code, so
/// what is written after that is dropped instead of failing the writer.
/// </summary>
internal sealed class ChildInputStream(Stream pipe) : Stream
{
    private bool _closed;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException("A pipe has no length.");

    public override long Position
    {
        get => throw new NotSupportedException("A pipe has no position.");
        set => throw new NotSupportedException("A pipe has no position.");
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_closed)
        {
            return;
        }

        try
        {
            await pipe.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException)
        {
            _closed = true;
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_closed)
        {
            return;
        }

        try
        {
            await pipe.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException)
        {
            _closed = true;
        }
    }

    /// <summary>Tells the child that nothing more comes.</summary>
    internal async Task CloseAsync()
    {
        await FlushAsync(CancellationToken.None).ConfigureAwait(false);
        await pipe.DisposeAsync().ConfigureAwait(false);
    }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Write asynchronously.");

    public override void Flush() => throw new NotSupportedException("Flush asynchronously.");

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Standard input of a child cannot be read.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("A pipe cannot seek.");

    public override void SetLength(long value) => throw new NotSupportedException("A pipe has no length.");
}
