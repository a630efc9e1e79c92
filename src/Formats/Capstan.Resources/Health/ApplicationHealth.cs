namespace Capstan.Resources;

internal static class ApplicationHealth
{
    public static HealthAssessment Of(KubernetesObject live)
    {
        var message = live.Status.Text("health", "message");
        return Enum.TryParse<HealthStatus>(live.Status.Text("health", "status"), out var status) && Enum.IsDefined(status)
            ? new(status, message)
            : HealthAssessment.Progressing(message);
    }
}
