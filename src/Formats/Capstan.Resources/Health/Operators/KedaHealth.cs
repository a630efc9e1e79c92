namespace Capstan.Resources;

/// <summary>KEDA: Ready, and Paused by a person.</summary>
internal static class KedaHealth
{
    public static IEnumerable<KeyValuePair<GroupKind, Func<KubernetesObject, HealthAssessment?>>> Rules => ConditionHealth.For("keda.sh", Of, "ScaledObject", "ScaledJob");

    private static HealthAssessment? Of(KubernetesObject live) => live.Condition("Paused") is { } paused && paused.Text("status") == "True"
        ? HealthAssessment.Suspended(ConditionHealth.Message(paused))
        : ConditionHealth.Of(live, "Ready");
}
