using System.Collections.Concurrent;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Workflows.Planning;
using Capstan.Workflows.Runs;
using Microsoft.Extensions.Logging;

namespace Capstan.Server.Live;

/// <summary>All runs of workflows, ready to be listed and searched, and asked for by commit; and the news of their changes.</summary>
internal sealed class RunIndex : IAsyncDisposable
{
    private static readonly GroupKind Kind = new("capstan.dev", RunObject.Kind);
    private readonly ConcurrentDictionary<string, WorkflowRun> _all = new(StringComparer.Ordinal);

    // What a run is of never changes, so its places here are for good. A run that is gone leaves them.
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, bool>> _ofCommit = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, bool>> _ofRepository = new(StringComparer.Ordinal);
    private readonly ChangeStream _changes;
    private readonly ObjectFollower _follower;

    public RunIndex(ClusterClient cluster, string space, ChangeStream changes, TimeProvider time, ILogger log)
    {
        _changes = changes;
        _follower = new ObjectFollower(cluster, Kind, space, Take, time, log);
    }

    /// <summary>All of them, in no order.</summary>
    public IEnumerable<WorkflowRun> All => _all.Values;

    /// <summary>A run as it was last seen; null when it is not there.</summary>
    public WorkflowRun? Find(string name) => _all.GetValueOrDefault(name);

    /// <summary>Those that can be of a repository and a commit, in no order; an empty word means any.</summary>
    public IEnumerable<WorkflowRun> Among(string repository, string commit)
    {
        if (commit.Length == 0 && repository.Length == 0) return All;
        var names = commit.Length > 0 ? _ofCommit.GetValueOrDefault(commit) : _ofRepository.GetValueOrDefault(repository);
        return (names?.Keys ?? []).Select(Find).OfType<WorkflowRun>();
    }

    /// <summary>The runs that a commit started, the newest first: its checks.</summary>
    public IReadOnlyList<WorkflowRun> Of(string repository, string commit) => [.. Among(repository, commit).Where(r => r.Repository == repository).OrderByDescending(r => r.CreatedAt, StringComparer.Ordinal)];

    /// <summary>The name by which rights speak of a run.</summary>
    public static string FullName(WorkflowRun run) => $"{run.Repository}/{run.Name}";

    public void Start() => _follower.Start();

    public ValueTask DisposeAsync() => _follower.DisposeAsync();

    private void Take(ObjectKey key, KubernetesObject? found)
    {
        if (found is null)
        {
            if (!_all.TryRemove(key.Name, out var before)) return;
            Remove(_ofCommit, before.Event.Sha, key.Name);
            Remove(_ofRepository, before.Repository, key.Name);
            _changes.Publish(new Change("run", FullName(before), key.Namespace, Gone: true));
            return;
        }
        // What the event brought along can be long, and no list shows it.
        var read = RunObject.Read(found);
        var told = read.Event;
        var now = read with { Event = new WorkflowEvent(told.Name, told.Repository, told.Ref, told.Sha, told.Actor) { Activity = told.Activity, IsUntrusted = told.IsUntrusted } };
        _all[key.Name] = now;
        _ofCommit.GetOrAdd(told.Sha, _ => new(StringComparer.Ordinal))[key.Name] = true;
        _ofRepository.GetOrAdd(told.Repository, _ => new(StringComparer.Ordinal))[key.Name] = true;
        _changes.Publish(new Change("run", FullName(now), key.Namespace, Gone: false) { Health = now.Status.Phase });
    }

    // One follower alone writes here, so a set that is empty stays so.
    private static void Remove(ConcurrentDictionary<string, ConcurrentDictionary<string, bool>> index, string place, string name)
    {
        if (!index.TryGetValue(place, out var names)) return;
        names.TryRemove(name, out _);
        if (names.IsEmpty) index.TryRemove(place, out _);
    }
}
