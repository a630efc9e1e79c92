using System.Buffers.Binary;
using System.IO.Compression;

namespace Capstan.Yaml;

/// <summary>
/// Makes JSON small that is kept but rarely read: a few thousand Kubernetes objects at a third of their size. Both forms are byte arrays,
/// told apart by their first byte, so that whoever keeps one may exchange it for the other at any time.
/// </summary>
public static class SmallJson
{
    // No JSON text begins with it.
    private const byte Mark = 0;
    private const int Head = 5;
    private const int WorthIt = 300;
    private const int Quality = 4;
    private const int Window = 16;

    /// <summary>The small form; the same array where that would save little, or where it is small already.</summary>
    public static byte[] Shrink(byte[] json)
    {
        if (json.Length < WorthIt || json[0] == Mark)
        {
            return json;
        }

        var room = System.Buffers.ArrayPool<byte>.Shared.Rent(json.Length);
        try
        {
            room[0] = Mark;
            BinaryPrimitives.WriteInt32LittleEndian(room.AsSpan(1), json.Length);
            return BrotliEncoder.TryCompress(json, room.AsSpan(Head), out var written, Quality, Window) && (written + Head) * 4 < json.Length * 3
                ? room.AsSpan(0, Head + written).ToArray()
                : json;
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(room);
        }
    }

    /// <summary>The JSON text of either form; the same array where it is not the small one.</summary>
    public static byte[] Text(byte[] either)
    {
        if (either.Length < Head || either[0] != Mark)
        {
            return either;
        }

        var json = new byte[BinaryPrimitives.ReadInt32LittleEndian(either.AsSpan(1))];
        return BrotliDecoder.TryDecompress(either.AsSpan(Head), json, out var written) && written == json.Length
            ? json
            : throw new InvalidDataException("bytes that were made small cannot be made large again");
    }

    /// <summary>How many bytes the JSON text has.</summary>
    public static int Length(byte[] either) =>
        either.Length < Head || either[0] != Mark ? either.Length : BinaryPrimitives.ReadInt32LittleEndian(either.AsSpan(1));
}
