using System.Buffers;
using System.Text;

namespace Capstan.Workflows.Logs;

/// <summary>Makes lines of a stream of bytes. A line that never ends is cut; what is no UTF-8 becomes replacement characters.</summary>
/// <param name="take">Gets each line without its end.</param>
internal sealed class LineCutter(Action<string> take)
{
    /// <summary>The longest line in bytes; what is longer comes in pieces.</summary>
    public const int LongestLine = 64 * 1024;

    private readonly ArrayBufferWriter<byte> _open = new();

    /// <summary>Takes the next piece of the stream.</summary>
    public void Write(ReadOnlySpan<byte> piece)
    {
        while (piece.Length > 0)
        {
            var end = piece.IndexOf((byte)'\n');
            var part = end < 0 ? piece : piece[..end];
            while (_open.WrittenCount + part.Length > LongestLine)
            {
                var room = LongestLine - _open.WrittenCount;
                _open.Write(part[..room]);
                part = part[room..];
                Give();
            }

            _open.Write(part);
            if (end < 0) return;
            Give();
            piece = piece[(end + 1)..];
        }
    }

    /// <summary>The stream has ended: what is left is a line too.</summary>
    public void End()
    {
        if (_open.WrittenCount > 0) Give();
    }

    private void Give()
    {
        var bytes = _open.WrittenSpan;
        if (bytes is [.., (byte)'\r']) bytes = bytes[..^1];
        var line = Encoding.UTF8.GetString(bytes);
        _open.ResetWrittenCount();
        take(line);
    }
}
