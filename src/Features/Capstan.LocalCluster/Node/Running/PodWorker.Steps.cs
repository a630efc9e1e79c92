using Capstan.Containers;
using Capstan.Containers.Containers;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.Node.Pods;
using Capstan.LocalCluster.Node.Probes;
using Capstan.Resources;

namespace Capstan.LocalCluster.Node.Running;

/// <summary>What is done next for a pod that shall run.</summary>
internal sealed partial class PodWorker
{
    /// <summary>What the steps of one look share.</summary>
    private sealed record Look(KubernetesObject Pod, PodObservation Observed, string SandboxId, FieldReferences Fields, IReadOnlyDictionary<string, string> Volumes)
    {
        public TimeSpan Next { get; set; } = Resync;
    }

    private async Task<TimeSpan> StepAsync(KubernetesObject pod, PodObservation observed, CancellationToken cancellation)
    {
        var entries = ContainerEntry.Of(pod);
        if (IsFinished(pod, entries, observed))
        {
            await StopAllAsync(pod, observed, Grace(pod), cancellation).ConfigureAwait(false);
            return TimeSpan.Zero;
        }

        // 1. The network, which all containers of the pod share.
        var sandbox = observed.Sandbox is { Phase: ContainerPhase.Running } ? observed.Sandbox : await MakeSandboxAsync(pod, observed, cancellation).ConfigureAwait(false);
        observed = ReferenceEquals(sandbox, observed.Sandbox) ? observed : await PodObservation.OfAsync(node.Engine, uid, cancellation).ConfigureAwait(false);
        _podIp = pod.Spec.IsTrue("hostNetwork") ? NodeObject.Address : sandbox.Addresses.GetValueOrDefault(node.Network) ?? "";

        // 2. The volumes, which follow the objects that they mirror.
        var info = node.Engine.Info;
        var fields = new FieldReferences(pod, _podIp, NodeObject.Name, NodeObject.Address, info.Processors, info.MemoryBytes);
        var look = new Look(pod, observed, sandbox.Id, fields, node.Volumes.Prepare(pod, fields));

        // 3. What runs: it is asked how it is, and ended when it must begin anew.
        foreach (var entry in entries.Where(e => observed.IsRunning(e.Name)))
        {
            await WatchAsync(look, entry, observed.Last(entry.Name)!, cancellation).ConfigureAwait(false);
        }

        // 4. What looks into the pod, whatever state it is in; what comes first, one after the other; then the rest.
        var begun = entries.Any(e => e.Role == ContainerRole.Main && observed.Last(e.Name) is not null);
        foreach (var entry in entries.Where(e => e.Role == ContainerRole.Ephemeral && observed.Last(e.Name) is null && IsTargetThere(e, observed)))
        {
            await StartAsync(look, entry, cancellation).ConfigureAwait(false);
        }

        foreach (var entry in entries.Where(e => e.Role is ContainerRole.Init or ContainerRole.Sidecar))
        {
            if (!await IsPassedAsync(look, entry, begun, cancellation).ConfigureAwait(false))
            {
                return look.Next;
            }
        }

        foreach (var entry in entries.Where(e => e.Role == ContainerRole.Main && !observed.IsRunning(e.Name) && StartsAgain(pod, observed.Last(e.Name))))
        {
            await StartAsync(look, entry, cancellation).ConfigureAwait(false);
        }

        return look.Next;
    }

    // One that looks at the processes of another waits for that to run.
    private static bool IsTargetThere(ContainerEntry entry, PodObservation observed) =>
        entry.Body.Text("targetContainerName") is not { Length: > 0 } target || observed.IsRunning(target);

    private static bool IsFinished(KubernetesObject pod, IReadOnlyList<ContainerEntry> entries, PodObservation observed)
    {
        var failedFirst = pod.Spec.Text("restartPolicy") == "Never"
            && entries.Any(e => e.Role == ContainerRole.Init && observed.Last(e.Name) is { Phase: ContainerPhase.Exited, ExitCode: not 0 });
        return failedFirst || entries.Where(e => e.Role == ContainerRole.Main).All(e => observed.Last(e.Name) is { Phase: ContainerPhase.Exited } last && !StartsAgain(pod, last));
    }

