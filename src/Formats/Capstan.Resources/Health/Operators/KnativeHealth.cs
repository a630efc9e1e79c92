namespace Capstan.Resources;

/// <summary>Knative: every kind has Ready; Unknown means that it is being worked on.</summary>
internal static class KnativeHealth
{
    public static IEnumerable<KeyValuePair<GroupKind, Func<KubernetesObject, HealthAssessment?>>> Rules =>
    [
        .. ConditionHealth.For("serving.knative.dev", Of, "Service", "Route", "Configuration", "Revision", "DomainMapping"),
        .. ConditionHealth.For("eventing.knative.dev", Of, "Broker", "Trigger"),
        .. ConditionHealth.For("messaging.knative.dev", Of, "Channel", "InMemoryChannel", "Subscription"),
        .. ConditionHealth.For("sources.knative.dev", Of, "ApiServerSource", "PingSource", "SinkBinding", "ContainerSource", "KafkaSource"),
        .. ConditionHealth.For("operator.knative.dev", Of, "KnativeServing", "KnativeEventing"),
    ];

    private static HealthAssessment? Of(KubernetesObject live) => ConditionHealth.Of(live, "Ready");
}
