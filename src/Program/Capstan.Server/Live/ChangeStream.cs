using System.Threading.Channels;

namespace Capstan.Server.Live;

/// <summary>That something changed; what it is now is asked for where it is wanted.</summary>
/// <param name="Kind">What kind of thing, such as <c>application</c>.</param>
/// <param name="Name">The name by which rights speak of it.</param>
/// <param name="Namespace">Its namespace, for objects.</param>
/// <param name="Gone">Whether it is not there any more.</param>
internal sealed record Change(string Kind, string Name, string Namespace, bool Gone)
{
    public string Sync { get; init; } = "";

    public string Health { get; init; } = "";
}

/// <summary>A change with its place in the stream.</summary>
internal readonly record struct NumberedChange(long Number, Change Change);

/// <summary>Changes in order, the last of them remembered, so that whoever was away for a moment goes on where it was.</summary>
/// <param name="told">Called at each change; must not wait.</param>
internal sealed class ChangeStream(Action? told = null)
{
    private const int MostRemembered = 4096;
    private const int MostWaiting = 1024;
    private readonly Lock _lock = new();
    private readonly Queue<NumberedChange> _recent = new();
    private readonly HashSet<Channel<NumberedChange>> _readers = [];
    private long _last;

    /// <summary>Tells the streams of two starts of the server apart.</summary>
    public string Epoch { get; } = Guid.NewGuid().ToString("N")[..8];

    public int Readers
    {
        get
        {
            lock (_lock) return _readers.Count;
        }
    }

    public void Publish(Change change)
    {
        lock (_lock)
        {
            var numbered = new NumberedChange(++_last, change);
            _recent.Enqueue(numbered);
            if (_recent.Count > MostRemembered) _recent.Dequeue();
            // Who reads too slowly loses its place, and is told so by the end of its stream: it comes back and is told to look at all.
            foreach (var reader in _readers.Where(r => !r.Writer.TryWrite(numbered)).ToArray()) Leave(reader);
        }

        told?.Invoke();
    }

    /// <summary>Joins the stream.</summary>
    /// <param name="after">The id of the last event that was seen, as <c>EPOCH-NUMBER</c>; null for none.</param>
    /// <returns>The reader; what was missed; and whether something was missed that is not remembered any more.</returns>
    public (Channel<NumberedChange> Reader, IReadOnlyList<NumberedChange> Missed, bool Lost, long Last) Join(string? after)
    {
        lock (_lock)
        {
            var reader = Channel.CreateBounded<NumberedChange>(new BoundedChannelOptions(MostWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
            _readers.Add(reader);
            if (after is null) return (reader, [], false, _last);
            var dash = after.IndexOf('-', StringComparison.Ordinal);
            if (dash < 0 || after[..dash] != Epoch || !long.TryParse(after.AsSpan(dash + 1), out var seen) || seen > _last) return (reader, [], true, _last);
            var oldest = _recent.Count > 0 ? _recent.Peek().Number : _last + 1;
            return seen + 1 < oldest && seen < _last ? (reader, [], true, _last) : (reader, [.. _recent.Where(c => c.Number > seen)], false, _last);
        }
    }

    public void Leave(Channel<NumberedChange> reader)
    {
        lock (_lock) _readers.Remove(reader);
        reader.Writer.TryComplete();
    }
}
