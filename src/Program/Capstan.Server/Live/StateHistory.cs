using System.Collections.Concurrent;
using Capstan.Api.Applications;

namespace Capstan.Server.Live;

/// <summary>That the state of an application became another one.</summary>
/// <param name="At">When that was seen.</param>
/// <param name="Aspect"><c>Health</c> or <c>Sync</c>.</param>
/// <param name="From">What it was.</param>
/// <param name="To">What it became.</param>
/// <param name="Message">What there was to say.</param>
internal sealed record StateChange(DateTimeOffset At, string Aspect, string From, string To, string Message);

/// <summary>The last changes of state of each application, in memory: a restart forgets them, as what they followed from is in the history of Git and of syncs.</summary>
internal sealed class StateHistory
{
    private const int MostOfOne = 100;
    private readonly ConcurrentDictionary<(string Namespace, string Name), Queue<StateChange>> _all = new();

    public void Add((string Namespace, string Name) key, ApplicationSummary before, ApplicationSummary now, DateTimeOffset at)
    {
        var message = now.Conditions.Count > 0 ? now.Conditions[0] : "";
        if (before.Health != now.Health) Add(key, new StateChange(at, "Health", before.Health, now.Health, message));
        if (before.Sync != now.Sync) Add(key, new StateChange(at, "Sync", before.Sync, now.Sync, message));
    }

    public void Forget((string Namespace, string Name) key) => _all.TryRemove(key, out _);

    /// <summary>The changes of one, the oldest first.</summary>
    public IReadOnlyList<StateChange> Of(string space, string name)
    {
        if (!_all.TryGetValue((space, name), out var changes)) return [];
        lock (changes) return [.. changes];
    }

    private void Add((string Namespace, string Name) key, StateChange change)
    {
        var changes = _all.GetOrAdd(key, _ => new Queue<StateChange>());
        lock (changes)
        {
            changes.Enqueue(change);
            if (changes.Count > MostOfOne) changes.Dequeue();
        }
    }
}
