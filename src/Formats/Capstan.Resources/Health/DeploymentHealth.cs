namespace Capstan.Resources;

internal static class DeploymentHealth
{
    public static HealthAssessment Of(KubernetesObject live)
    {
        var (spec, status) = (live.Spec, live.Status);
        if (spec.IsTrue("paused"))
        {
            return HealthAssessment.Suspended("Deployment is paused");
        }

        if (!live.IsObserved())
        {
            return HealthAssessment.Progressing("Waiting for rollout to finish: observed deployment generation less than desired generation");
        }

        if (live.Condition("Progressing")?.Text("reason") == "ProgressDeadlineExceeded")
        {
            return HealthAssessment.Degraded($"Deployment \"{live.Name}\" exceeded its progress deadline");
        }

        var (replicas, updated, available) = (status.Number("replicas"), status.Number("updatedReplicas"), status.Number("availableReplicas"));
        if (spec.NumberOrNull("replicas") is { } wanted && updated < wanted)
        {
            return HealthAssessment.Progressing($"Waiting for rollout to finish: {updated} out of {wanted} new replicas have been updated...");
        }

        if (replicas > updated)
        {
            return HealthAssessment.Progressing($"Waiting for rollout to finish: {replicas - updated} old replicas are pending termination...");
        }

        return available < updated
            ? HealthAssessment.Progressing($"Waiting for rollout to finish: {available} of {updated} updated replicas are available...")
            : HealthAssessment.Healthy();
    }
}
