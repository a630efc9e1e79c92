namespace Capstan.Resources;

internal static class ApiServiceHealth
{
    public static HealthAssessment Of(KubernetesObject live)
    {
        if (live.Condition("Available") is not { } available)
        {
            return HealthAssessment.Progressing("Waiting to be processed");
        }

        var message = $"{available.Text("reason")}: {available.Text("message")}";
        return available.Text("status") == "True" ? HealthAssessment.Healthy(message) : HealthAssessment.Progressing(message);
    }
}
