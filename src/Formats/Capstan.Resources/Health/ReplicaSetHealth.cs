namespace Capstan.Resources;

internal static class ReplicaSetHealth
{
    public static HealthAssessment Of(KubernetesObject live)
    {
        if (!live.IsObserved())
        {
            return HealthAssessment.Progressing("Waiting for rollout to finish: observed replica set generation less than desired generation");
        }

        if (live.Condition("ReplicaFailure") is { } failure && failure.Text("status") == "True")
        {
            return HealthAssessment.Degraded(failure.Text("message"));
        }

        var available = live.Status.Number("availableReplicas");
        return live.Spec.NumberOrNull("replicas") is { } wanted && available < wanted
            ? HealthAssessment.Progressing($"Waiting for rollout to finish: {available} out of {wanted} new replicas are available...")
            : HealthAssessment.Healthy();
    }
}
