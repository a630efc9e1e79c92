using System.Buffers.Binary;

namespace Capstan.LocalCluster.ApiServer.Protobuf;

/// <summary>How a value lies on the wire (protobuf encoding, "Message Structure").</summary>
internal enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    Fixed32 = 5,
}

/// <summary>Reads protobuf's primitives. Everything that does not fit into the bytes at hand is refused.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly bool AtEnd => _rest.IsEmpty;

    public (int Field, WireType Type) Tag()
    {
        var tag = Varint();
        var field = tag >> 3;
        if (field is 0 or > 536_870_911)
        {
            throw Damaged($"field number {field}");
        }

        var type = (WireType)(tag & 7);
        return type is WireType.Varint or WireType.Fixed64 or WireType.Bytes or WireType.Fixed32
            ? ((int)field, type)
            : throw Damaged($"wire type {tag & 7} of field {field}");
    }

    public ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (_rest.IsEmpty)
            {
                throw Damaged("unexpected end");
            }

            var next = _rest[0];
            _rest = _rest[1..];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Damaged("a number of more than ten bytes");
    }

    public ReadOnlySpan<byte> Bytes()
    {
        var length = Varint();
        return length > (ulong)_rest.Length ? throw Damaged("a length beyond the end") : Take((int)length);
    }

    public ulong Number(WireType type) => type switch
    {
        WireType.Varint => Varint(),
        WireType.Fixed64 => BinaryPrimitives.ReadUInt64LittleEndian(Fixed(8)),
        WireType.Fixed32 => BinaryPrimitives.ReadUInt32LittleEndian(Fixed(4)),
        _ => throw Damaged("bytes where a number belongs"),
    };

    public void Skip(WireType type)
    {
        if (type == WireType.Bytes)
        {
            Bytes();
        }
        else
        {
            Number(type);
        }
    }

    public static ApiStatusException Damaged(string what) => ApiErrors.BadRequest($"the body of the request is no valid protobuf: {what}");

    private ReadOnlySpan<byte> Fixed(int length) => length > _rest.Length ? throw Damaged("unexpected end") : Take(length);

    private ReadOnlySpan<byte> Take(int length)
    {
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
