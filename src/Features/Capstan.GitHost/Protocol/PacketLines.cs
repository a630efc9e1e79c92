using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Capstan.Sources.Git;

namespace Capstan.GitHost.Protocol;

/// <summary>Reads and writes pkt-lines (gitprotocol-common): four hexadecimal digits that count themselves and what follows; 0000 ends a list.</summary>
internal static class PacketLines
{
    /// <summary>The longest line that the protocol knows.</summary>
    public const int Longest = 65520;

    private const int MostCommands = 200_000;

    // A ref is a file: a name near the longest path that the system knows leaves folders behind that nothing can list or remove.
    private const int LongestRefName = 1024;

    public static byte[] Line(string text) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Encoding.UTF8.GetByteCount(text) + 4:x4}{text}"));

    /// <summary>Reads the commands at the head of a push: what is to become of which ref.</summary>
    /// <exception cref="GitHostException">It is not what the protocol allows there.</exception>
    public static async Task<IReadOnlyList<RefUpdate>> ReadCommandsAsync(Stream body, CancellationToken cancellation)
    {
        var commands = new List<RefUpdate>();
        var digits = new byte[4];
        var buffer = new byte[Longest];
        while (true)
        {
            var read = await body.ReadAtLeastAsync(digits, 4, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
            if (read == 0 && commands.Count == 0)
            {
                return commands;
            }

            var length = read == 4 ? LengthOf(digits) : -1;
            if (length == 0)
            {
                return commands;
            }

            if (length is < 5 or > Longest || commands.Count == MostCommands)
            {
                throw Broken();
            }

            var line = buffer.AsMemory(0, length - 4);
            if (await body.ReadAtLeastAsync(line, line.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false) < line.Length)
            {
                throw Broken();
            }

            if (CommandOf(Encoding.UTF8.GetString(line.Span)) is { } command)
            {
                commands.Add(command);
            }
        }
    }

    private static int LengthOf(ReadOnlySpan<byte> digits) =>
        Utf8Parser.TryParse(digits, out int length, out var used, 'x') && used == 4 ? length : -1;

    // "OLD NEW REF", the first with capabilities after a NUL; "shallow ID" names no ref.
    private static RefUpdate? CommandOf(string line)
    {
        if (line.StartsWith("shallow ", StringComparison.Ordinal))
        {
            return null;
        }

        var end = line.IndexOf('\0', StringComparison.Ordinal);
        var parts = (end < 0 ? line : line[..end]).TrimEnd('\n').Split(' ', 3);
        if (parts.Length != 3 || !IsId(parts[0]) || !IsId(parts[1]))
        {
            throw Broken();
        }

        return parts[2].Length <= LongestRefName
            ? new RefUpdate(parts[2], IdOrNull(parts[0]), IdOrNull(parts[1]))
            : throw new GitHostException(GitHostProblem.BadRequest, $"the name of a ref is longer than the {LongestRefName:N0} characters allowed");
    }

    private static bool IsId(string text) => text.Length == 40 && text.All(char.IsAsciiHexDigit);

    private static string? IdOrNull(string id) => id.All(c => c == '0') ? null : id;

    private static GitHostException Broken() => new(GitHostProblem.BadRequest, "the request breaks Git's protocol");
}
