using System.Buffers.Binary;
using System.Text;
using ICSharpCode.SharpZipLib;
using ICSharpCode.SharpZipLib.Zip.Compression;

namespace Capstan.LocalCluster.Node.Streaming.Spdy;

/// <summary>Headers of one connection. Each direction is one compressed stream over all frames, so every block must be read, in order.</summary>
internal sealed class SpdyHeaders
{
    private const int MostBytes = 64 * 1024;
    private const int MostHeaders = 100;

    private readonly Inflater _inflater = new();
    private readonly Deflater _deflater = new(Deflater.DEFAULT_COMPRESSION);

    public SpdyHeaders() => _deflater.SetDictionary(SpdyDictionary.Bytes);

    /// <summary>Reads a block.</summary>
    /// <exception cref="IOException">It is damaged or too large.</exception>
    public Dictionary<string, string> Read(byte[] block)
    {
        var text = Inflate(block);
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var at = 0;
        var count = Number(text, ref at);
        for (var i = 0; i < count; i++)
        {
            var name = Text(text, ref at);
            headers[name] = Text(text, ref at);
        }

        return count <= MostHeaders ? headers : throw new IOException($"a block of {count} headers is too large");
    }

    /// <summary>Writes a block.</summary>
    public byte[] Write(IReadOnlyDictionary<string, string> headers)
    {
        using var plain = new MemoryStream();
        Put(plain, headers.Count);
        foreach (var (name, value) in headers)
        {
            foreach (var text in (ReadOnlySpan<string>)[name.ToLowerInvariant(), value])
            {
                var bytes = Encoding.UTF8.GetBytes(text);
                Put(plain, bytes.Length);
                plain.Write(bytes);
            }
        }

        _deflater.SetInput(plain.ToArray());
        _deflater.Flush();
        using var block = new MemoryStream();
        var buffer = new byte[4096];
        int written;
        while ((written = _deflater.Deflate(buffer)) > 0)
        {
            block.Write(buffer, 0, written);
        }

        return block.ToArray();
    }

    private byte[] Inflate(byte[] block)
    {
        using var text = new MemoryStream();
        var buffer = new byte[4096];
        try
        {
            _inflater.SetInput(block);
            while (true)
            {
                var read = _inflater.Inflate(buffer);
                if (read == 0 && _inflater.IsNeedingDictionary)
                {
                    _inflater.SetDictionary(SpdyDictionary.Bytes);
                    continue;
                }

                if (read == 0)
                {
                    return text.ToArray();
                }

                text.Write(buffer, 0, read);
                if (text.Length > MostBytes)
                {
                    throw new IOException($"headers of more than {MostBytes} bytes are not taken");
                }
            }
        }
        catch (SharpZipBaseException damaged)
        {
            throw new IOException($"the headers are damaged ({damaged.Message})", damaged);
        }
    }

    private static int Number(byte[] text, ref int at)
    {
        if (at + 4 > text.Length || BinaryPrimitives.ReadInt32BigEndian(text.AsSpan(at)) is var number && (number < 0 || number > MostBytes))
        {
            throw new IOException("the headers are damaged");
        }

        at += 4;
        return BinaryPrimitives.ReadInt32BigEndian(text.AsSpan(at - 4));
    }

    private static string Text(byte[] text, ref int at)
    {
        var length = Number(text, ref at);
        if (at + length > text.Length)
        {
            throw new IOException("the headers are damaged");
        }

        at += length;
        return Encoding.UTF8.GetString(text, at - length, length);
    }

    private static void Put(MemoryStream to, int number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        to.Write(bytes);
    }
}
