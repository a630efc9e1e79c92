namespace Capstan.Resources;

/// <summary>Istio: its own settings are fine unless the analysis found an error in them; installations tell a state.</summary>
internal static class IstioHealth
{
    private static readonly string[] Configuration =
        ["VirtualService", "DestinationRule", "Gateway", "ServiceEntry", "Sidecar", "EnvoyFilter", "WorkloadEntry", "WorkloadGroup", "ProxyConfig"];

    public static IEnumerable<KeyValuePair<GroupKind, Func<KubernetesObject, HealthAssessment?>>> Rules =>
    [
        .. ConditionHealth.For("networking.istio.io", Of, Configuration),
        .. ConditionHealth.For("security.istio.io", Of, "AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication"),
        .. ConditionHealth.For("telemetry.istio.io", Of, "Telemetry"),
        .. ConditionHealth.For("install.istio.io", static live => ConditionHealth.OfWord(live.Status.Text("status"), live.Status.Text("message"), ["HEALTHY"], ["ERROR"]), "IstioOperator"),
        .. ConditionHealth.For("sailoperator.io", static live => ConditionHealth.OfAll(live, "Reconciled", "Ready"), "Istio", "IstioCNI", "IstioRevision", "ZTunnel"),
    ];

    private static HealthAssessment? Of(KubernetesObject live)
    {
        foreach (var found in live.Status.Maps("validationMessages"))
        {
            if (found.Text("level") is "ERROR" or "Error")
            {
                return HealthAssessment.Degraded($"{found.Text("type", "code")}: see {found.Text("documentationUrl")}");
            }
        }

        return live.Condition("Reconciled") is { } reconciled && reconciled.Text("status") != "True"
            ? HealthAssessment.Progressing(ConditionHealth.Message(reconciled))
            : HealthAssessment.Healthy();
    }
}
