using Capstan.Delivery.Applications;
using Capstan.Kubernetes;
using Capstan.Reconcile;
using Capstan.Resources;
using Capstan.Yaml;
using Microsoft.Extensions.Logging;

namespace Capstan.Delivery.Controllers;

/// <summary>
/// Writes what is said of Applications into their objects: only what changed, several changes at once, and the news that a thousand
/// Applications share (a commit that touches none of them) slowly. What has to be on record before an act is written at once.
/// </summary>
internal sealed class StatusPublisher : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Slowly = TimeSpan.FromSeconds(5);

    private readonly ClusterClient _client;
    private readonly Func<ApplicationKey, ApplicationState?> _find;
    private readonly TimeProvider _time;
    private readonly ReconcileLoop<ApplicationKey> _loop;
    private ApiResource? _resource;

    public StatusPublisher(ClusterClient client, Func<ApplicationKey, ApplicationState?> find, int workers, TimeProvider time, ILogger log)
    {
        _client = client;
        _find = find;
        _time = time;
        _loop = new ReconcileLoop<ApplicationKey>(new ReconcileOptions("application-status") { Workers = workers }, WriteAsync, time, log);
    }

    public Task RunAsync(CancellationToken cancellation) => _loop.RunAsync(cancellation);

    /// <summary>Has the status written soon, if anything in it is news.</summary>
    public void Publish(ApplicationState state)
    {
        var map = StatusWriter.Write(state.Status);
        if (IsSame(map, state.Written, alsoRevision: false))
        {
            if (!IsSame(map, state.Written, alsoRevision: true))
            {
                _loop.EnqueueAfter(state.Key, Slowly * (0.5 + Random.Shared.NextDouble()));
            }

            return;
        }

        _loop.EnqueueAfter(state.Key, Soon);
    }

    /// <summary>Writes the status now, before anything that it announces is done.</summary>
    /// <param name="state">Of which Application.</param>
    /// <param name="takeOperation">Whether the operation that was asked for is taken out of the object.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task WriteNowAsync(ApplicationState state, bool takeOperation, CancellationToken cancellation)
    {
        await state.Writing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            var map = StatusWriter.Write(state.Status with { ReconciledAt = _time.GetUtcNow() });
            var patch = MergePatch.Create(YamlMap.Of(("status", state.Written)), YamlMap.Of(("status", map))) as YamlMap ?? YamlMap.Empty;
            patch = takeOperation ? patch.With("operation", YamlScalar.Null) : patch;
            if (patch.Count == 0)
            {
                return;
            }

            var written = await PatchAsync(state.Key, patch, cancellation).ConfigureAwait(false);
            state.OwnVersion = written.ResourceVersion;
            state.Written = map;
        }
        finally
        {
            state.Writing.Release();
        }
    }

    /// <summary>Changes the object itself: finalizers, annotations, the operation.</summary>
    public async Task<KubernetesObject> PatchAsync(ApplicationKey key, YamlMap patch, CancellationToken cancellation)
    {
        _resource ??= await _client.ResolveAsync(Application.Kind, cancellation).ConfigureAwait(false);
        var options = new WriteOptions { FieldManager = "capstan-controller" };
        return (await _client.PatchAsync(_resource, key.Namespace, key.Name, PatchKind.Merge, patch, options, cancellation: cancellation).ConfigureAwait(false)).Object;
    }

    public void Dispose() => _loop.Dispose();

    private async Task<Outcome> WriteAsync(ApplicationKey key, CancellationToken cancellation)
    {
        if (_find(key) is not { } state)
        {
            return new Outcome.Succeeded();
        }

        try
        {
            await WriteNowAsync(state, takeOperation: false, cancellation).ConfigureAwait(false);
            return new Outcome.Succeeded();
        }
        catch (KubernetesException error) when (error.IsNotFound)
        {
            return new Outcome.Succeeded("Gone", "the Application is gone");
        }
        catch (Exception error) when (error is KubernetesException or ClusterUnreachableException)
        {
            return new Outcome.Failed("StatusNotWritten", error.Message);
        }
    }

    // When it was looked at is no news by itself, and neither is a commit that changed nothing here.
    private static bool IsSame(YamlMap map, YamlMap written, bool alsoRevision)
    {
        var (left, right) = (map.Without("reconciledAt"), written.Without("reconciledAt"));
        return alsoRevision ? left.Equals(right) : left.WithoutAt("sync", "revision").Equals(right.WithoutAt("sync", "revision"));
    }
}
