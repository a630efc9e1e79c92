namespace Capstan.Resources;

internal static class ServiceHealth
{
    public static HealthAssessment Of(KubernetesObject live)
    {
        var needsAddress = live.Spec.Text("type") == "LoadBalancer";
        return needsAddress && !live.Status.Maps("loadBalancer", "ingress").Any() ? HealthAssessment.Progressing() : HealthAssessment.Healthy();
    }
}
