using Capstan.Delivery.Controllers;

namespace Capstan.Server.Bindings;

/// <summary>A running engine: one task, awaited when it is stopped.</summary>
internal sealed class EngineRun(DeliveryEngine engine) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _run = Task.CompletedTask;

    public DeliveryEngine Engine => engine;

    /// <summary>Starts it.</summary>
    /// <returns>Ends when the engine ends, with the error that ended it.</returns>
    public Task Start() => _run = RunAsync();

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await engine.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            await engine.RunAsync(_stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return;
        }
    }
}
