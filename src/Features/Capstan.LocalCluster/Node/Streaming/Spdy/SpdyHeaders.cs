using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Capstan.LocalCluster.Node.Streaming.Spdy;

/// <summary>
/// Reads the headers of a connection's frames. All of them are one zlib stream that begins with a known dictionary; .NET's inflater takes
/// none, so it is told the dictionary as a stored block before the first byte of the peer's.
/// </summary>
internal sealed class SpdyHeaderReader : IDisposable
{
    private const int ZlibHeader = 2;
    private const int DictionaryId = 4;
    private const int UsesDictionary = 0x20;
    private const int MostHeaders = 64;
    private const int MostText = 16 * 1024;

    private readonly Feed _feed = new();
    private readonly DeflateStream _inflater;
    private bool _begun;

    public SpdyHeaderReader() => _inflater = new DeflateStream(_feed, CompressionMode.Decompress);

    /// <summary>The headers in the next block, their names in lower case.</summary>
    /// <exception cref="InvalidDataException">The block is not what SPDY/3 says, or holds too much.</exception>
    public Dictionary<string, string> Read(ReadOnlySpan<byte> block)
    {
        if (!_begun)
        {
            block = Begin(block);
        }

        _feed.Add(block);
        var headers = new Dictionary<string, string>(StringComparer.Ordinal);
        var count = Number(MostHeaders);
        for (var i = 0; i < count; i++)
        {
            var name = Text();
            headers[name.ToLowerInvariant()] = Text();
        }

        return headers;
    }

    public void Dispose()
    {
        _inflater.Dispose();
        _feed.Dispose();
    }

    private ReadOnlySpan<byte> Begin(ReadOnlySpan<byte> block)
    {
        _begun = true;
        if (block.Length < ZlibHeader || (block[0] & 0x0f) != 8)
        {
            throw new InvalidDataException("The headers are not compressed as SPDY/3 says.");
        }

        if ((block[1] & UsesDictionary) == 0)
        {
            return block[ZlibHeader..];
        }

        _feed.Add(Stored(SpdyDictionary.Bytes));
        _inflater.ReadExactly(new byte[SpdyDictionary.Bytes.Length]);
        return block.Length < ZlibHeader + DictionaryId ? throw new InvalidDataException("The headers are cut off.") : block[(ZlibHeader + DictionaryId)..];
    }

    /// <summary>A block of deflate that holds bytes as they are (RFC 1951, 3.2.4), and is not the last.</summary>
    internal static byte[] Stored(ReadOnlySpan<byte> bytes)
    {
        var block = new byte[5 + bytes.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(1), (ushort)bytes.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(3), (ushort)~bytes.Length);
        bytes.CopyTo(block.AsSpan(5));
        return block;
    }

    private int Number(int most)
    {
        Span<byte> bytes = stackalloc byte[4];
        _inflater.ReadExactly(bytes);
        var number = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        return number <= most ? (int)number : throw new InvalidDataException($"The headers hold a length of {number}; at most {most} is taken.");
    }

    private string Text()
    {
        var bytes = new byte[Number(MostText)];
        _inflater.ReadExactly(bytes);
        return Encoding.Latin1.GetString(bytes);
    }

    // What has come and is not read yet.
    private sealed class Feed : MemoryStream
    {
        public void Add(ReadOnlySpan<byte> bytes)
        {
            if (Position == Length)
            {
                SetLength(0);
            }

            var at = Position;
            Position = Length;
            Write(bytes);
            Position = at;
        }
    }
}

/// <summary>Writes headers; not compressed, which every reader of zlib takes: an answer has few of them.</summary>
internal sealed class SpdyHeaderWriter
{
    private static readonly byte[] ZlibHeader = [0x78, 0x01];
    private bool _begun;

    /// <summary>The block of these headers, as the next one of the connection.</summary>
    public byte[] Write(IReadOnlyDictionary<string, string> headers)
    {
        using var plain = new MemoryStream();
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, headers.Count);
        plain.Write(number);
        foreach (var text in headers.SelectMany(h => new[] { h.Key.ToLowerInvariant(), h.Value }))
        {
            BinaryPrimitives.WriteInt32BigEndian(number, text.Length);
            plain.Write(number);
            plain.Write(Encoding.Latin1.GetBytes(text));
        }

        // The empty block at the end is zlib's flush: Go's reader gives nothing before it.
        byte[] block = [.. SpdyHeaderReader.Stored(plain.ToArray()), .. SpdyHeaderReader.Stored([])];
        if (_begun)
        {
            return block;
        }

        _begun = true;
        return [.. ZlibHeader, .. block];
    }
}
