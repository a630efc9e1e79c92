using Capstan.Workflows.Runs;

namespace Capstan.Workflows.Running;

/// <summary>How far a run is: the one owner of its status. Changes are stored together, at most a few a second, and all of them before it ends.</summary>
/// <param name="run">The run.</param>
/// <param name="store">Where it is kept.</param>
/// <param name="time">The clock.</param>
internal sealed class RunProgress(WorkflowRun run, Func<WorkflowRun, CancellationToken, Task> store, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _storing = new(1);
    private WorkflowRun _run = run;
    private bool _changed;

    /// <summary>The run as it is now.</summary>
    public WorkflowRun Run
    {
        get
        {
            lock (_gate) return _run;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _storing.Dispose();

    /// <summary>Changes the status.</summary>
    public void Change(Func<RunStatus, RunStatus> change)
    {
        lock (_gate)
        {
            _run = _run with { Status = change(_run.Status) };
            _changed = true;
        }
    }

    /// <summary>Changes one job.</summary>
    public void Change(string key, Func<JobState, JobState> change) => Change(status => status with { Jobs = [.. status.Jobs.Select(j => j.Key == key ? change(j) : j)] });

    /// <summary>Stores what has changed, until cancelled.</summary>
    public async Task KeepStoringAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            await StoreAsync(cancellation).ConfigureAwait(false);
            await Task.Delay(Pause, time, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Stores what has changed now.</summary>
    public async Task StoreAsync(CancellationToken cancellation)
    {
        await _storing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            WorkflowRun now;
            lock (_gate)
            {
                if (!_changed) return;
                (now, _changed) = (_run, false);
            }

            await store(now, cancellation).ConfigureAwait(false);
        }
        catch
        {
            lock (_gate) _changed = true;
            throw;
        }
        finally
        {
            _storing.Release();
        }
    }
}
