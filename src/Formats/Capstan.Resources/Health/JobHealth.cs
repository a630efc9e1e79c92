namespace Capstan.Resources;

internal static class JobHealth
{
    public static HealthAssessment Of(KubernetesObject live)
    {
        var (failed, complete, suspended) = (live.Condition("Failed"), live.Condition("Complete"), live.Condition("Suspended"));
        if (failed is not null && failed.Text("status") == "True")
        {
            return HealthAssessment.Degraded(failed.Text("message"));
        }

        if (complete is not null && complete.Text("status") == "True")
        {
            return HealthAssessment.Healthy(complete.Text("message"));
        }

        return suspended?.Text("status") == "True" ? HealthAssessment.Suspended(suspended.Text("message")) : HealthAssessment.Progressing();
    }
}
