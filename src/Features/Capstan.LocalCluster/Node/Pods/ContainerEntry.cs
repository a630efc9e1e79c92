using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Node.Pods;

/// <summary>What a container is for within its pod.</summary>
internal enum ContainerRole
{
    /// <summary>Runs to its end before the next one starts.</summary>
    Init,

    /// <summary>An init container that goes on beside the main ones (<c>restartPolicy: Always</c>).</summary>
    Sidecar,

    /// <summary>One of <c>spec.containers</c>.</summary>
    Main,

    /// <summary>Added to look into a pod that runs (<c>kubectl debug</c>): started once, and nothing of the pod depends on it.</summary>
    Ephemeral,
}

/// <summary>One container of a pod's specification.</summary>
/// <param name="Role">What it is for.</param>
/// <param name="Body">Its specification.</param>
internal sealed record ContainerEntry(ContainerRole Role, YamlMap Body)
{
    public string Name => Body.Text("name");

    public string Image => Body.Text("image");

    /// <summary>Where it is in the pod, for events.</summary>
    public string FieldPath => $"spec.{List}{{{Name}}}";

    private string List => Role switch { ContainerRole.Main => "containers", ContainerRole.Ephemeral => "ephemeralContainers", _ => "initContainers" };

    /// <summary>What of it cannot change while it runs.</summary>
    public string Hash => PodHash.Of(Image);

    /// <summary>The containers of a pod, those that start first in front.</summary>
    public static IReadOnlyList<ContainerEntry> Of(KubernetesObject pod) =>
    [
        .. pod.Spec.Maps("initContainers").Select(c => new ContainerEntry(c.Text("restartPolicy") == "Always" ? ContainerRole.Sidecar : ContainerRole.Init, c)),
        .. pod.Spec.Maps("containers").Select(c => new ContainerEntry(ContainerRole.Main, c)),
        .. pod.Spec.Maps("ephemeralContainers").Select(c => new ContainerEntry(ContainerRole.Ephemeral, c)),
    ];
}

/// <summary>Short names for long ones.</summary>
internal static class PodHash
{
    public static string Of(string text) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)))[..12];
}
