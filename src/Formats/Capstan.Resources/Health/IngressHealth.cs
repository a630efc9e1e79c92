namespace Capstan.Resources;

internal static class IngressHealth
{
    public static HealthAssessment Of(KubernetesObject live)
    {
        return live.Status.Maps("loadBalancer", "ingress").Any() ? HealthAssessment.Healthy() : HealthAssessment.Progressing();
    }
}
