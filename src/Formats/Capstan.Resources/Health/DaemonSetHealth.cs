namespace Capstan.Resources;

internal static class DaemonSetHealth
{
    public static HealthAssessment Of(KubernetesObject live)
    {
        if (!live.IsObserved())
        {
            return HealthAssessment.Progressing("Waiting for rollout to finish: observed daemon set generation less than desired generation");
        }

        var status = live.Status;
        var (updated, wanted) = (status.Number("updatedNumberScheduled"), status.Number("desiredNumberScheduled"));
        if (live.Spec.Text("updateStrategy", "type") == "OnDelete")
        {
            return HealthAssessment.Healthy($"daemon set {updated} out of {wanted} new pods have been updated");
        }

        if (updated < wanted)
        {
            return HealthAssessment.Progressing(
                $"Waiting for daemon set \"{live.Name}\" rollout to finish: {updated} out of {wanted} new pods have been updated...");
        }

        var available = status.Number("numberAvailable");
        return available < wanted
            ? HealthAssessment.Progressing($"Waiting for daemon set \"{live.Name}\" rollout to finish: {available} of {wanted} updated pods are available...")
            : HealthAssessment.Healthy();
    }
}
