using System.Globalization;
using System.Runtime.CompilerServices;
using Capstan.LocalCluster.ApiServer;
using Capstan.LocalCluster.ApiServer.Catalog;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.ApiServer.Operations;
using Capstan.LocalCluster.Storage;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster;

/// <summary>A list at one revision.</summary>
/// <param name="Items">The objects, ordered by namespace and name.</param>
/// <param name="Revision">The revision; a watch from there neither repeats nor loses anything.</param>
public sealed record ClusterList(IReadOnlyList<KubernetesObject> Items, long Revision);

/// <summary>What happened to an object.</summary>
public enum ClusterEventType
{
    /// <summary>It came to be.</summary>
    Added,

    /// <summary>It changed.</summary>
    Modified,

    /// <summary>It is gone; the event holds its last state.</summary>
    Deleted,
}

/// <summary>One committed change.</summary>
/// <param name="Type">What happened.</param>
/// <param name="Object">The object after it; for a deletion its last state.</param>
/// <param name="Revision">The revision at which it happened.</param>
public sealed record ClusterEvent(ClusterEventType Type, KubernetesObject Object, long Revision);

/// <summary>
/// The cluster from within the process, for controllers and the node: the same rules as over HTTP (admission, ownership of fields,
/// generations, finalizers) without the wire. Objects are read and written in the stored version of their kind. Refusals are
/// <see cref="ApiStatusException"/>s with the same reasons as over HTTP.
/// </summary>
public sealed class ClusterClient
{
    private readonly ObjectStore _store;
    private readonly ResourceCatalog _catalog;
    private readonly ObjectReader _reader;
    private readonly ObjectWriter _writer;
    private readonly ObjectDeleter _deleter;
    private readonly WriteOptions _options;

    internal ClusterClient(ObjectStore store, ResourceCatalog catalog, ObjectReader reader, ObjectWriter writer, ObjectDeleter deleter, string manager = "capstan-local-cluster")
    {
        (_store, _catalog, _reader, _writer, _deleter) = (store, catalog, reader, writer, deleter);
        _options = new WriteOptions { FieldManager = manager, FieldValidation = FieldValidation.Ignore };
    }

    /// <summary>The newest revision that can be read.</summary>
    public long Revision => _store.Revision;

    /// <summary>Every kind that is served and stored now, custom ones included.</summary>
    public IReadOnlyList<GroupKind> Kinds => [.. _catalog.All.Where(r => !r.CreateOnly).Select(r => new GroupKind(r.Group, r.Kind))];

    /// <summary>The same cluster, written to under another field manager (one for each controller).</summary>
    public ClusterClient As(string fieldManager) => new(_store, _catalog, _reader, _writer, _deleter, fieldManager);

    /// <summary>Whether objects of a kind live in namespaces; null when the kind is not served.</summary>
    public bool? IsNamespaced(GroupKind kind) => _catalog.Find(kind)?.Namespaced;

    /// <summary>An object as it is now; null when it is not there or its kind is not served. Reads memory, never the disk.</summary>
    public KubernetesObject? Get(ObjectKey key) =>
        _catalog.Find(key.GroupKind) is { } resource && _store.Get(resource.Key(key.Namespace, key.Name)) is { } found ? new KubernetesObject(found.Tree) : null;

    /// <summary>All objects of a kind, in one namespace or (null) in all; empty when the kind is not served.</summary>
    public ClusterList List(GroupKind kind, string? space = null, LabelSelector? labels = null)
    {
        if (_catalog.Find(kind) is not { } resource)
        {
            return new ClusterList([], Revision);
        }

        var page = _reader.List(resource, resource.Namespaced ? space : "", new ListOptions { Labels = labels ?? LabelSelector.Everything });
        return new ClusterList([.. page.Items.Select(i => new KubernetesObject(i.Tree))], page.Revision);
    }

