namespace Capstan.Resources;

/// <summary>What runs once (Tekton, Spark), and what keeps policies or machines: Kyverno, KubeVirt, Ray.</summary>
internal static class PipelineHealth
{
    public static IEnumerable<KeyValuePair<GroupKind, Func<KubernetesObject, HealthAssessment?>>> Rules =>
    [
        .. ConditionHealth.For("tekton.dev", static live => ConditionHealth.Of(live, "Succeeded"), "PipelineRun", "TaskRun", "CustomRun"),
        .. ConditionHealth.For("operator.tekton.dev", static live => ConditionHealth.Of(live, "Ready"), "TektonConfig", "TektonPipeline", "TektonTrigger"),
        .. ConditionHealth.For("sparkoperator.k8s.io", static live => ConditionHealth.OfWord(
            live.Status.Text("applicationState", "state"), live.Status.Text("applicationState", "errorMessage"), ["COMPLETED", "RUNNING"], ["FAILED", "SUBMISSION_FAILED", "FAILING"]), "SparkApplication"),
        .. ConditionHealth.For("kyverno.io", static live => ConditionHealth.Of(live, "Ready"), "ClusterPolicy", "Policy"),
        .. ConditionHealth.For("kubevirt.io", Machine, "VirtualMachine"),
        .. ConditionHealth.For("ray.io", static live => live.Spec.IsTrue("suspend") ? HealthAssessment.Suspended("RayCluster is suspended")
            : ConditionHealth.OfWord(live.Status.Text("state"), live.Status.Text("reason"), ["ready"], ["failed"]), "RayCluster"),
    ];

    private static HealthAssessment? Machine(KubernetesObject live)
    {
        var word = live.Status.Text("printableStatus");
        return word is "Stopped" or "Paused" ? HealthAssessment.Suspended(word)
            : ConditionHealth.OfWord(word, "", ["Running"], ["ErrorUnschedulable", "ErrImagePull", "ImagePullBackOff", "ErrorPvcNotFound", "DataVolumeError", "CrashLoopBackOff"]);
    }
}
