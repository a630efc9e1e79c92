using System.Collections.Concurrent;
using Capstan.Delivery.Applications;
using Capstan.Faults;
using Capstan.Kubernetes;
using Capstan.Reconcile;
using Capstan.Resources;
using Capstan.Yaml;
using Microsoft.Extensions.Logging;

namespace Capstan.Delivery.Controllers;

/// <summary>
/// Writes what is said of Applications into their objects: only what changed, and several changes at once. A commit that touches an
/// Application in nothing is no news, so that a push costs what it changes; who follows such an Application by name is told of it all the
/// same. What has to be on record before an act is written at once.
/// </summary>
internal sealed class StatusPublisher : IDisposable
{
    private const int MostAttempts = 5;
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(100);

    // What was just written is looked at by the cluster's controllers in a moment: one write tells both.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);

    private readonly ClusterClient _client;
    private readonly Func<ApplicationKey, ApplicationState?> _find;
    private readonly TimeProvider _time;
    private readonly ReconcileLoop<ApplicationKey> _loop;
    private readonly ConcurrentDictionary<ApplicationKey, int> _followed = new();
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
    /// <param name="state">Of which Application.</param>
    /// <param name="settles">Whether better news is to be expected in a moment.</param>
    /// <param name="asked">Whether somebody asked, so that the commit is news too.</param>
    public void Publish(ApplicationState state, bool settles = false, bool asked = false)
    {
        var map = StatusWriter.Write(state.Status);
        if (!state.Written.Says(map) || SeededBugs.Has(SeededBugs.WriteEveryTime))
        {
            _loop.EnqueueAfter(state.Key, settles ? Settling : Soon);
        }
        else if ((asked || _followed.ContainsKey(state.Key)) && StatusReader.Revision(map["sync"]) != StatusReader.Revision(state.Written.Read()["sync"]))
        {
            _loop.EnqueueAfter(state.Key, Soon);
        }
    }

    /// <summary>Has the commit of an Application written too, as long as somebody follows it by name.</summary>
    public IDisposable Follow(ApplicationKey key)
    {
        _followed.AddOrUpdate(key, 1, static (_, count) => count + 1);
        _loop.EnqueueAfter(key, Soon);
        return new Following(this, key);
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
            var patch = MergePatch.Create(YamlMap.Of(("status", state.Written.Read())), YamlMap.Of(("status", map))) as YamlMap ?? YamlMap.Empty;
            patch = takeOperation ? patch.With("operation", YamlScalar.Null) : patch;
            if (patch.Count == 0)
            {
                return;
            }

            var written = await PatchAsync(state.Key, patch, cancellation).ConfigureAwait(false);
            state.OwnVersion = written.ResourceVersion;
            state.Written = new WrittenStatus(map);
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

    /// <summary>Changes the finalizers of the object; what others change at the same moment is kept.</summary>
    public async Task ChangeFinalizersAsync(ApplicationKey key, Func<IReadOnlyList<string>, IEnumerable<string>> change, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (await _client.FindAsync(new ObjectKey(Application.Kind.GroupKind, key.Namespace, key.Name), cancellation).ConfigureAwait(false) is not { } now)
            {
                return;
            }

            try
            {
                var rest = new YamlList(change([.. now.Finalizers]).Select(f => (YamlNode)f));
                await PatchAsync(key, YamlMap.Of(("metadata", YamlMap.Of(("finalizers", rest), ("resourceVersion", now.ResourceVersion)))), cancellation).ConfigureAwait(false);
                return;
            }
            catch (KubernetesException error) when (error.IsConflict && attempt < MostAttempts)
            {
                // It moved between the read and the write; what it says now is read again.
            }
            catch (KubernetesException error) when (error.IsNotFound)
            {
                // The last finalizer went, and the object with it.
                return;
            }
        }
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
            Failpoints.Reach(Failpoints.BeforeStatus);
            await WriteNowAsync(state, takeOperation: false, cancellation).ConfigureAwait(false);
            Failpoints.Reach(Failpoints.AfterStatus);
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

    private void Unfollow(ApplicationKey key)
    {
        if (_followed.AddOrUpdate(key, 0, static (_, count) => count - 1) <= 0)
        {
            _followed.TryRemove(new KeyValuePair<ApplicationKey, int>(key, 0));
        }
    }

    private sealed class Following(StatusPublisher publisher, ApplicationKey key) : IDisposable
    {
        private int _ended;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _ended, 1) == 0)
            {
                publisher.Unfollow(key);
            }
        }
    }
}
