using System.Globalization;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Tests;

/// <summary>One event as a watcher got it.</summary>
internal sealed record WatchedEvent(string Type, long Revision, string Name, string Value, string Side)
{
    public static WatchedEvent Read(string line)
    {
        var tree = (YamlMap)JsonText.Read(line);
        var item = (YamlMap)tree["object"]!;
        var revision = long.Parse(item.At("metadata", "resourceVersion")?.AsString() ?? "0", CultureInfo.InvariantCulture);
        return new WatchedEvent(tree["type"]!.AsString()!, revision, item.At("metadata", "name")?.AsString() ?? "", item.At("data", "v")?.AsString() ?? "", item.At("metadata", "labels", "side")?.AsString() ?? "");
    }
}

/// <summary>A write as it was acknowledged: null value for a deletion, whose revision nobody is told.</summary>
internal sealed record AckedWrite(string Name, long Revision, string? Value, string Side);

/// <summary>The nine promises of a watch (etcd's, for Kubernetes' streams), checked over what was recorded. Each gives the first breach, or null.</summary>
/// <param name="Events">What the watcher got, bookmarks included.</param>
/// <param name="Writes">What was acknowledged, by revision.</param>
/// <param name="From">The revision after which the watch began.</param>
/// <param name="Side">The label that it selected; empty for everything.</param>
internal sealed record WatchRecord(IReadOnlyList<WatchedEvent> Events, IReadOnlyList<AckedWrite> Writes, long From, string Side)
{
    private IEnumerable<WatchedEvent> Changes => Events.Where(e => e.Type != "BOOKMARK");

    public IEnumerable<(string Promise, string? Breach)> Promises() =>
    [
        ("ordered", Ordered()), ("unique", Unique()), ("atomic", Atomic()), ("reliable", Reliable()), ("resumable", Resumable()), ("bookmarkable", Bookmarkable()),
        ("right old value", OldValue()), ("right type", RightType()), ("right by selector", Selected()),
    ];

    private string? Ordered() => Pairs().Where(p => p.Next.Revision < p.Before.Revision).Select(p => $"{p.Next} after {p.Before}").FirstOrDefault();

    private string? Unique() => Changes.GroupBy(e => e.Revision).Where(g => g.Count() > 1).Select(g => $"revision {g.Key} twice").FirstOrDefault();

    // What an event shows is what one write left, whole.
    private string? Atomic()
    {
        var acked = Writes.Where(w => w.Value is not null).ToDictionary(w => w.Revision);
        return Changes.Where(e => e.Type is "ADDED" or "MODIFIED").Where(e => acked.TryGetValue(e.Revision, out var w) && (w.Name != e.Name || w.Value != e.Value || w.Side != e.Side))
            .Select(e => $"{e} is not what was written").FirstOrDefault();
    }

    // No acknowledged write of what is selected is missing before the last event.
    private string? Reliable()
    {
        var seen = Changes.Select(e => e.Revision).ToHashSet();
        var last = Events.Count == 0 ? From : Events.Max(e => e.Revision);
        return Writes.Where(w => w.Value is not null && w.Revision > From && w.Revision <= last && (Side.Length == 0 || w.Side == Side) && !seen.Contains(w.Revision)).Select(w => $"{w} was not seen").FirstOrDefault();
    }

    private string? Resumable() => Changes.Where(e => e.Revision <= From).Select(e => $"{e} lies before the start {From}").FirstOrDefault();

    private string? Bookmarkable()
    {
        var highest = From;
        foreach (var e in Events)
        {
            if (e.Type == "BOOKMARK" ? e.Revision < highest : e.Revision <= 0)
            {
                return $"{e} after revision {highest}";
            }

            highest = Math.Max(highest, e.Revision);
        }

        return null;
    }

    // A deletion shows the object as it last was.
    private string? OldValue()
    {
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var e in Changes)
        {
            if (e.Type == "DELETED" && Side.Length == 0 && known.TryGetValue(e.Name, out var value) && value != e.Value)
            {
                return $"{e} shows another value than {value}";
            }

            known[e.Name] = e.Value;
        }

        return null;
    }

    private string? RightType()
    {
        var there = new Dictionary<string, bool>(StringComparer.Ordinal);
        foreach (var e in Changes)
        {
            var before = there.TryGetValue(e.Name, out var known) ? known : (bool?)null;
            if (before == true && e.Type == "ADDED" || before == false && e.Type != "ADDED")
            {
                return $"{e} while the object was {(before == true ? "there" : "gone")}";
            }

            there[e.Name] = e.Type != "DELETED";
        }

        return null;
    }

    private string? Selected() => Side.Length == 0 ? null : Changes.Where(e => e.Type != "DELETED" && e.Side != Side).Select(e => $"{e} is not selected").FirstOrDefault();

    private IEnumerable<(WatchedEvent Before, WatchedEvent Next)> Pairs() => Changes.Zip(Changes.Skip(1));
}
