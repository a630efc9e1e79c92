using System.Text;

namespace Capstan.LocalCluster.Tests;

/// <summary>Writes protobuf as a client would, field by field.</summary>
internal sealed class WireWriter
{
    private readonly List<byte> _bytes = [];

    public static byte[] Object(string apiVersion, string kind, WireWriter content) =>
        [.. "k8s\0"u8, .. new WireWriter().Message(1, new WireWriter().Text(1, apiVersion).Text(2, kind)).Message(2, content).Text(3, "").Text(4, "").ToArray()];

    public WireWriter Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public WireWriter Message(int field, WireWriter content) => Bytes(field, content.ToArray());

    public WireWriter Number(int field, long value)
    {
        Varint((ulong)field << 3);
        Varint((ulong)value);
        return this;
    }

    public WireWriter Bytes(int field, byte[] value)
    {
        Varint(((ulong)field << 3) | 2);
        Varint((ulong)value.Length);
        _bytes.AddRange(value);
        return this;
    }

    public byte[] ToArray() => [.. _bytes];

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            _bytes.Add((byte)(value | 0x80));
        }

        _bytes.Add((byte)value);
    }
}
