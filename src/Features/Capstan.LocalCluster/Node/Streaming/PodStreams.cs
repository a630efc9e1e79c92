using Capstan.Containers;
using Capstan.Containers.Containers;
using Capstan.Containers.Streams;
using Capstan.LocalCluster.ApiServer;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.Node.Pods;
using Capstan.Resources;
using Microsoft.Extensions.Logging;

namespace Capstan.LocalCluster.Node.Streaming;

/// <summary>Finds the containers of pods for logs, exec, attach and port-forward, and says in Kubernetes' words why it cannot.</summary>
internal sealed class PodStreams(NodeParts node)
{
    public ContainerEngine Engine => node.Engine;

    public TimeProvider Time => node.Time;

    public ILogger Log => node.Log;

    /// <summary>The container that is asked for, or the pod's only or default one.</summary>
    /// <exception cref="ApiStatusException">The pod has no such container, or it must be said which.</exception>
    public static ContainerEntry Entry(KubernetesObject pod, string name)
    {
        var entries = ContainerEntry.Of(pod);
        if (name.Length > 0)
        {
            return entries.FirstOrDefault(e => e.Name == name) ?? throw ApiErrors.BadRequest($"container {name} is not valid for pod {pod.Name}");
        }

        var main = entries.Where(e => e.Role == ContainerRole.Main).ToList();
        if (main.Count == 1)
        {
            return main[0];
        }

        return pod.Annotation("kubectl.kubernetes.io/default-container") is { } usual && main.FirstOrDefault(e => e.Name == usual) is { } chosen
            ? chosen
            : throw ApiErrors.BadRequest($"a container name must be specified for pod {pod.Name}, choose one of: [{string.Join(' ', main.Select(e => e.Name))}]");
    }

    /// <summary>The container whose log is asked for.</summary>
    /// <exception cref="ApiStatusException">It has not run yet.</exception>
    public async Task<ContainerStatus> LoggedAsync(KubernetesObject pod, ContainerEntry entry, bool previous, CancellationToken cancellation)
    {
        var observed = await PodObservation.OfAsync(node.Engine, pod.Uid, cancellation).ConfigureAwait(false);
        if (previous)
        {
            return observed.Previous(entry.Name) ?? throw ApiErrors.BadRequest($"previous terminated container \"{entry.Name}\" in pod \"{pod.Name}\" not found");
        }

        if (observed.Last(entry.Name) is { Phase: not ContainerPhase.Created } found)
        {
            return found;
        }

        var waiting = pod.Status.Maps("containerStatuses").Concat(pod.Status.Maps("initContainerStatuses"))
            .FirstOrDefault(s => s.Text("name") == entry.Name)?.MapAt("state", "waiting");
        var reason = waiting?.Text("reason") is { Length: > 0 } given ? given : "ContainerCreating";
        throw ApiErrors.BadRequest(reason is "ErrImagePull" or "ImagePullBackOff"
            ? $"container \"{entry.Name}\" in pod \"{pod.Name}\" is waiting to start: trying and failing to pull image"
            : $"container \"{entry.Name}\" in pod \"{pod.Name}\" is waiting to start: {reason}");
    }

    /// <summary>The running container.</summary>
    /// <exception cref="ApiStatusException">It does not run.</exception>
    public async Task<ContainerStatus> RunningAsync(KubernetesObject pod, ContainerEntry entry, CancellationToken cancellation)
    {
        var observed = await PodObservation.OfAsync(node.Engine, pod.Uid, cancellation).ConfigureAwait(false);
        return observed.Last(entry.Name) is { Phase: ContainerPhase.Running } running
            ? running
            : throw ApiErrors.Internal($"unable to upgrade connection: container not found (\"{entry.Name}\")");
    }

    /// <summary>A process that is in the pod's network.</summary>
    /// <exception cref="ApiStatusException">The pod does not run.</exception>
    public async Task<long> NetworkAsync(KubernetesObject pod, CancellationToken cancellation)
    {
        var observed = await PodObservation.OfAsync(node.Engine, pod.Uid, cancellation).ConfigureAwait(false);
        return observed.Sandbox is { Phase: ContainerPhase.Running } sandbox && pod.Status.Text("phase") == "Running"
            ? sandbox.ProcessId
            : throw ApiErrors.BadRequest($"unable to forward port because pod is not running. Current status={pod.Status.Text("phase")}");
    }

    /// <summary>Starts a program in a container.</summary>
    public Task<ExecSession> ExecAsync(ContainerStatus container, ExecSpec spec, CancellationToken cancellation) => node.Engine.Containers.ExecAsync(container.Id, spec, cancellation);
}
