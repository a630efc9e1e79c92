namespace Capstan.Resources;

/// <summary>Strimzi: Ready, or NotReady with a reason; while a cluster is made it is NotReady because of Creating.</summary>
internal static class StrimziHealth
{
    public static IEnumerable<KeyValuePair<GroupKind, Func<KubernetesObject, HealthAssessment?>>> Rules =>
        ConditionHealth.For("kafka.strimzi.io", Of, "Kafka", "KafkaConnect", "KafkaConnector", "KafkaTopic", "KafkaUser", "KafkaMirrorMaker2", "KafkaBridge");

    private static HealthAssessment? Of(KubernetesObject live)
    {
        if (ConditionHealth.IsBehind(live))
        {
            return HealthAssessment.Progressing("Waiting for the operator to see the newest spec");
        }

        if (live.Condition("ReconciliationPaused") is { } paused && paused.Text("status") == "True")
        {
            return HealthAssessment.Suspended("reconciliation is paused");
        }

        if (live.Condition("NotReady") is { } not && not.Text("status") == "True")
        {
            return not.Text("reason") == "Creating" ? HealthAssessment.Progressing(ConditionHealth.Message(not)) : HealthAssessment.Degraded(ConditionHealth.Message(not));
        }

        return ConditionHealth.Of(live, "Ready");
    }
}
