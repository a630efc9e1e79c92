namespace Capstan.Resources;

/// <summary>Prometheus' operator: available and reconciled. A status of Degraded is a word of its own between True and False.</summary>
internal static class MonitoringHealth
{
    public static IEnumerable<KeyValuePair<GroupKind, Func<KubernetesObject, HealthAssessment?>>> Rules =>
    [
        .. ConditionHealth.For("monitoring.coreos.com", Of, "Prometheus", "PrometheusAgent", "Alertmanager", "ThanosRuler"),
        .. ConditionHealth.For("opentelemetry.io", static live => ConditionHealth.OfWord(
            live.Status.Text("scale", "statusReplicas") is { Length: > 0 } scale && scale.Split('/') is [var ready, var wanted] ? (ready == wanted ? "ready" : "scaling") : "ready", "", ["ready"], []), "OpenTelemetryCollector"),
    ];

    private static HealthAssessment? Of(KubernetesObject live)
    {
        if (live.Spec.IsTrue("paused"))
        {
            return HealthAssessment.Suspended($"{live.GroupKind.Kind} is paused");
        }

        var available = live.Condition("Available");
        return live.Condition("Reconciled") is { } reconciled && reconciled.Text("status") == "False" ? HealthAssessment.Degraded(ConditionHealth.Message(reconciled))
            : available?.Text("status") == "Degraded" ? HealthAssessment.Degraded(ConditionHealth.Message(available))
            : ConditionHealth.Of(live, "Available", "SomePodsNotReady", "NoPodReady");
    }
}
