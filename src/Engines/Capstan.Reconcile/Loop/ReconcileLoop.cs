using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Capstan.Reconcile;

/// <summary>
/// Runs workers that reconcile keys from a <see cref="WorkQueue{TKey}"/>. A key whose reconciliation throws backs off by itself; it
/// never ends the loop nor keeps other keys waiting.
/// </summary>
/// <typeparam name="TKey">What identifies what is reconciled.</typeparam>
public sealed class ReconcileLoop<TKey> : IDisposable
    where TKey : notnull
{
    private readonly ReconcileOptions _options;
    private readonly Func<TKey, CancellationToken, Task<Outcome>> _reconcile;
    private readonly Func<TKey, Surface, CancellationToken, Task>? _surface;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly WorkQueue<TKey> _queue;
    private readonly ConcurrentDictionary<TKey, int> _failures = new();
    private readonly ReconcileMetrics _metrics;

    /// <summary>Makes a loop; <see cref="RunAsync"/> starts it.</summary>
    /// <param name="options">How it works.</param>
    /// <param name="reconcile">Brings one key to where it should be; called for one key at a time by one worker at a time.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where it logs.</param>
    /// <param name="surface">Told how each reconciliation ended, to write conditions and events; may be null.</param>
    /// <param name="share">Whose share of the workers a key is; null when all are one. See <see cref="WorkQueue{TKey}"/>.</param>
    public ReconcileLoop(
        ReconcileOptions options,
        Func<TKey, CancellationToken, Task<Outcome>> reconcile,
        TimeProvider time,
        ILogger log,
        Func<TKey, Surface, CancellationToken, Task>? surface = null,
        Func<TKey, string>? share = null)
    {
        _options = options;
        _reconcile = reconcile;
        _surface = surface;
        _time = time;
        _log = log;
        _queue = new WorkQueue<TKey>(time, options.Limit, share);
        _metrics = new ReconcileMetrics(options.Name, () => _queue.Ready);
    }

    /// <summary>The queue, to look at its length.</summary>
    public WorkQueue<TKey> Queue => _queue;

    /// <summary>Makes a key due at once, whatever back-off it has.</summary>
    /// <param name="key">The key.</param>
    /// <param name="urgent">Whether somebody waits for it.</param>
    /// <returns>False when the queue is full.</returns>
    public bool Enqueue(TKey key, bool urgent = false) => _queue.Add(key, urgent);

    /// <summary>Makes a key due after a delay.</summary>
    /// <returns>False when the queue is full.</returns>
    public bool EnqueueAfter(TKey key, TimeSpan delay) => _queue.AddAfter(key, delay);

    /// <summary>Forgets what is remembered of a key that is gone.</summary>
    public void Forget(TKey key)
    {
        _failures.TryRemove(key, out _);
        _queue.CancelDelay(key);
    }

    /// <summary>How often in a row a key failed; 0 when it did not.</summary>
    public int Failures(TKey key) => _failures.GetValueOrDefault(key);

    /// <summary>Works until the token is cancelled, then waits for the reconciliations under way and returns.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var workers = new Task[_options.Workers];
        for (var i = 0; i < workers.Length; i++)
        {
            workers[i] = Task.Run(() => WorkAsync(cancellation), CancellationToken.None);
        }

        await Task.WhenAll(workers).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _queue.Dispose();
        _metrics.Dispose();
    }

    private async Task WorkAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            TKey key;
            try
            {
                key = await _queue.TakeAsync(cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            try
            {
                await ReconcileAsync(key, cancellation).ConfigureAwait(false);
            }
            finally
            {
                _queue.Done(key);
            }
        }
    }

    private async Task ReconcileAsync(TKey key, CancellationToken cancellation)
    {
        var started = _time.GetTimestamp();
        var outcome = await OutcomeAsync(key, cancellation).ConfigureAwait(false);
        if (outcome is null)
        {
            return;
        }

        var failures = outcome is Outcome.Failed ? _failures.AddOrUpdate(key, 1, static (_, known) => known + 1) : 0;
        if (failures == 0)
        {
            _failures.TryRemove(key, out _);
        }

        _metrics.Count(outcome, _time.GetElapsedTime(started));
        var surface = Surfacing.Of(outcome, failures, failures == 0 ? TimeSpan.Zero : _options.Backoff.After(failures));
        _log.Reconciled(surface.Level, _options.Name, key, surface.Reason, surface.Message);
        await SurfaceAsync(key, surface, cancellation).ConfigureAwait(false);
        if (surface.Requeue is { } delay)
        {
            _queue.AddAfter(key, delay);
        }
    }

    private async Task<Outcome?> OutcomeAsync(TKey key, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var timer = _time.CreateTimer(static s => ((CancellationTokenSource)s!).Cancel(), limit, _options.Timeout, Timeout.InfiniteTimeSpan);
        try
        {
            return await _reconcile(key, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return null;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return new Outcome.Failed("TimedOut", $"it took longer than {_options.Timeout}");
        }
        catch (Exception error)
        {
            // The worker's edge: whatever one key does, the others go on.
            _log.Threw(_options.Name, key, error);
            return new Outcome.Failed("UnexpectedError", $"{error.GetType().Name}: {error.Message}");
        }
    }

    private async Task SurfaceAsync(TKey key, Surface surface, CancellationToken cancellation)
    {
        if (_surface is null)
        {
            return;
        }

        try
        {
            await _surface(key, surface, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The loop is ending; what was not surfaced is reconciled again at the next start.
        }
        catch (Exception error)
        {
            _log.SurfacingThrew(_options.Name, key, error);
            _queue.AddAfter(key, _options.Backoff.First);
        }
    }
}
