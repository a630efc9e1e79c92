using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace Capstan.GitHost.Tests;

/// <summary>Packs written byte by byte (gitformat-pack), so that they can hold what no git would write.</summary>
internal sealed class HandMadePack
{
    public const int Commit = 1;
    public const int Tree = 2;
    public const int Blob = 3;
    public const int Tag = 4;
    public const int OffsetDelta = 6;
    public const int BaseDelta = 7;

    private static readonly string[] TypeNames = ["", "commit", "tree", "blob", "tag"];

    private readonly List<byte> _entries = [];
    private uint _count;

    /// <summary>Whether the pack ends with the checksum of what it holds.</summary>
    public bool WithChecksum { get; init; } = true;

    /// <summary>How many objects the head promises beyond those that are there.</summary>
    public int PromisedMore { get; init; }

    /// <summary>The id that git gives an object.</summary>
    public static string Id(int type, byte[] content) =>
        Convert.ToHexStringLower(Sum([.. Encoding.ASCII.GetBytes($"{TypeNames[type]} {content.Length}\0"), .. content]));

    public static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>One entry of a tree.</summary>
    public static byte[] Entry(string mode, string name, string id) => [.. Text($"{mode} {name}\0"), .. Convert.FromHexString(id)];

    /// <summary>A commit of a tree, as git writes it.</summary>
    public static byte[] CommitOf(string tree, string who = "Ada <ada@example.com> 1700000000 +0000") =>
        Text($"tree {tree}\nauthor {who}\ncommitter {who}\n\nA commit\n");

    /// <summary>Adds an object and answers its id.</summary>
    public string Add(int type, byte[] content)
    {
        AddRaw(type, content.Length, [], Deflate(content));
        return Id(type, content);
    }

    /// <summary>Adds an entry whose head, base and compressed content are taken as they are.</summary>
    /// <param name="type">The type in the head, three bits.</param>
    /// <param name="size">The size that the head claims.</param>
    /// <param name="reference">What stands between head and content: the base of a delta.</param>
    /// <param name="compressed">The content.</param>
    public void AddRaw(int type, long size, byte[] reference, byte[] compressed)
    {
        var first = (byte)((type << 4) | (int)(size & 15));
        size >>= 4;
        while (size > 0)
        {
            _entries.Add((byte)(first | 0x80));
            first = (byte)(size & 0x7f);
            size >>= 7;
        }

        _entries.Add(first);
        _entries.AddRange(reference);
        _entries.AddRange(compressed);
        _count++;
    }

    /// <summary>The whole pack.</summary>
    public byte[] ToArray()
    {
        var head = new byte[12];
        "PACK"u8.CopyTo(head);
        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(4), 2);
        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(8), (uint)(_count + PromisedMore));
        byte[] content = [.. head, .. _entries];
        var sum = Sum(content);
        sum[0] ^= (byte)(WithChecksum ? 0 : 1);
        return [.. content, .. sum];
    }

    public static byte[] Deflate(byte[] content)
    {
        // The library writes nothing at all for nothing.
        if (content.Length == 0)
        {
            return [0x78, 0x9c, 3, 0, 0, 0, 0, 1];
        }

        var stream = new MemoryStream();
        using (var zlib = new ZLibStream(stream, CompressionLevel.Fastest))
        {
            zlib.Write(content);
        }

        return stream.ToArray();
    }

    [SuppressMessage("Security", "CA5350", Justification = "Git names its objects by SHA-1; nothing is kept secret by it")]
    private static byte[] Sum(byte[] content) => SHA1.HashData(content);
}
