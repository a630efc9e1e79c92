using System.Runtime.CompilerServices;
using Capstan.Resources;
using Capstan.Yaml;
using Microsoft.Extensions.Logging;

namespace Capstan.Kubernetes;

/// <summary>
/// Speaks to one cluster. Objects are dynamic; kinds are resolved by discovery. Every method throws
/// <see cref="KubernetesException"/> when the server refuses, <see cref="ClusterUnreachableException"/> when it cannot be spoken to and
/// <see cref="UnknownKindException"/> when it does not serve the kind. Safe for many callers at once; make one a cluster.
/// </summary>
public sealed class ClusterClient : IDisposable
{
    private static readonly ObjectScanner Scanner = new(new LiveCacheOptions());

    private readonly ClusterWire _wire;
    private readonly DiscoveryClient _discovery;

    /// <summary>Makes a client. Nothing is sent yet.</summary>
    /// <exception cref="ClusterConfigurationException">The connection's client certificate is not usable.</exception>
    public ClusterClient(ClusterConnection connection, TimeProvider time, ILogger log)
    {
        Connection = connection;
        Time = time;
        Log = log;
        _wire = new ClusterWire(connection, time, log);
        _discovery = new DiscoveryClient(_wire, connection, time, log);
    }

    /// <summary>How the cluster is reached.</summary>
    public ClusterConnection Connection { get; }

    internal TimeProvider Time { get; }

    internal ILogger Log { get; }

    internal ClusterWire Wire => _wire;

    /// <summary>What the cluster serves. Remembered; asked again on request and when a kind was not found.</summary>
    public Task<ApiDiscovery> DiscoverAsync(bool refresh = false, CancellationToken cancellation = default) => _discovery.GetAsync(refresh, cancellation);

    /// <summary>The server's version as <c>/version</c> tells it: <c>gitVersion</c>, <c>major</c>, <c>minor</c> …</summary>
    public Task<YamlMap> VersionAsync(CancellationToken cancellation = default) =>
        _wire.SendAsync(new WireRequest(HttpMethod.Get, "version", "read the server's version"), static r => WireJson.Map(r.Body.Span), cancellation);

    /// <summary>How a kind in exactly this version is served.</summary>
    /// <exception cref="UnknownKindException">It is not.</exception>
    public async Task<ApiResource> ResolveAsync(GroupVersionKind kind, CancellationToken cancellation = default)
    {
        if ((await _discovery.GetAsync(refresh: false, cancellation).ConfigureAwait(false)).Find(kind) is { } known)
        {
            return known;
        }

        var fresh = await _discovery.GetForUnknownAsync(cancellation).ConfigureAwait(false);
        return fresh.Find(kind)
            ?? throw new UnknownKindException(kind, Connection.Name, fresh.VersionsOf(kind.GroupKind), fresh.FailureOf(kind.Group));
    }

    /// <summary>How a kind is served in its preferred version.</summary>
    /// <exception cref="UnknownKindException">It is not.</exception>
    public async Task<ApiResource> ResolveAsync(GroupKind kind, CancellationToken cancellation = default)
    {
        if ((await _discovery.GetAsync(refresh: false, cancellation).ConfigureAwait(false)).Find(kind) is { } known)
        {
            return known;
        }

        var fresh = await _discovery.GetForUnknownAsync(cancellation).ConfigureAwait(false);
        return fresh.Find(kind) ?? throw new UnknownKindException(new(kind.Group, "*", kind.Kind), Connection.Name, [], fresh.FailureOf(kind.Group));
    }

    /// <summary>Reads one object in its kind's preferred version; null when it is not there.</summary>
    public async Task<KubernetesObject?> FindAsync(ObjectKey key, CancellationToken cancellation = default) =>
        await FindAsync(await ResolveAsync(key.GroupKind, cancellation).ConfigureAwait(false), key.Namespace, key.Name, cancellation).ConfigureAwait(false);

