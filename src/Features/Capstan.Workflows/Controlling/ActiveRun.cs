using Capstan.Workflows.Logs;
using Capstan.Workflows.Running;
using Capstan.Workflows.Runs;

namespace Capstan.Workflows.Controlling;

/// <summary>A run that is under way in this process.</summary>
internal sealed class ActiveRun(WorkflowRun run, RunLog log, RunStore store, TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource _cancelled = new();

    public RunProgress Progress { get; } = new(run, store.UpdateAsync, time);

    public RunLog Log => log;

    public CancellationToken Cancelled => _cancelled.Token;

    public Task Ended { get; set; } = Task.CompletedTask;

    public void Cancel()
    {
        try
        {
            _cancelled.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended at this moment.
            return;
        }
    }

    public void Dispose()
    {
        log.Dispose();
        Progress.Dispose();
        _cancelled.Dispose();
    }
}
