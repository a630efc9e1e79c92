using System.Collections.Concurrent;
using Capstan.Kubernetes;
using Capstan.Promotion.Pipelines;
using Capstan.Promotion.Running;
using Capstan.Resources;
using Microsoft.Extensions.Logging;

namespace Capstan.Server.Live;

/// <summary>All pipelines and releases as they are now, and the news of their changes.</summary>
internal sealed class PipelineIndex : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, KubernetesObject> _pipelines = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, KubernetesObject> _releases = new(StringComparer.Ordinal);
    private readonly ChangeStream _changes;
    private readonly ObjectFollower[] _followers;

    public PipelineIndex(ClusterClient cluster, ChangeStream changes, TimeProvider time, ILogger log)
    {
        _changes = changes;
        _followers =
        [
            new ObjectFollower(cluster, PipelineReader.Kind, PromotionController.Namespace, (key, now) => Take("pipeline", _pipelines, key, now), time, log),
            new ObjectFollower(cluster, Release.Kind, PromotionController.Namespace, (key, now) => Take("release", _releases, key, now), time, log),
        ];
    }

    /// <summary>The pipelines, by name.</summary>
    public IReadOnlyList<KubernetesObject> Pipelines => [.. _pipelines.Values.OrderBy(p => p.Name, StringComparer.Ordinal)];

    /// <summary>The releases, in no order.</summary>
    public IEnumerable<KubernetesObject> Releases => _releases.Values;

    /// <summary>A pipeline; null when there is none of that name.</summary>
    public KubernetesObject? Find(string name) => _pipelines.GetValueOrDefault(name);

    /// <summary>A release; null when there is none of that name.</summary>
    public KubernetesObject? FindRelease(string name) => _releases.GetValueOrDefault(name);

    /// <summary>The pipeline of a release, by which rights speak of it; its repository where it has none.</summary>
    public static string PipelineOf(KubernetesObject release) => release.Spec["pipeline"]?.AsString() ?? release.Spec["repository"]?.AsString() ?? release.Name;

    /// <summary>The releases that go through a pipeline, in no order: those made for it, and those of its repository (Release.IsFor).</summary>
    public IEnumerable<KubernetesObject> ReleasesOf(KubernetesObject pipeline) => _releases.Values.Where(r => Takes(pipeline, r));

    /// <summary>The pipelines that a release goes through, by name.</summary>
    public IEnumerable<KubernetesObject> PipelinesOf(KubernetesObject release) => Pipelines.Where(p => Takes(p, release));

    private static bool Takes(KubernetesObject pipeline, KubernetesObject release) => release.Spec["pipeline"]?.AsString() is { Length: > 0 } named
        ? named == pipeline.Name
        : release.Spec["repository"]?.AsString() is { Length: > 0 } repository && repository == pipeline.Spec["repository"]?.AsString();

    public void Start()
    {
        foreach (var follower in _followers) follower.Start();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var follower in _followers) await follower.DisposeAsync().ConfigureAwait(false);
    }

    private void Take(string kind, ConcurrentDictionary<string, KubernetesObject> all, ObjectKey key, KubernetesObject? now)
    {
        KubernetesObject? told;
        if (now is null)
        {
            all.TryRemove(key.Name, out told);
        }
        else
        {
            told = now;
            all[key.Name] = now;
        }
        if (told is not null) _changes.Publish(new Change(kind, kind == "release" ? PipelineOf(told) : key.Name, key.Namespace, now is null));
    }
}
