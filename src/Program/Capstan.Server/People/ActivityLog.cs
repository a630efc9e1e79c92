using System.Globalization;
using System.Text.Json;
using Capstan.Access.Rights;
using Capstan.Api.Activity;

namespace Capstan.Server.People;

/// <summary>Who did what, when and from where: a file a day in <c>DATA/activity</c>, one line of JSON an entry, only ever appended to. What is needed
/// for pages is held in memory.</summary>
internal sealed class ActivityLog : IDisposable
{
    private const int MostHeld = 5000;
    private const int LongestName = 300;
    private readonly Lock _lock = new();
    private readonly string _folder;
    private readonly TimeProvider _time;
    private readonly LinkedList<ActivityEntry> _held = new();
    private StreamWriter? _writer;
    private string _day = "";
    private long _last;

    public ActivityLog(string data, TimeProvider time)
    {
        (_folder, _time) = (Path.Combine(data, "activity"), time);
        Directory.CreateDirectory(_folder);
        foreach (var file in Directory.EnumerateFiles(_folder, "*.jsonl").Order(StringComparer.Ordinal).TakeLast(7))
        {
            foreach (var line in File.ReadLines(file)) Hold(line);
        }
    }

    /// <summary>Takes an entry; it is handed to the disk before this returns.</summary>
    public void Add(Principal principal, string from, StatedRight right, string? name, int status)
    {
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            var entry = new ActivityEntry(++_last, now.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture), principal.ToString(), from,
                right.Verb.ToString().ToLowerInvariant(), right.Resource.ToString().ToLowerInvariant(), name is { Length: > LongestName } ? name[..LongestName] : name, status);
            var day = now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            if (day != _day)
            {
                _writer?.Dispose();
                _writer = new StreamWriter(Path.Combine(_folder, day + ".jsonl"), append: true) { AutoFlush = true };
                _day = day;
            }
            // JSON escapes line breaks and control characters, so that no name can forge an entry.
            _writer!.WriteLine(JsonSerializer.Serialize(entry, ActivityJson.Default.ActivityEntry));
            Hold(entry);
        }
    }

    /// <summary>The newest first.</summary>
    /// <param name="before">Only what is older than this entry; null for all.</param>
    /// <param name="fits">What is wanted.</param>
    /// <param name="limit">How many at most.</param>
    public IReadOnlyList<ActivityEntry> Read(long? before, Func<ActivityEntry, bool> fits, int limit)
    {
        lock (_lock) return [.. _held.Where(e => (before is null || e.Id < before) && fits(e)).Take(limit)];
    }

    public void Dispose()
    {
        lock (_lock) _writer?.Dispose();
    }

    private void Hold(string line)
    {
        try
        {
            if (JsonSerializer.Deserialize(line, ActivityJson.Default.ActivityEntry) is { } entry) Hold(entry);
        }
        catch (JsonException)
        {
            // The last line of a process that was killed may be cut off; nobody was answered for it.
            return;
        }
    }

    private void Hold(ActivityEntry entry)
    {
        _held.AddFirst(entry);
        _last = Math.Max(_last, entry.Id);
        if (_held.Count > MostHeld) _held.RemoveLast();
    }
}