    private static bool StartsAgain(KubernetesObject pod, ContainerStatus? last) => last is not { Phase: ContainerPhase.Exited } || pod.Spec.Text("restartPolicy") switch
    {
        "Never" => false,
        "OnFailure" => last.ExitCode != 0,
        _ => true,
    };

    // Whether what comes before the main containers lets them start.
    private async Task<bool> IsPassedAsync(Look look, ContainerEntry entry, bool begun, CancellationToken cancellation)
    {
        var last = look.Observed.Last(entry.Name);
        if (entry.Role == ContainerRole.Init)
        {
            if (begun || last is { Phase: ContainerPhase.Exited, ExitCode: 0 })
            {
                return true;
            }

            if (!look.Observed.IsRunning(entry.Name))
            {
                await StartAsync(look, entry, cancellation).ConfigureAwait(false);
            }

            return false;
        }

        if (!look.Observed.IsRunning(entry.Name))
        {
            await StartAsync(look, entry, cancellation).ConfigureAwait(false);
            return begun;
        }

        return begun || Memory(entry).Started;
    }

    private async Task WatchAsync(Look look, ContainerEntry entry, ContainerStatus container, CancellationToken cancellation)
    {
        var memory = Memory(entry);
        if (entry.Role is ContainerRole.Main or ContainerRole.Sidecar && (!_probes.TryGetValue(entry.Name, out var probes) || probes.ContainerId != container.Id))
        {
            if (probes is not null)
            {
                await probes.DisposeAsync().ConfigureAwait(false);
            }

            _probes[entry.Name] = new ContainerProbes(node, actions, look.Pod, entry, container.Id, _podIp, memory, Wake);
        }

        memory.Go();
        var changed = entry.Role != ContainerRole.Ephemeral && container.Read(PodLabels.Hash) != entry.Hash;
        if (memory.Restart.Length > 0 || changed)
        {
            var why = changed ? $"Container {entry.Name} definition changed, will be restarted" : memory.Restart;
            node.Events.Record(look.Pod, isWarning: false, "Killing", why, entry.FieldPath);
            memory.Restart = "";
            await StopOneAsync(look.Pod, entry, container, Grace(look.Pod), cancellation).ConfigureAwait(false);
            look.Next = TimeSpan.Zero;
        }
    }

    private async Task<ContainerStatus> MakeSandboxAsync(KubernetesObject pod, PodObservation observed, CancellationToken cancellation)
    {
        if (observed.Sandbox is not null)
        {
            // What runs has no network any more.
            node.Events.Record(pod, isWarning: false, "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.");
            await RemoveAllContainersAsync(observed, cancellation).ConfigureAwait(false);
        }

        var onHost = pod.Spec.IsTrue("hostNetwork");
        var spec = new ContainerSpec
        {
            Name = NamePrefix(pod),
            Image = SandboxImage.Name,
            Network = onHost ? ContainerNetwork.Host : ContainerNetwork.Named(node.Network),
            Hostname = onHost ? "" : PodFiles.Hostname(pod),
            Labels = PodLabels.Of(pod, PodLabels.Sandbox, 0, ""),
            Limits = new ContainerLimits { Processes = 16, CpuShares = 2 },
            Security = new ContainerSecurity
            {
                Sysctls = pod.Spec.Maps("securityContext", "sysctls").ToDictionary(s => s.Text("name"), s => s.Text("value"), StringComparer.Ordinal),
            },
        };
        try
        {
            var id = await node.Engine.Containers.CreateAsync(spec, cancellation).ConfigureAwait(false);
            await node.Engine.Containers.StartAsync(id, cancellation).ConfigureAwait(false);
            return await node.Engine.Containers.InspectAsync(id, cancellation).ConfigureAwait(false)
                ?? throw new ContainerEngineException(EngineProblem.Failed, "the container is gone as soon as it was made");
        }
        catch (ContainerEngineException failure)
        {
            throw new PodProblemException("FailedCreatePodSandBox", $"Failed to create pod sandbox: {failure.Message}");
        }
    }

    private string NamePrefix(KubernetesObject pod)
    {
        var name = $"{pod.Namespace}-{pod.Name}";
        return $"capstan-{PodHash.Of(node.Engine.Owner)[..6]}-{(name.Length > 80 ? name[..80] : name)}-{PodHash.Of(uid)[..8]}";
    }
}