    /// <summary>The changes of a kind after a revision, in order, each once, until cancelled.</summary>
    /// <exception cref="ApiStatusException">Expired: the reader fell behind what is kept, or asked for too old a revision; list again.</exception>
    public async IAsyncEnumerable<ClusterEvent> WatchAsync(GroupKind kind, long after, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var resource = Served(kind);
        var watch = _store.Watch(resource.StoreName, after) ?? throw ApiErrors.TooOld(after, Revision);
        while (true)
        {
            var events = watch.Read() ?? throw ApiErrors.TooOld(watch.Position, Revision);
            foreach (var change in events.ToArray())
            {
                yield return new ClusterEvent(change.Kind switch
                {
                    StoreEventKind.Added => ClusterEventType.Added,
                    StoreEventKind.Modified => ClusterEventType.Modified,
                    _ => ClusterEventType.Deleted,
                }, new KubernetesObject(change.Object.Tree), change.Revision);
            }

            if (events.Count == 0)
            {
                await watch.WaitAsync(cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Creates an object. Its <c>status</c> is not taken; use <see cref="UpdateStatusAsync"/> afterwards.</summary>
    public async Task<KubernetesObject> CreateAsync(KubernetesObject value, CancellationToken cancellation) =>
        Result(await _writer.CreateAsync(TargetOf(value, ""), value.Body, _options, cancellation).ConfigureAwait(false));

    /// <summary>Replaces an object but for its status. With a <c>resourceVersion</c> it is refused (Conflict) when the object has changed since.</summary>
    public async Task<KubernetesObject> UpdateAsync(KubernetesObject value, CancellationToken cancellation) =>
        Result(await _writer.UpdateAsync(TargetOf(value, ""), value.Body, _options, cancellation).ConfigureAwait(false));

    /// <summary>Replaces the status of an object and nothing else.</summary>
    public async Task<KubernetesObject> UpdateStatusAsync(KubernetesObject value, CancellationToken cancellation) =>
        Result(await _writer.UpdateAsync(TargetOf(value, "status"), value.Body, _options, cancellation).ConfigureAwait(false));

    /// <summary>Replaces an object together with its status: one version where two requests would make two.</summary>
    internal async Task<KubernetesObject> UpdateWholeAsync(KubernetesObject value, CancellationToken cancellation) =>
        Result(await _writer.UpdateAsync(TargetOf(value, ""), value.Body, _options with { WithStatus = true }, cancellation).ConfigureAwait(false));

    /// <summary>Patches an object.</summary>
    /// <param name="key">Which one.</param>
    /// <param name="kind">The kind of patch; an apply takes over the fields of other managers.</param>
    /// <param name="patch">The patch.</param>
    /// <param name="subresource"><c>status</c>, <c>scale</c>, <c>finalize</c>; empty for the object itself.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    public async Task<KubernetesObject> PatchAsync(ObjectKey key, PatchKind kind, YamlNode patch, string subresource, CancellationToken cancellation) =>
        Result(await _writer.PatchAsync(TargetOf(key, subresource), kind, patch, _options with { Force = true }, cancellation).ConfigureAwait(false));

    /// <summary>Changes an object by a function of its present state; it is called again when somebody else was quicker. The same object means no change.</summary>
    public async Task<KubernetesObject> ChangeAsync(ObjectKey key, Func<KubernetesObject, KubernetesObject> change, string subresource, CancellationToken cancellation) =>
        Result(await _writer.ChangeAsync(TargetOf(key, subresource), live => change(new KubernetesObject(live)).Body, _options, cancellation).ConfigureAwait(false));

    /// <summary>Deletes an object.</summary>
    /// <param name="key">Which one.</param>
    /// <param name="uid">Only this very object, not a successor of its name; null for any.</param>
    /// <param name="gracePeriodSeconds">How long a pod may take to stop; 0 removes it at once; null for its own time.</param>
    /// <param name="propagation"><c>Background</c>, <c>Foreground</c>, <c>Orphan</c>, or null.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <returns>Whether it is gone; false when it waits for finalizers or its grace period.</returns>
    public async Task<bool> DeleteAsync(ObjectKey key, string? uid, long? gracePeriodSeconds, string? propagation, CancellationToken cancellation)
    {
        var options = new DeleteOptions { Uid = uid, GracePeriodSeconds = gracePeriodSeconds, PropagationPolicy = propagation };
        var outcome = await _deleter.DeleteAsync(TargetOf(key, ""), options, cancellation).ConfigureAwait(false);
        return outcome.Gone;
    }

    private static KubernetesObject Result(WriteOutcome outcome) => new(outcome.Tree);

    private ServedResource Served(GroupKind kind) =>
        _catalog.Find(kind) ?? throw new ApiStatusException(404, ApiReasons.NotFound, string.Create(CultureInfo.InvariantCulture, $"no matches for kind \"{kind}\""));

    private Target TargetOf(KubernetesObject value, string subresource)
    {
        var resource = Served(value.GroupKind);
        return new Target(resource, value.GroupVersionKind.Version, resource.Namespaced ? value.Namespace : "", value.Name, subresource);
    }

    private Target TargetOf(ObjectKey key, string subresource)
    {
        var resource = Served(key.GroupKind);
        return new Target(resource, resource.StorageVersion, resource.Namespaced ? key.Namespace : "", key.Name, subresource);
    }
}
