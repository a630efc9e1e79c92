using System.Threading.Channels;
using Capstan.Containers;
using Capstan.LocalCluster.ApiServer;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.Node.Pods;
using Capstan.LocalCluster.Node.Probes;
using Capstan.LocalCluster.Node.Safety;
using Capstan.Resources;
using Fields = Capstan.LocalCluster.Controllers.ObjectFields;

namespace Capstan.LocalCluster.Node.Running;

/// <summary>
/// Looks after one pod until it is gone: looks at what is wanted and what there is, does the next step, writes down how it stands, and
/// waits until something happens. What it remembers can be lost; what counts is in the API and in the engine.
/// </summary>
internal sealed partial class PodWorker(NodeParts node, HandlerAction actions, ObjectKey key, string uid)
{
    private static readonly TimeSpan Resync = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan RetryProblem = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);

    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Dictionary<string, ContainerMemory> _memory = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ContainerProbes> _probes = new(StringComparer.Ordinal);
    private string _podIp = "";
    private string _failedReason = "";
    private string _failedMessage = "";

    /// <summary>The pod's namespace.</summary>
    public string Namespace => key.Namespace;

    /// <summary>Something that may concern the pod has happened.</summary>
    public void Wake() => _signal.Writer.TryWrite(true);

    /// <summary>Works until the pod is gone and nothing is left of it.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var failures = 0;
        try
        {
            while (true)
            {
                TimeSpan? wait;
                try
                {
                    wait = await SyncAsync(cancellation).ConfigureAwait(false);
                    failures = 0;
                }
                catch (Exception failure) when (failure is ContainerEngineException or ApiStatusException or IOException or UnauthorizedAccessException)
                {
                    node.Log.PodFailed(key.ToString(), failure.Message);
                    var delay = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(failures++, 10)) * (0.75 + Random.Shared.NextDouble() / 2));
                    wait = delay < LongestRetry ? delay : LongestRetry;
                }

                if (wait is not { } time)
                {
                    return;
                }

                await WaitAsync(time, cancellation).ConfigureAwait(false);
            }
        }
        finally
        {
            foreach (var probes in _probes.Values)
            {
                await probes.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task WaitAsync(TimeSpan time, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(time, node.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            await _signal.Reader.ReadAsync(both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // It is time to look again.
            return;
        }
    }

    /// <summary>One look at the pod.</summary>
    /// <returns>When to look again if nothing happens; null when nothing is left.</returns>
    private async Task<TimeSpan?> SyncAsync(CancellationToken cancellation)
    {
        var pod = node.Cluster.Get(key);
        var observed = await PodObservation.OfAsync(node.Engine, uid, cancellation).ConfigureAwait(false);
        if (pod is null || pod.Uid != uid)
        {
            await RemoveAllAsync(observed, cancellation).ConfigureAwait(false);
            return null;
        }

        if (pod.DeletionTimestamp is not null)
        {
            await EndAsync(pod, observed, cancellation).ConfigureAwait(false);
            return null;
        }

        if (pod.Status.Text("phase") is "Succeeded" or "Failed")
        {
            await StopAllAsync(pod, observed, TimeSpan.FromSeconds(30), cancellation).ConfigureAwait(false);
            return TimeSpan.FromHours(1);
        }

        var wait = Resync;
        if (PodSafety.Refusal(pod, node.AllowPrivilegedPods) is { } refusal)
        {
            Refuse(pod, refusal);
            wait = TimeSpan.FromMinutes(10);
        }
        else if (Deadline(pod) is { } left && left <= TimeSpan.Zero)
        {
            (_failedReason, _failedMessage) = ("DeadlineExceeded", "Pod was active on the node longer than the specified deadline");
            node.Events.Record(pod, isWarning: true, _failedReason, _failedMessage);
            await StopAllAsync(pod, observed, Grace(pod), cancellation).ConfigureAwait(false);
        }
        else
        {
            wait = Shorter(await TryStepAsync(pod, observed, cancellation).ConfigureAwait(false), Deadline(pod));
        }

        await WriteStatusAsync(pod, cancellation).ConfigureAwait(false);
        return wait;
    }

    private async Task<TimeSpan> TryStepAsync(KubernetesObject pod, PodObservation observed, CancellationToken cancellation)
    {
        try
        {
            return await StepAsync(pod, observed, cancellation).ConfigureAwait(false);
        }
        catch (PodProblemException problem)
        {
            node.Events.Record(pod, isWarning: true, problem.Reason, problem.Message);
            foreach (var entry in ContainerEntry.Of(pod).Where(e => observed.Last(e.Name) is null))
            {
                Memory(entry).Go();
            }

            return RetryProblem;
        }
    }

    private void Refuse(KubernetesObject pod, string refusal)
    {
        foreach (var entry in ContainerEntry.Of(pod))
        {
            Memory(entry).Wait("CreateContainerConfigError", refusal);
        }

        node.Events.Record(pod, isWarning: true, "Failed", $"Error: {refusal}");
    }

    private TimeSpan? Deadline(KubernetesObject pod) =>
        pod.Spec.Number("activeDeadlineSeconds") is { } seconds && Fields.ReadTimestamp(pod.Status.Text("startTime")) is { } start
            ? start.AddSeconds(seconds) - node.Time.GetUtcNow()
            : null;

    private async Task WriteStatusAsync(KubernetesObject pod, CancellationToken cancellation)
    {
        var observed = await PodObservation.OfAsync(node.Engine, uid, cancellation).ConfigureAwait(false);
        var messages = await TerminationMessages.ReadAsync(node, pod, observed, cancellation).ConfigureAwait(false);
        KubernetesObject Reported(KubernetesObject live) => live.Uid != uid ? live : live.With(["status"], PodStatus.Of(new PodSituation
        {
            Pod = live,
            Observed = observed,
            Memory = _memory,
            PodIp = _podIp,
            HostIp = NodeObject.Address,
            Runtime = node.Engine.Info.Name,
            FailedReason = _failedReason,
            FailedMessage = _failedMessage,
            Messages = messages,
            Now = node.Time.GetUtcNow(),
        }));
        try
        {
            var written = await node.Cluster.ChangeAsync(key, Reported, "status", cancellation).ConfigureAwait(false);
            if (written.Status.Text("phase") is "Succeeded" or "Failed")
            {
                Wake();
            }
        }
        catch (ApiStatusException gone) when (gone.Reason == ApiReasons.NotFound)
        {
            Wake();
        }
    }

    private ContainerMemory Memory(ContainerEntry entry)
    {
        if (!_memory.TryGetValue(entry.Name, out var memory))
        {
            _memory[entry.Name] = memory = new ContainerMemory();
        }

        return memory;
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan? other) => other is { } time && time < one ? (time > TimeSpan.Zero ? time : TimeSpan.Zero) : one;

    private static TimeSpan Grace(KubernetesObject pod) =>
        TimeSpan.FromSeconds(Math.Clamp(pod.Metadata.Number("deletionGracePeriodSeconds") ?? pod.Spec.Number("terminationGracePeriodSeconds") ?? 30, 0, 86_400));
}
