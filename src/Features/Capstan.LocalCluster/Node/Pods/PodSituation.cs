using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Resources;

namespace Capstan.LocalCluster.Node.Pods;

/// <summary>All that a pod's status follows from.</summary>
internal sealed record PodSituation
{
    public required KubernetesObject Pod { get; init; }

    public required PodObservation Observed { get; init; }

    public required IReadOnlyDictionary<string, ContainerMemory> Memory { get; init; }

    /// <summary>The pod's address; empty before it has one.</summary>
    public required string PodIp { get; init; }

    public required string HostIp { get; init; }

    /// <summary>The engine's name: <c>docker</c>, <c>podman</c>.</summary>
    public required string Runtime { get; init; }

    /// <summary>Why the pod has failed as a whole, such as <c>DeadlineExceeded</c>; empty when it has not.</summary>
    public string FailedReason { get; init; } = "";

    /// <summary>What that means.</summary>
    public string FailedMessage { get; init; } = "";

    /// <summary>What a container wrote before it ended, by the container's id.</summary>
    public IReadOnlyDictionary<string, string> Messages { get; init; } = new Dictionary<string, string>();

    public required DateTimeOffset Now { get; init; }

    public IReadOnlyList<ContainerEntry> Entries => ContainerEntry.Of(Pod);

    public string RestartPolicy => Pod.Spec.Text("restartPolicy") is { Length: > 0 } policy ? policy : "Always";
}
