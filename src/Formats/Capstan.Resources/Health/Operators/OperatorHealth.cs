using System.Collections.Frozen;

namespace Capstan.Resources;

/// <summary>
/// The health of the resources of well-known operators, told from what their controllers write into status. One file a project; a new kind is a line
/// there and cases in tests/Capstan.Resources.Tests/testdata/operators.
/// </summary>
internal static class OperatorHealth
{
    private static readonly FrozenDictionary<GroupKind, Func<KubernetesObject, HealthAssessment?>> Rules = new Dictionary<GroupKind, Func<KubernetesObject, HealthAssessment?>>(
    [
        .. CertManagerHealth.Rules, .. ArgoHealth.Rules, .. FluxHealth.Rules, .. CrossplaneHealth.Rules, .. KnativeHealth.Rules, .. StrimziHealth.Rules, .. CloudNativePgHealth.Rules,
        .. IstioHealth.Rules, .. KedaHealth.Rules, .. GatewayHealth.Rules, .. SecretOperatorHealth.Rules, .. MonitoringHealth.Rules, .. ClusterApiHealth.Rules, .. DataHealth.Rules,
        .. PipelineHealth.Rules,
    ]).ToFrozenDictionary();

    /// <summary>The kinds that have a rule of their own.</summary>
    public static IEnumerable<GroupKind> Kinds => Rules.Keys;

    /// <summary>Assesses a live object; null for a kind without a rule.</summary>
    public static HealthAssessment? Of(KubernetesObject live) =>
        Rules.TryGetValue(live.GroupKind, out var rule) ? rule(live)
        : CrossplaneHealth.IsManaged(live.GroupKind.Group) ? CrossplaneHealth.OfManaged(live)
        : null;
}
