using System.Text;

namespace Capstan.Workflows.Logs;

/// <summary>Reads a run's log from its beginning, as far as whole lines are there.</summary>
public sealed class LogReader : IDisposable
{
    private readonly FileStream? _file;
    private readonly MemoryStream _open = new();
    private readonly byte[] _buffer = new byte[64 * 1024];
    private long _number;

    /// <summary>Opens a log; one that is not there is empty.</summary>
    public LogReader(string path) => _file = File.Exists(path)
        ? new FileStream(path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete })
        : null;

    /// <summary>The lines that have come since the last call.</summary>
    public IEnumerable<LogLine> Next()
    {
        if (_file is null) yield break;
        int read;
        while ((read = _file.Read(_buffer)) > 0)
        {
            var start = 0;
            for (var i = 0; i < read; i++)
            {
                if (_buffer[i] != (byte)'\n') continue;
                _open.Write(_buffer, start, i - start);
                start = i + 1;
                var line = Encoding.UTF8.GetString(_open.GetBuffer(), 0, (int)_open.Length).Split('\t', 3);
                _open.SetLength(0);
                yield return new LogLine(++_number, line[0], line.Length > 1 ? line[1] : "", line.Length > 2 ? line[2] : "");
            }

            _open.Write(_buffer, start, read - start);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();
}
