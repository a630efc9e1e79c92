namespace Capstan.Resources;

internal static class CustomResourceDefinitionHealth
{
    public static HealthAssessment Of(KubernetesObject live)
    {
        if (!live.Conditions().Any())
        {
            return HealthAssessment.Progressing("Status conditions not found");
        }

        if (live.Condition("Terminating") is { } terminating && terminating.Text("status") == "True")
        {
            return HealthAssessment.Progressing($"CRD is terminating: {terminating.Text("message")}");
        }

        if (live.Condition("NamesAccepted") is { } names && names.Text("status") == "False")
        {
            return HealthAssessment.Degraded($"CRD names have not been accepted: {names.Text("message")}");
        }

        if (live.Condition("Established")?.Text("status") != "True")
        {
            return HealthAssessment.Degraded("CRD is not established");
        }

        return live.Condition("NonStructuralSchema") is { } schema && schema.Text("status") == "True"
            ? HealthAssessment.Degraded($"Schema violations found: {schema.Text("message")}")
            : HealthAssessment.Healthy("CRD is healthy");
    }
}
