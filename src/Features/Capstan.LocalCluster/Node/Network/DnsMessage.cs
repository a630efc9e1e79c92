using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Capstan.LocalCluster.Node.Network;

/// <summary>A question to a name server.</summary>
/// <param name="Name">The name, in small letters, without the last dot.</param>
/// <param name="Type">What is asked for.</param>
/// <param name="Length">How many bytes of the message the header and the question take.</param>
internal sealed record DnsQuestion(string Name, ushort Type, int Length);

/// <summary>One answer of a name server.</summary>
/// <param name="Name">The name it is about.</param>
/// <param name="Type">What it tells.</param>
/// <param name="Data">That.</param>
internal sealed record DnsAnswer(string Name, ushort Type, byte[] Data);

/// <summary>As much of RFC 1035 as a name server of one cluster needs.</summary>
internal static class DnsMessage
{
    public const ushort A = 1;
    public const ushort Alias = 5;
    public const ushort Pointer = 12;
    public const ushort Aaaa = 28;
    public const ushort Server = 33;

    public const byte NoError = 0;
    public const byte ServerFailure = 2;
    public const byte NoSuchName = 3;

    private const int HeaderBytes = 12;
    private const uint SecondsToLive = 5;
    private const int MostAnswers = 100;

    /// <summary>Reads a question; null for what is none, or is more than one.</summary>
    public static DnsQuestion? Read(ReadOnlySpan<byte> message)
    {
        if (message.Length < HeaderBytes || (message[2] & 0x80) != 0 || BinaryPrimitives.ReadUInt16BigEndian(message[4..]) != 1)
        {
            return null;
        }

        var at = HeaderBytes;
        var name = new StringBuilder();
        while (at < message.Length && message[at] != 0)
        {
            // A question never needs a pointer to an earlier name: there is none.
            var length = message[at];
            if (length > 63 || at + 1 + length >= message.Length || name.Length > 255)
            {
                return null;
            }

            name.Append(name.Length == 0 ? "" : ".").Append(Encoding.ASCII.GetString(message.Slice(at + 1, length)).ToLowerInvariant());
            at += length + 1;
        }

        return at + 5 > message.Length ? null : new DnsQuestion(name.ToString(), BinaryPrimitives.ReadUInt16BigEndian(message[(at + 1)..]), at + 5);
    }

    /// <summary>The answer to a question.</summary>
    /// <param name="message">The question's message.</param>
    /// <param name="question">What was read of it.</param>
    /// <param name="code">How it went.</param>
    /// <param name="answers">The answers.</param>
    /// <param name="most">The most bytes; beyond it, the answer is cut and says so.</param>
    public static byte[] Write(ReadOnlySpan<byte> message, DnsQuestion question, byte code, IReadOnlyList<DnsAnswer> answers, int most)
    {
        var text = new MemoryStream();
        text.Write(message[..question.Length]);
        var written = 0;
        var cut = false;
        foreach (var answer in answers.Take(MostAnswers))
        {
            var record = Record(answer);
            if (text.Length + record.Length > most)
            {
                cut = true;
                break;
            }

            text.Write(record);
            written++;
        }

        var bytes = text.ToArray();

        // An answer, ours, as wanted; recursion is offered, since what is not ours is asked elsewhere.
        bytes[2] = (byte)(0x84 | (message[2] & 0x01) | (cut ? 0x02 : 0));
        bytes[3] = (byte)(0x80 | code);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(6), (ushort)written);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(8), 0);
        return bytes;
    }

    /// <summary>An address as an answer.</summary>
    public static DnsAnswer Address(string name, IPAddress address) =>
        new(name, address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? Aaaa : A, address.GetAddressBytes());

    /// <summary>Another name as an answer.</summary>
    public static DnsAnswer Named(string name, ushort type, string target) => new(name, type, Name(target));

    /// <summary>A server and its port as an answer (RFC 2782).</summary>
    public static DnsAnswer Service(string name, int port, string target)
    {
        var host = Name(target);
        var data = new byte[6 + host.Length];
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(2), 100);
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(4), (ushort)port);
        host.CopyTo(data, 6);
        return new DnsAnswer(name, Server, data);
    }

    private static byte[] Record(DnsAnswer answer)
    {
        var name = Name(answer.Name);
        var record = new byte[name.Length + 10 + answer.Data.Length];
        name.CopyTo(record, 0);
        var rest = record.AsSpan(name.Length);
        BinaryPrimitives.WriteUInt16BigEndian(rest, answer.Type);
        BinaryPrimitives.WriteUInt16BigEndian(rest[2..], 1);
        BinaryPrimitives.WriteUInt32BigEndian(rest[4..], SecondsToLive);
        BinaryPrimitives.WriteUInt16BigEndian(rest[8..], (ushort)answer.Data.Length);
        answer.Data.CopyTo(rest[10..]);
        return record;
    }

    private static byte[] Name(string name)
    {
        var bytes = new MemoryStream();
        foreach (var label in name.TrimEnd('.').Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            var text = Encoding.ASCII.GetBytes(label);
            bytes.WriteByte((byte)Math.Min(text.Length, 63));
            bytes.Write(text, 0, Math.Min(text.Length, 63));
        }

        bytes.WriteByte(0);
        return bytes.ToArray();
    }
}
