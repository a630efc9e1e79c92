using Capstan.Kubernetes;
using Capstan.Promotion.Running;
using Capstan.Server.Problems;
using Microsoft.Extensions.Logging;

namespace Capstan.Server.Bindings;

/// <summary>
/// Lets the controller of pipelines look again and again, and at once when something happened that may let it go on; with a pause that grows while the
/// cluster does not answer.
/// </summary>
internal sealed class PromotionRun : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _woken = new(0, 1);
    private Task _run = Task.CompletedTask;

    /// <summary>Starts looking.</summary>
    public void Start(PromotionController controller, TimeProvider time, ILogger<PromotionRun> log) => _run = RunAsync(controller, time, log);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
        _woken.Dispose();
    }

    /// <summary>Something happened: a release was made, somebody approved, an application changed.</summary>
    public void Wake()
    {
        try
        {
            _woken.Release();
        }
        catch (Exception e) when (e is SemaphoreFullException or ObjectDisposedException)
        {
            // It is awake already, or is stopping.
            return;
        }
    }

    private async Task RunAsync(PromotionController controller, TimeProvider time, ILogger log)
    {
        var pause = Pause;
        while (true)
        {
            // What comes together is looked at together.
            if (await _woken.WaitAsync(pause * (0.8 + (0.4 * Random.Shared.NextDouble())), _stopping.Token).ConfigureAwait(false)) await Task.Delay(Gathering, time, _stopping.Token).ConfigureAwait(false);
            try
            {
                if (await controller.RunOnceAsync(_stopping.Token).ConfigureAwait(false)) Wake();
                pause = Pause;
            }
            catch (KubernetesException e) when (e.IsConflict)
            {
                // Somebody wrote the pipeline meanwhile: the next look sees it.
                pause = Pause;
            }
            catch (Exception e) when (e is KubernetesException or ClusterUnreachableException or UnknownKindException or IOException)
            {
                pause = pause * 2 > LongestPause ? LongestPause : pause * 2;
                log.PipelinesFailed(pause, e.Message);
            }
        }
    }
}