    /// <summary>Reads one object; null when it is not there.</summary>
    public async Task<KubernetesObject?> FindAsync(ApiResource resource, string space, string name, CancellationToken cancellation = default)
    {
        try
        {
            return await GetAsync(resource, space, name, cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException error) when (error.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>Reads one object.</summary>
    public Task<KubernetesObject> GetAsync(ApiResource resource, string space, string name, CancellationToken cancellation = default) =>
        _wire.SendAsync(Requests.Get(resource, space, name), static r => WireJson.Object(r.Body.Span), cancellation);

    /// <summary>Reads all objects of a kind, page by page, at one version. A page that expired meanwhile makes it begin again.</summary>
    public Task<ListResult> ListAsync(ApiResource resource, ListOptions? options = null, CancellationToken cancellation = default) =>
        Lists.ReadAsync(_wire, resource, options ?? new ListOptions(), cancellation);

    /// <summary>
    /// Follows the changes of a kind after a version. Ends when the server ends the watch; go on at the last event's version.
    /// </summary>
    /// <exception cref="KubernetesException">With <see cref="KubernetesException.IsGone"/> when the version is too old: list again.</exception>
    public async IAsyncEnumerable<WatchEvent> WatchAsync(
        ApiResource resource, string resourceVersion, ListOptions? options = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var (kind, body) in Watches.ReadAsync(_wire, resource, options ?? new ListOptions(), resourceVersion, cancellation).ConfigureAwait(false))
        {
            yield return new WatchEvent(kind, WireJson.Object(body.Span));
        }
    }

    /// <summary>
    /// Creates an object. When an answer was lost on the way it is tried again if the object has a name, and
    /// <see cref="KubernetesException.IsAlreadyExists"/> with <see cref="KubernetesException.AfterLostResponse"/> may then mean success.
    /// </summary>
    public async Task<WriteResult> CreateAsync(KubernetesObject @object, WriteOptions? options = null, CancellationToken cancellation = default)
    {
        var resource = await ResolveAsync(@object.GroupVersionKind, cancellation).ConfigureAwait(false);
        return await CreateAsync(resource, @object, options, cancellation).ConfigureAwait(false);
    }

    /// <summary>Creates an object of a kind that the caller knows how to reach; see the other overload.</summary>
    public Task<WriteResult> CreateAsync(ApiResource resource, KubernetesObject @object, WriteOptions? options = null, CancellationToken cancellation = default) =>
        WriteAsync(Requests.Create(resource, @object, options ?? new WriteOptions()), cancellation);

    /// <summary>Replaces an object; with a resourceVersion only that version of it.</summary>
    public async Task<WriteResult> UpdateAsync(KubernetesObject @object, WriteOptions? options = null, string subresource = "", CancellationToken cancellation = default)
    {
        var resource = await ResolveAsync(@object.GroupVersionKind, cancellation).ConfigureAwait(false);
        return await WriteAsync(Requests.Update(resource, @object, subresource, options ?? new WriteOptions()), cancellation).ConfigureAwait(false);
    }

    /// <summary>Patches an object or a subresource of it.</summary>
    public Task<WriteResult> PatchAsync(
        ApiResource resource, string space, string name, PatchKind kind, YamlNode patch, WriteOptions? options = null, string subresource = "", CancellationToken cancellation = default) =>
        WriteAsync(Requests.Patch(resource, (space, name, subresource), kind, patch, options ?? new WriteOptions()), cancellation);

    /// <summary>Server-side apply: creates the object or brings the fields that it names to what it says.</summary>
    /// <exception cref="KubernetesException">
    /// With <see cref="KubernetesException.IsConflict"/> and a <see cref="KubernetesException.Causes"/> entry a field when other managers own
    /// fields and <see cref="ApplyOptions.Force"/> is not set.
    /// </exception>
    public async Task<WriteResult> ApplyAsync(KubernetesObject @object, ApplyOptions? options = null, CancellationToken cancellation = default)
    {
        var resource = await ResolveAsync(@object.GroupVersionKind, cancellation).ConfigureAwait(false);
        return await WriteAsync(Requests.Apply(resource, @object, options ?? new ApplyOptions()), cancellation).ConfigureAwait(false);
    }

    /// <summary>Deletes an object.</summary>
    /// <returns>
    /// True when it was there; false when it was gone already. With a uid or a resourceVersion that is not the object's any more the server
    /// answers a conflict, which is thrown.
    /// </returns>
    public async Task<bool> DeleteAsync(ApiResource resource, string space, string name, DeleteOptions? options = null, CancellationToken cancellation = default)
    {
        try
        {
            return await _wire.SendAsync(Requests.Delete(resource, space, name, options ?? new DeleteOptions()), static _ => true, cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException error) when (error.IsNotFound)
        {
            return error.AfterLostResponse;
        }
    }

    /// <summary>Deletes an object in its kind's preferred version; see the other overload.</summary>
    public async Task<bool> DeleteAsync(ObjectKey key, DeleteOptions? options = null, CancellationToken cancellation = default) =>
        await DeleteAsync(await ResolveAsync(key.GroupKind, cancellation).ConfigureAwait(false), key.Namespace, key.Name, options, cancellation).ConfigureAwait(false);

    /// <summary>Reads the log of a container, line by line; bytes that are no UTF-8 come as replacement characters.</summary>
    public async IAsyncEnumerable<string> LogsAsync(
        string space, string pod, LogOptions? options = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        options ??= new LogOptions();
        using var stream = await _wire.OpenAsync(Requests.Logs(space, pod, options), cancellation).ConfigureAwait(false);
        var silence = options.Follow ? TimeSpan.FromHours(4) : TimeSpan.FromMinutes(1);
        await foreach (var line in stream.LinesAsync(options.LongestLine, cut: true, silence, cancellation).ConfigureAwait(false))
        {
            yield return System.Text.Encoding.UTF8.GetString(line.Span);
        }
    }

    /// <summary>Opens a terminal in a container and runs a command in it.</summary>
    /// <exception cref="ClusterUnreachableException">The cluster cannot be reached, or refuses.</exception>
    public Task<PodTerminal> OpenTerminalAsync(string space, string pod, string container, IReadOnlyList<string> command, CancellationToken cancellation) =>
        PodTerminal.OpenAsync(Connection, space, pod, container, command, cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        _discovery.Dispose();
        _wire.Dispose();
    }

    // What a write left is rarely looked at beyond its version: the watch brings the object anyway.
    private static KubernetesObject Written(ReadOnlySpan<byte> body) => Scanner.Scan(body).Object;

    private Task<WriteResult> WriteAsync(WireRequest request, CancellationToken cancellation) => _wire.SendAsync(
        request,
        static r => new WriteResult(Written(r.Body.Span), r.Status == System.Net.HttpStatusCode.Created, r.Warnings),
        cancellation);
}
