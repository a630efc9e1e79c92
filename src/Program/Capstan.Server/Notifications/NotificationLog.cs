using System.Globalization;
using System.Text.Json;
using Capstan.Api.Notifications;
using Capstan.Server.Problems;
using Microsoft.Extensions.Logging;

namespace Capstan.Server.Notifications;

/// <summary>What became of every message: <c>DATA/notifications.jsonl</c>, a line an event, only ever appended to, and cut to its end at a start. It also knows what
/// was told already, so that a restart tells nobody twice.</summary>
internal sealed class NotificationLog : IDisposable
{
    private const int MostHeld = 5000;
    private const int LongestText = 500;
    private readonly Lock _lock = new();
    private readonly LinkedList<NotificationEntry> _held = new();
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly StreamWriter _writer;
    private long _last;

    public NotificationLog(string data, TimeProvider time, ILogger log)
    {
        _time = time;
        var path = Path.Combine(data, "notifications.jsonl");
        var lines = File.Exists(path) ? File.ReadLines(path).TakeLast(MostHeld).ToArray() : [];
        foreach (var line in lines)
        {
            try
            {
                if (JsonSerializer.Deserialize(line, NotificationsJson.Default.NotificationEntry) is { } entry) Hold(entry);
            }
            catch (JsonException e)
            {
                // The last line of a process that was killed may be cut off.
                log.NotificationLineLost(path, e.Message);
            }
        }
        var draft = path + ".draft";
        File.WriteAllLines(draft, lines);
        File.Move(draft, path, overwrite: true);
        _writer = new StreamWriter(path, append: true) { AutoFlush = true };
    }

    /// <summary>What is wrong with the settings, as they were read last.</summary>
    public IReadOnlyList<string> Problems { get; set; } = [];

    /// <summary>Whether this was told already, or was given up.</summary>
    public bool WasTold(string key)
    {
        lock (_lock) return _told.Contains(key);
    }

    /// <summary>The newest first.</summary>
    /// <param name="before">Only what is older than this entry; null for all.</param>
    /// <param name="fits">What is wanted.</param>
    /// <param name="limit">How many at most.</param>
    public IReadOnlyList<NotificationEntry> Read(long? before, Func<NotificationEntry, bool> fits, int limit)
    {
        lock (_lock) return [.. _held.Where(e => (before is null || e.Id < before) && fits(e)).Take(limit)];
    }

    /// <summary>Takes an entry; its number and time are given here.</summary>
    public void Add(NotificationEntry entry)
    {
        lock (_lock)
        {
            var now = _time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
            entry = entry with { Id = _last + 1, At = now, Text = entry.Text.Length > LongestText ? entry.Text[..LongestText] + "…" : entry.Text };
            _writer.WriteLine(JsonSerializer.Serialize(entry, NotificationsJson.Default.NotificationEntry));
            Hold(entry);
        }
    }

    public void Dispose()
    {
        lock (_lock) _writer.Dispose();
    }

    private void Hold(NotificationEntry entry)
    {
        _held.AddFirst(entry);
        _last = Math.Max(_last, entry.Id);
        if (_held.Count > MostHeld) _held.RemoveLast();
        foreach (var key in entry.Keys)
        {
            if (entry.State is "delivered" or "failed") _told.Add(key);
            else if (entry.State == "cleared") _told.Remove(key);
        }
    }
}
