using System.Text;
using Microsoft.AspNetCore.Http;

namespace Capstan.GitHost.Protocol;

/// <summary>Passes git's answer to a push on, and goes on reading when the client has gone: a git that cannot tell is a git that waits. What there is
/// to say behind it is told as git's own progress is, in band 2 of the answer (gitprotocol-pack).</summary>
internal sealed class PushAnswer(HttpResponse response, Action start)
{
    private const int LongestMessage = 16 * 1024;
    private const int LongestLine = 900;
    private readonly byte[] _end = new byte[4];
    private int _held;
    private bool _clientThere = true;
    private bool _sideBand;
    private bool _begun;

    public async Task CopyAsync(Stream from, CancellationToken cancellation)
    {
        var buffer = new byte[16 * 1024];
        int read;
        start();
        while ((read = await from.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
        {
            // With a side band every line has its band behind its length; a plain report begins with a letter there.
            if (!_begun) _sideBand = read > 4 && buffer[4] is 1 or 2;
            _begun = true;
            await PassOnAsync(buffer.AsMemory(0, read)).ConfigureAwait(false);
        }
    }

    /// <summary>Says something, where the client can show it, and ends the answer.</summary>
    public async Task EndAsync(string message)
    {
        if (_sideBand && _held == _end.Length && _end.AsSpan().SequenceEqual("0000"u8))
        {
            var shown = message.Length > LongestMessage ? message[..LongestMessage] + "\n…" : message;
            foreach (var line in shown.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                await WriteAsync(PacketLines.Line($"\u0002{Plain(line)}\n")).ConfigureAwait(false);
            }
        }

        await WriteAsync(_end.AsMemory(0, _held)).ConfigureAwait(false);
        _held = 0;
    }

    // The last four bytes are kept back: when git ends they are the end of the answer, before which there may be something to say.
    private async Task PassOnAsync(Memory<byte> piece)
    {
        var keep = Math.Min(_end.Length, _held + piece.Length);
        var give = _held + piece.Length - keep;
        var all = new byte[_held + piece.Length];
        _end.AsSpan(0, _held).CopyTo(all);
        piece.Span.CopyTo(all.AsSpan(_held));
        all.AsSpan(give).CopyTo(_end);
        _held = keep;
        await WriteAsync(all.AsMemory(0, give)).ConfigureAwait(false);
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        if (!_clientThere || bytes.Length == 0) return;
        try
        {
            await response.Body.WriteAsync(bytes, response.HttpContext.RequestAborted).ConfigureAwait(false);
            await response.Body.FlushAsync(response.HttpContext.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException)
        {
            _clientThere = false;
        }
    }

    // Messages quote what was pushed: it must not steer a terminal.
    private static string Plain(string line)
    {
        var text = new StringBuilder();
        foreach (var c in line.Take(LongestLine)) text.Append(char.IsControl(c) ? ' ' : c);
        return text.ToString();
    }
}
