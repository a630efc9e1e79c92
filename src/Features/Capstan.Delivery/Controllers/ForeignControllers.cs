using System.Collections.Concurrent;
using Capstan.Delivery.Applications;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Controllers;

/// <summary>Watches for Argo CD's own controllers: two controllers over the same Applications or sets would undo one another's work.</summary>
internal sealed class ForeignControllers
{
    // The second one makes and deletes Applications; its name is that of both because either fights with Capstan.
    private static readonly string[] ControllerNames = ["argocd-application-controller", "argocd-applicationset-controller"];
    private const string NameLabel = "app.kubernetes.io/name";

    private readonly ConcurrentDictionary<ObjectKey, bool> _running = new();

    /// <summary>What every Application says while one is there; null when none is.</summary>
    public ApplicationCondition? Condition => _running.Where(r => r.Value).Select(r => r.Key).OrderBy(k => k.ToString(), StringComparer.Ordinal).FirstOrDefault() is { Name: not null } key
        ? new ApplicationCondition(ConditionTypes.ForeignController, $"{key} runs in this cluster, so Capstan acts on nothing. Hand over with \"capstan migrate argocd\", or scale it to 0")
        : null;

    /// <summary>Takes a change in.</summary>
    /// <returns>Whether it changed what <see cref="Condition"/> says.</returns>
    public bool Take(ObjectChanged change)
    {
        // By the name first: most workloads need not be read.
        if (change.Key.GroupKind is not { Group: "apps", Kind: "StatefulSet" or "Deployment" }
            || !change.Key.Name.Contains("application", StringComparison.Ordinal)
            || (change.New ?? change.Old)?.Read() is not { } known
            || !IsController(known))
        {
            return false;
        }

        var before = Condition;
        _running[change.Key] = change.New is { } now && Runs(now.Read());
        return before != Condition;
    }

    /// <summary>Whether a workload is one of Argo CD's controllers, by the names that its manifests and its chart give.</summary>
    public static bool IsController(KubernetesObject workload) =>
        ControllerNames.Any(n => workload.Name.EndsWith(n, StringComparison.Ordinal) || workload.Label(NameLabel) == n);

    /// <summary>Whether a pod is of one of Argo CD's controllers.</summary>
    public static bool IsControllerPod(KubernetesObject pod) => ControllerNames.Any(n => pod.Label(NameLabel) == n);

    /// <summary>Whether a controller runs: replicas that are wanted, or that have not ended yet.</summary>
    public static bool Runs(KubernetesObject workload) =>
        workload.Spec["replicas"] is not YamlScalar { Text: "0" } || workload.Body.At("status", "replicas") is YamlScalar { Text: not "0" };
}
