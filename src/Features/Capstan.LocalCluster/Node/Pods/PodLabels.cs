using Capstan.Containers.Containers;
using Capstan.Resources;

namespace Capstan.LocalCluster.Node.Pods;

/// <summary>The labels by which the node knows its containers again after a restart.</summary>
internal static class PodLabels
{
    public const string Uid = "dev.capstan.pod.uid";
    public const string Namespace = "dev.capstan.pod.namespace";
    public const string Name = "dev.capstan.pod.name";
    public const string Container = "dev.capstan.pod.container";
    public const string Attempt = "dev.capstan.pod.attempt";
    public const string Hash = "dev.capstan.pod.hash";

    /// <summary>The name of the container that holds the pod's network; no container of a pod can be called so.</summary>
    public const string Sandbox = "";

    public static Dictionary<string, string> Of(KubernetesObject pod, string container, int attempt, string hash) => new(StringComparer.Ordinal)
    {
        [Uid] = pod.Uid,
        [Namespace] = pod.Namespace,
        [Name] = pod.Name,
        [Container] = container,
        [Attempt] = attempt.ToString(System.Globalization.CultureInfo.InvariantCulture),
        [Hash] = hash,
    };

    public static string Read(this ContainerStatus container, string label) => container.Labels.GetValueOrDefault(label) ?? "";

    public static int AttemptOf(this ContainerStatus container) =>
        int.TryParse(container.Read(Attempt), System.Globalization.CultureInfo.InvariantCulture, out var attempt) ? attempt : 0;
}
