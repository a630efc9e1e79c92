using Capstan.Kubernetes;
using Capstan.Promotion.Running;
using Capstan.Server.Problems;
using Microsoft.Extensions.Logging;

namespace Capstan.Server.Bindings;

/// <summary>Lets the controller of pipelines look again and again; a pause that grows while the cluster does not answer.</summary>
internal sealed class PromotionRun : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _run;

    public PromotionRun(PromotionController controller, TimeProvider time, ILogger<PromotionRun> log) => _run = RunAsync(controller, time, log);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task RunAsync(PromotionController controller, TimeProvider time, ILogger log)
    {
        var pause = Pause;
        while (true)
        {
            await Task.Delay(pause * (0.8 + (0.4 * Random.Shared.NextDouble())), time, _stopping.Token).ConfigureAwait(false);
            try
            {
                await controller.RunOnceAsync(_stopping.Token).ConfigureAwait(false);
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
