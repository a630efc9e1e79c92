using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>Gateway API: a gateway is accepted and programmed; a route is accepted by each of its gateways, with all that it refers to.</summary>
internal static class GatewayHealth
{
    private const string Group = "gateway.networking.k8s.io";

    public static IEnumerable<KeyValuePair<GroupKind, Func<KubernetesObject, HealthAssessment?>>> Rules =>
    [
        .. ConditionHealth.For(Group, static live => Worst(live, live.Conditions(), "Accepted"), "GatewayClass"),
        .. ConditionHealth.For(Group, static live => Worst(live, live.Conditions(), "Accepted", "Programmed"), "Gateway"),
        .. ConditionHealth.For(Group, static live => Parts(live, "parents", "Accepted", "ResolvedRefs"), "HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute"),
        .. ConditionHealth.For(Group, static live => Parts(live, "ancestors", "Accepted"), "BackendTLSPolicy"),
    ];

    private static HealthAssessment? Parts(KubernetesObject live, string field, params ReadOnlySpan<string> types)
    {
        var (worst, count) = (HealthAssessment.Healthy(), 0);
        foreach (var part in live.Status.Maps(field))
        {
            count++;
            var one = Worst(live, part.Maps("conditions"), types);
            worst = one.Status > worst.Status ? one : worst;
        }

        return count == 0 ? HealthAssessment.Progressing("Waiting for a gateway to take it up") : worst;
    }

    // Each condition says for itself which generation it speaks of.
    private static HealthAssessment Worst(KubernetesObject live, IEnumerable<YamlMap> conditions, params ReadOnlySpan<string> types)
    {
        var worst = HealthAssessment.Healthy();
        foreach (var type in types)
        {
            var condition = conditions.FirstOrDefault(c => c.Text("type") == type);
            var one = condition is null ? HealthAssessment.Progressing($"Waiting for the condition {type}")
                : condition.NumberOrNull("observedGeneration") is { } seen && seen < live.Generation ? HealthAssessment.Progressing("Waiting for the controller to see the newest spec")
                : condition.Text("status") switch
                {
                    "True" => HealthAssessment.Healthy(),
                    "False" when condition.Text("reason") is not ("Pending" or "AddressNotAssigned" or "NoResources") => HealthAssessment.Degraded(ConditionHealth.Message(condition)),
                    _ => HealthAssessment.Progressing(ConditionHealth.Message(condition)),
                };
            worst = one.Status > worst.Status ? one : worst;
        }

        return worst;
    }
}
