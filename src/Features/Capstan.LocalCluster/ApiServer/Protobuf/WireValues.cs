using System.Globalization;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Protobuf;

/// <summary>The messages that are one value in JSON.</summary>
internal static class WireValues
{
    private const long EarliestSecond = -62_135_596_800;
    private const long LatestSecond = 253_402_300_799;
    private const string Seconds = "yyyy-MM-dd'T'HH:mm:ss'Z'";
    private const string Micros = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    /// <summary>The bytes of the first field: a quantity's text, raw JSON.</summary>
    public static ReadOnlySpan<byte> First(ReadOnlySpan<byte> message)
    {
        ReadOnlySpan<byte> found = default;
        var reader = new WireReader(message);
        while (!reader.AtEnd)
        {
            var (field, type) = reader.Tag();
            if (field == 1 && type == WireType.Bytes)
            {
                found = reader.Bytes();
            }
            else
            {
                reader.Skip(type);
            }
        }

        return found;
    }

    /// <summary>A time (seconds, nanoseconds); null for the empty message, which is no time.</summary>
    public static YamlNode? Time(ReadOnlySpan<byte> message, bool micros)
    {
        if (message.IsEmpty)
        {
            return null;
        }

        var (seconds, nanos, _) = Three(message);
        if (seconds is < EarliestSecond or > LatestSecond || nanos is < 0 or > 999_999_999)
        {
            throw WireReader.Damaged("a time outside the years 1 to 9999");
        }

        var time = DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanos / 100);
        return time.ToString(micros ? Micros : Seconds, CultureInfo.InvariantCulture);
    }

    public static YamlNode Quantity(ReadOnlySpan<byte> message)
    {
        var text = First(message);
        return text.IsEmpty ? "0" : ProtobufObject.Text(text);
    }

    /// <summary>A number or a text (type, intVal, strVal).</summary>
    public static YamlNode IntOrString(ReadOnlySpan<byte> message)
    {
        var (type, number, text) = Three(message);
        return type == 0 ? (int)number : text;
    }

    /// <summary>A duration in nanoseconds, as Go writes it in whole seconds or less.</summary>
    public static YamlNode Duration(ReadOnlySpan<byte> message)
    {
        var nanos = Three(message).First;
        return nanos % 1_000_000_000 == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{nanos / 1_000_000_000}s")
            : string.Create(CultureInfo.InvariantCulture, $"{nanos}ns");
    }

    private static (long First, long Second, string Third) Three(ReadOnlySpan<byte> message)
    {
        var (first, second, third) = (0L, 0L, "");
        var reader = new WireReader(message);
        while (!reader.AtEnd)
        {
            var (field, type) = reader.Tag();
            switch (field, type)
            {
                case (1, WireType.Varint):
                    first = (long)reader.Varint();
                    break;
                case (2, WireType.Varint):
                    second = (long)reader.Varint();
                    break;
                case (3, WireType.Bytes):
                    third = ProtobufObject.Text(reader.Bytes());
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return (first, second, third);
    }
}
