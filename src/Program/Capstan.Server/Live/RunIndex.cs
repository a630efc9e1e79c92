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
    private readonly ChangeStream _changes;
    private readonly ObjectFollower _follower;

    public RunIndex(ClusterClient cluster, string space, ChangeStream changes, TimeProvider time, ILogger log)
    {
        _changes = changes;
        _follower = new ObjectFollower(cluster, Kind, space, Take, time, log);
    }

    /// <summary>All of them, in no order.</summary>
    public IEnumerable<WorkflowRun> All => _all.Values;

    /// <summary>The runs that a commit started, the newest first: its checks.</summary>
    public IReadOnlyList<WorkflowRun> Of(string repository, string commit) => [.. All.Where(r => r.Event.Sha == commit && r.Repository == repository).OrderByDescending(r => r.CreatedAt, StringComparer.Ordinal)];

    /// <summary>The name by which rights speak of a run.</summary>
    public static string FullName(WorkflowRun run) => $"{run.Repository}/{run.Name}";

    public void Start() => _follower.Start();

    public ValueTask DisposeAsync() => _follower.DisposeAsync();

    private void Take(ObjectKey key, KubernetesObject? found)
    {
        if (found is null)
        {
            if (_all.TryRemove(key.Name, out var before)) _changes.Publish(new Change("run", FullName(before), key.Namespace, Gone: true));
            return;
        }
        // What the event brought along can be long, and no list shows it.
        var read = RunObject.Read(found);
        var told = read.Event;
        var now = read with { Event = new WorkflowEvent(told.Name, told.Repository, told.Ref, told.Sha, told.Actor) { Activity = told.Activity, IsUntrusted = told.IsUntrusted } };
        _all[key.Name] = now;
        _changes.Publish(new Change("run", FullName(now), key.Namespace, Gone: false) { Health = now.Status.Phase });
    }
}
