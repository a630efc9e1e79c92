using Capstan.Kubernetes;
using Capstan.Oci.Manifests;
using Capstan.Registry.Collecting;
using Capstan.Registry.Storage;
using Capstan.Server.Problems;
using Microsoft.Extensions.Logging;

namespace Capstan.Server.Bindings;

/// <summary>Looks after the registry while the server runs: collects each hour, reads everything each week.</summary>
internal sealed class RegistryUpkeep : IAsyncDisposable
{
    private static readonly TimeSpan Between = TimeSpan.FromHours(1);
    private const int RoundsBetweenScrubs = 24 * 7;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ImageStore _images;
    private readonly Collector _collector;
    private readonly TimeProvider _time;
    private readonly ILogger<RegistryUpkeep> _log;
    private readonly Task _run;

    public RegistryUpkeep(ImageStore images, IImagesInUse inUse, TimeProvider time, ILogger<RegistryUpkeep> log)
    {
        _images = images;
        _collector = new Collector(images, inUse);
        _time = time;
        _log = log;
        _run = RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        for (var round = 1L; ; round++)
        {
            await Task.Delay(Between * (0.9 + (0.2 * Random.Shared.NextDouble())), _time, _stopping.Token).ConfigureAwait(false);
            try
            {
                var report = await _collector.CollectAsync(_stopping.Token).ConfigureAwait(false);
                if (report.Blobs + report.Manifests + report.Uploads > 0) _log.RegistryCollected(report.Manifests, report.Blobs, report.Bytes, report.Uploads);
                if (round % RoundsBetweenScrubs != 0) continue;
                foreach (var damaged in await new Scrubber(_images).ScrubAsync(_stopping.Token).ConfigureAwait(false)) _log.BlobDamaged(damaged.ToString());
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ManifestException or KubernetesException or ClusterUnreachableException or UnknownKindException)
            {
                // What cannot be read or known now is left alone, and looked at again in an hour.
                _log.UpkeepFailed(e);
            }
        }
    }
}
