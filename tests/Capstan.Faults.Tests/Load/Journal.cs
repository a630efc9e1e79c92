using System.Globalization;
using System.Text;

namespace Capstan.Faults.Tests.Load;

/// <summary>One line of the journal: a wish that is about to be sent, or its acknowledgement.</summary>
/// <param name="Id">Pairs the two.</param>
/// <param name="Acknowledged">Whether the server said that it is done.</param>
/// <param name="Key">What is written: <c>push/REPOSITORY</c> or <c>object/NAMESPACE/NAME</c>.</param>
/// <param name="Value">The commit, or the number written; <c>gone</c> for a deletion.</param>
internal sealed record JournalEntry(long Id, bool Acknowledged, string Key, string Value);

/// <summary>What the client asked for and what it was told, on the disk before it goes on.</summary>
internal sealed class Journal(string file) : IDisposable
{
    private readonly FileStream _stream = new(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
    private readonly Lock _gate = new();
    private long _last = Read(file).Select(e => e.Id).DefaultIfEmpty().Max();

    public long Send(string key, string value)
    {
        lock (_gate)
        {
            Write(new JournalEntry(++_last, false, key, value));
            return _last;
        }
    }

    public void Acknowledge(long id, string key, string value)
    {
        lock (_gate) Write(new JournalEntry(id, true, key, value));
    }

    public void Dispose() => _stream.Dispose();

    public static IReadOnlyList<JournalEntry> Read(string file)
    {
        if (!File.Exists(file)) return [];
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        var entries = new List<JournalEntry>();
        while (reader.ReadLine() is { } line)
        {
            if (line.Split(' ') is [var id, var what, var key, var value]) entries.Add(new JournalEntry(long.Parse(id, CultureInfo.InvariantCulture), what == "ack", key, value));
        }
        return entries;
    }

    private void Write(JournalEntry entry)
    {
        _stream.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{entry.Id} {(entry.Acknowledged ? "ack" : "send")} {entry.Key} {entry.Value}\n")));
        _stream.Flush(flushToDisk: true);
    }
}
