using Capstan.Yaml;

namespace Capstan.Resources;

internal static class HorizontalPodAutoscalerHealth
{
    public static HealthAssessment Of(KubernetesObject live)
    {
        foreach (var condition in Conditions(live))
        {
            var (type, reason) = (condition.Text("type"), condition.Text("reason"));
            if (type == "AbleToScale" && reason is "FailedGetScale" or "FailedUpdateScale"
                || type == "ScalingActive" && reason is "FailedGetResourceMetric" or "InvalidSelector")
            {
                return HealthAssessment.Degraded(condition.Text("message"));
            }

            if (type is "AbleToScale" or "ScalingLimited" && condition.Text("status") == "True")
            {
                return HealthAssessment.Healthy(condition.Text("message"));
            }
        }

        return HealthAssessment.Progressing("Waiting to Autoscale");
    }

    // autoscaling/v1 has no conditions of its own; they travel in an annotation.
    private static IEnumerable<YamlMap> Conditions(KubernetesObject live)
    {
        if (live.Annotation("autoscaling.alpha.kubernetes.io/conditions") is not { } text)
        {
            return live.Conditions();
        }

        try
        {
            return (JsonText.Read(text) as YamlList ?? YamlList.Empty).OfType<YamlMap>();
        }
        catch (YamlException)
        {
            // Anybody may write the annotation; one that cannot be read says nothing.
            return [];
        }
    }
}
