using System.Collections.Frozen;

namespace Capstan.Resources;

/// <summary>How an object is doing, by Argo CD's rules.</summary>
/// <param name="Status">How.</param>
/// <param name="Message">Why, in one sentence; empty when there is nothing to say.</param>
public readonly record struct HealthAssessment(HealthStatus Status, string Message)
{
    // An object that is being deleted is waited for, except hooks, which Argo CD holds by this finalizer until they were seen.
    private const string HookFinalizer = "argocd.argoproj.io/hook-finalizer";

    private static readonly FrozenDictionary<GroupKind, Func<KubernetesObject, HealthAssessment>> Rules =
        new Dictionary<GroupKind, Func<KubernetesObject, HealthAssessment>>
        {
            [new("apps", "Deployment")] = DeploymentHealth.Of,
            [new("apps", "StatefulSet")] = StatefulSetHealth.Of,
            [new("apps", "DaemonSet")] = DaemonSetHealth.Of,
            [new("apps", "ReplicaSet")] = ReplicaSetHealth.Of,
            [new("", "Pod")] = PodHealth.Of,
            [new("batch", "Job")] = JobHealth.Of,
            [new("", "Service")] = ServiceHealth.Of,
            [new("networking.k8s.io", "Ingress")] = IngressHealth.Of,
            [new("extensions", "Ingress")] = IngressHealth.Of,
            [new("", "PersistentVolumeClaim")] = PersistentVolumeClaimHealth.Of,
            [new("apiextensions.k8s.io", "CustomResourceDefinition")] = CustomResourceDefinitionHealth.Of,
            [new("apiregistration.k8s.io", "APIService")] = ApiServiceHealth.Of,
            [new("autoscaling", "HorizontalPodAutoscaler")] = HorizontalPodAutoscalerHealth.Of,
            [new("argoproj.io", "Application")] = ApplicationHealth.Of,
        }.ToFrozenDictionary();

    /// <summary>The kinds of Kubernetes and of Capstan that have a rule.</summary>
    public static IEnumerable<GroupKind> Kinds => Rules.Keys;

    /// <summary>The kinds of well-known operators that have a rule; those of Crossplane's providers, which nobody can list, are not among them.</summary>
    public static IEnumerable<GroupKind> OperatorKinds => OperatorHealth.Kinds;

    /// <summary>Assesses a live object; null for kinds without a rule, whose health does not count.</summary>
    public static HealthAssessment? Of(KubernetesObject live)
    {
        if (OfDeletion(live) is { } going)
        {
            return going;
        }

        return Rules.TryGetValue(live.GroupKind, out var rule) ? rule(live) : OperatorHealth.Of(live);
    }

    /// <summary>How an object is doing that is being deleted; null for one that is not, and for hooks that are held until they were seen.</summary>
    public static HealthAssessment? OfDeletion(KubernetesObject live) =>
        live.DeletionTimestamp is not null && !live.Finalizers.Contains(HookFinalizer) ? new(HealthStatus.Progressing, "Pending deletion") : null;

    /// <summary>The worse of two states.</summary>
    public static HealthStatus Worst(HealthStatus left, HealthStatus right) => left > right ? left : right;

    internal static HealthAssessment Healthy(string message = "") => new(HealthStatus.Healthy, message);

    internal static HealthAssessment Progressing(string message = "") => new(HealthStatus.Progressing, message);

    internal static HealthAssessment Degraded(string message = "") => new(HealthStatus.Degraded, message);

    internal static HealthAssessment Suspended(string message = "") => new(HealthStatus.Suspended, message);

    internal static HealthAssessment Unknown(string message = "") => new(HealthStatus.Unknown, message);
}
