namespace Capstan.Resources;

internal static class PersistentVolumeClaimHealth
{
    public static HealthAssessment Of(KubernetesObject live)
    {
        return live.Status.Text("phase") switch
        {
            "Bound" => HealthAssessment.Healthy(),
            "Pending" => HealthAssessment.Progressing(),
            "Lost" => HealthAssessment.Degraded(),
            _ => HealthAssessment.Unknown(),
        };
    }
}
