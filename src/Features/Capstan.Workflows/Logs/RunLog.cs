using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Capstan.Workflows.Logs;

/// <summary>One line of a run's log.</summary>
/// <param name="Number">Its number in the run, from 1, without gaps.</param>
/// <param name="Time">When it came, in RFC 3339.</param>
/// <param name="Job">The job's key; empty for lines about the whole run.</param>
/// <param name="Text">The line, secrets masked.</param>
public sealed record LogLine(long Number, string Time, string Job, string Text);

/// <summary>The log of one run: a file to which lines are appended, and those who follow it. Lines are numbered by their place in the file, so
/// numbers go on after a restart.</summary>
public sealed class RunLog : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly long _mostBytes;
    private readonly string _path;
    private FileStream? _file;
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _full;
    private bool _ended;

    /// <summary>Opens the log to write on at its end.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mostBytes">When the file has grown to this, one line says so and the rest is dropped.</param>
    /// <param name="time">The clock.</param>
    public RunLog(string path, long mostBytes, TimeProvider time)
    {
        (_path, _mostBytes, _time) = (path, mostBytes, time);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _file = new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 });
        CutTornLine(_file);
        _full = _file.Length >= mostBytes;
    }

    /// <summary>Appends a line.</summary>
    public void Append(string job, string text)
    {
        lock (_gate)
        {
            if (_file is null || _full) return;
            if (_file.Position > _mostBytes)
            {
                _full = true;
                text = $"##[warning]The log has reached {_mostBytes >> 20} MB; the rest is dropped";
            }

            var time = _time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture);
            _file.Write(Encoding.UTF8.GetBytes($"{time}\t{job}\t{text.Replace('\n', ' ')}\n"));
            Pulse();
        }
    }

    /// <summary>Nothing more comes: followers end.</summary>
    public void End()
    {
        lock (_gate)
        {
            _ended = true;
            _file?.Flush(flushToDisk: true);
            Pulse();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        End();
        lock (_gate)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    /// <summary>The lines behind a number, and those that come, until the log ends.</summary>
    public async IAsyncEnumerable<LogLine> FollowAsync(long after, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var reader = new LogReader(_path);
        while (true)
        {
            Task more;
            bool ended;
            lock (_gate) (more, ended) = (_more.Task, _ended);
            foreach (var line in reader.Next())
            {
                if (line.Number > after) yield return line;
            }

            if (ended) yield break;
            await more.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    private void Pulse()
    {
        var waiting = _more;
        _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting.SetResult();
    }

    // A server that was killed may have left half a line.
    private static void CutTornLine(FileStream file)
    {
        var at = file.Length;
        Span<byte> last = stackalloc byte[1];
        while (at > 0)
        {
            file.Position = at - 1;
            file.ReadExactly(last);
            if (last[0] == (byte)'\n') break;
            at--;
        }

        file.SetLength(at);
        file.Position = at;
    }
}
