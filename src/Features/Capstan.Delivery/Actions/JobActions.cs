using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Actions;

/// <summary>Jobs, and time tables that make them: run now, suspend, resume, end.</summary>
internal static class JobActions
{
    private const int LongestJobName = 63;
    private static readonly GroupKind CronJob = new("batch", "CronJob");
    private static readonly GroupKind Job = new("batch", "Job");
    private static readonly GroupKind CronWorkflow = new("argoproj.io", "CronWorkflow");

    public static readonly IReadOnlyList<BuiltInAction> All =
    [
        new("create-job", [CronJob], _ => true, (live, inputs) => new(JobOf(live, inputs), IsNew: true)),
        new("suspend", [CronJob, Job, CronWorkflow], live => !WorkloadActions.Flag(live, "suspend") && !IsOver(live), (live, _) => new(live.With(["spec", "suspend"], true))),
        new("resume", [CronJob, Job, CronWorkflow], live => WorkloadActions.Flag(live, "suspend"), (live, _) => new(live.With(["spec", "suspend"], false))),
        new("terminate", [Job], live => !IsOver(live), (live, _) => new(live.With(["spec", "activeDeadlineSeconds"], 1L))),
    ];

    // As the controller itself would make it, owned by the time table, with the mark that kubectl create job --from leaves.
    private static KubernetesObject JobOf(KubernetesObject cron, ActionInputs inputs)
    {
        var suffix = $"-{inputs.Now.ToUnixTimeSeconds()}";
        var name = (cron.Name.Length > LongestJobName - suffix.Length ? cron.Name[..(LongestJobName - suffix.Length)] : cron.Name) + suffix;
        var template = cron.Spec["jobTemplate"] as YamlMap ?? YamlMap.Empty;
        var metadata = (template["metadata"] as YamlMap ?? YamlMap.Empty)
            .With("name", name).With("namespace", cron.Namespace)
            .WithAt(["annotations", "cronjob.kubernetes.io/instantiate"], "manual")
            .With("ownerReferences", YamlList.Create([YamlMap.Of(("apiVersion", "batch/v1"), ("kind", "CronJob"), ("name", cron.Name), ("uid", cron.Uid), ("controller", true))]));
        return new KubernetesObject(YamlMap.Of(("apiVersion", "batch/v1"), ("kind", "Job"), ("metadata", metadata), ("spec", template["spec"] ?? YamlMap.Empty)));
    }

    private static bool IsOver(KubernetesObject live) => live.GroupKind == Job
        && (live.Status["conditions"] as YamlList ?? YamlList.Empty).OfType<YamlMap>().Any(c => c["type"]?.AsString() is "Complete" or "Failed" && c["status"]?.AsString() == "True");
}
