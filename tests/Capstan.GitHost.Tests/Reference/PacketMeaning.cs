using System.Globalization;
using System.Text;

namespace Capstan.GitHost.Tests.Reference;

/// <summary>What an answer of smart HTTP says, line by line, without what may differ from run to run: progress, and how a pack is packed.</summary>
internal static class PacketMeaning
{
    /// <summary>Reads an answer. A line is its text; <c>0000</c>, <c>0001</c>, <c>0002</c> are themselves; a pack is the ids of what is in it.</summary>
    /// <param name="body">The answer.</param>
    /// <param name="idsOf">Lists the objects of a pack.</param>
    public static async Task<IReadOnlyList<string>> ReadAsync(byte[] body, Func<byte[], Task<string>> idsOf)
    {
        var lines = new List<string>();
        var pack = new MemoryStream();
        var report = new MemoryStream();
        var at = 0;
        while (at < body.Length)
        {
            if (body.AsSpan(at).StartsWith("PACK"u8))
            {
                pack.Write(body.AsSpan(at));
                break;
            }

            if (body.Length - at < 4 || !int.TryParse(Encoding.ASCII.GetString(body, at, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var length))
            {
                lines.Add("not a packet line: " + Encoding.UTF8.GetString(body.AsSpan(at)));
                break;
            }

            if (length < 4)
            {
                lines.Add(length.ToString("x4", CultureInfo.InvariantCulture));
                at += 4;
                continue;
            }

            Take(body.AsSpan(at + 4, length - 4));
            at += length;
        }

        if (report.Length > 0)
        {
            lines.AddRange((await ReadAsync(report.ToArray(), idsOf)).Select(line => "report: " + line));
        }

        if (pack.Length > 0)
        {
            lines.Add("pack: " + await idsOf(pack.ToArray()));
        }

        return lines;

        void Take(ReadOnlySpan<byte> line)
        {
            switch (line)
            {
                case [1, .. var data] when pack.Length > 0 || data.StartsWith("PACK"u8):
                    pack.Write(data);
                    break;
                case [1, .. var data]:
                    report.Write(data);
                    break;
                case [2, ..]:
                    // Progress, and what git says on its standard error.
                    break;
                default:
                    lines.Add(Plain(Encoding.UTF8.GetString(line)));
                    break;
            }
        }
    }

    // The version of git and the id of a session are no part of the meaning.
    private static string Plain(string line) =>
        string.Join(' ', line.TrimEnd('\n').Split(' ').Where(word => !word.StartsWith("session-id=", StringComparison.Ordinal) && !word.StartsWith("push-cert=", StringComparison.Ordinal)));
}
