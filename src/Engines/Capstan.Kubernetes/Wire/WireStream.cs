using System.Buffers;
using System.Runtime.CompilerServices;

namespace Capstan.Kubernetes;

/// <summary>An answer that goes on: the events of a watch, the lines of a log.</summary>
internal sealed class WireStream(ClusterConnection connection, HttpResponseMessage response, Stream stream, TimeProvider time) : IDisposable
{
    /// <summary>
    /// Reads line after line until the server ends the answer. A line is valid until the next one is asked for.
    /// </summary>
    /// <param name="longest">Bytes of a line.</param>
    /// <param name="cut">Whether longer lines are cut; otherwise they are an error.</param>
    /// <param name="silence">How long nothing may come before the connection counts as dead.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ClusterUnreachableException">The connection broke, or nothing came for too long.</exception>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> LinesAsync(
        int longest, bool cut, TimeSpan silence, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        var (start, end, skipping) = (0, 0, false);
        try
        {
            while (true)
            {
                int newline;
                var scanned = start;
                while ((newline = buffer.AsSpan(scanned, end - scanned).IndexOf((byte)'\n')) < 0)
                {
                    scanned = end;
                    if (end - start > longest)
                    {
                        if (!cut)
                        {
                            throw new ClusterUnreachableException(connection.ToString(), $"a line of its answer has more than {longest:N0} bytes");
                        }

                        if (!skipping)
                        {
                            yield return buffer.AsMemory(start, longest);
                        }

                        (start, end, scanned, skipping) = (0, 0, 0, true);
                    }

                    (buffer, start, end, scanned) = Room(buffer, start, end, scanned);
                    var read = await ReadAsync(buffer.AsMemory(end), silence, cancellation).ConfigureAwait(false);
                    if (read == 0)
                    {
                        if (end > start && !skipping)
                        {
                            yield return buffer.AsMemory(start, end - start);
                        }

                        yield break;
                    }

                    end += read;
                }

                var stop = scanned + newline;
                if (!skipping && stop > start)
                {
                    yield return buffer.AsMemory(start, stop - start);
                }

                (start, skipping) = (stop + 1, false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public void Dispose()
    {
        stream.Dispose();
        response.Dispose();
    }

    private async ValueTask<int> ReadAsync(Memory<byte> room, TimeSpan silence, CancellationToken cancellation)
    {
        using var limit = new TimeLimit(time, silence, cancellation);
        try
        {
            return await stream.ReadAsync(room, limit.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (WireFaults.AsUnreachable(connection, error, limit, cancellation) is { } unreachable)
        {
            throw unreachable;
        }
    }

    private static (byte[] Buffer, int Start, int End, int Scanned) Room(byte[] buffer, int start, int end, int scanned)
    {
        if (end < buffer.Length)
        {
            return start == end ? (buffer, 0, 0, 0) : (buffer, start, end, scanned);
        }

        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            return (buffer, 0, end - start, scanned - start);
        }

        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.AsSpan(0, end).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return (larger, 0, end, scanned);
    }
}
