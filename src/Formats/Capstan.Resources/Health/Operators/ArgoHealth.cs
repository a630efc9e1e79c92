namespace Capstan.Resources;

/// <summary>Argo: Rollouts with their analyses, Workflows, Events, and ApplicationSets.</summary>
internal static class ArgoHealth
{
    public static IEnumerable<KeyValuePair<GroupKind, Func<KubernetesObject, HealthAssessment?>>> Rules =>
    [
        .. ConditionHealth.For("argoproj.io", Rollout, "Rollout"),
        .. ConditionHealth.For("argoproj.io", Run, "AnalysisRun", "Experiment"),
        .. ConditionHealth.For("argoproj.io", Workflow, "Workflow"),
        .. ConditionHealth.For("argoproj.io", CronWorkflow, "CronWorkflow"),
        .. ConditionHealth.For("argoproj.io", Events, "EventSource", "Sensor", "EventBus"),
        .. ConditionHealth.For("argoproj.io", Set, "ApplicationSet"),
    ];

    // The controller tells its own reading of all conditions in status.phase (Rollouts 1.0 and newer).
    private static HealthAssessment? Rollout(KubernetesObject live)
    {
        if (live.Status.Text("observedGeneration") is { Length: > 0 } seen && long.TryParse(seen, out var generation) && live.Generation > generation)
        {
            return HealthAssessment.Progressing("Waiting for the controller to see the newest spec");
        }

        if (live.Condition("InvalidSpec") is { } invalid && invalid.Text("status") == "True")
        {
            return HealthAssessment.Degraded(ConditionHealth.Message(invalid));
        }

        var message = live.Status.Text("message");
        return live.Status.Text("phase") switch
        {
            "Healthy" => HealthAssessment.Healthy(message),
            "Degraded" => HealthAssessment.Degraded(message),
            "Paused" => HealthAssessment.Suspended(message.Length > 0 ? message : "Rollout is paused"),
            _ when live.Spec.IsTrue("paused") => HealthAssessment.Suspended("Rollout is paused"),
            _ => HealthAssessment.Progressing(message.Length > 0 ? message : "Waiting for the rollout to finish"),
        };
    }

    private static HealthAssessment? Run(KubernetesObject live)
    {
        var (phase, message) = (live.Status.Text("phase"), live.Status.Text("message"));
        return phase == "Inconclusive" ? HealthAssessment.Unknown(message.Length > 0 ? message : phase)
            : ConditionHealth.OfWord(phase, message, ["Successful"], ["Failed", "Error"]);
    }

    private static HealthAssessment? Workflow(KubernetesObject live) => live.Spec.IsTrue("suspend") && live.Status.Text("phase") is ("" or "Running")
        ? HealthAssessment.Suspended("Workflow is suspended")
        : ConditionHealth.OfWord(live.Status.Text("phase"), live.Status.Text("message"), ["Succeeded"], ["Failed", "Error"]);

    private static HealthAssessment? CronWorkflow(KubernetesObject live) =>
        live.Spec.IsTrue("suspend") ? HealthAssessment.Suspended("CronWorkflow is suspended")
        : live.Condition("SubmissionError") is { } error && error.Text("status") == "True" ? HealthAssessment.Degraded(ConditionHealth.Message(error))
        : HealthAssessment.Healthy();

    private static HealthAssessment? Events(KubernetesObject live)
    {
        foreach (var condition in live.Conditions())
        {
            if (condition.Text("status") == "False")
            {
                return HealthAssessment.Degraded(ConditionHealth.Message(condition));
            }

            if (condition.Text("status") != "True")
            {
                return HealthAssessment.Progressing(ConditionHealth.Message(condition));
            }
        }

        return live.Conditions().Any() ? HealthAssessment.Healthy() : HealthAssessment.Progressing("Waiting for its controller");
    }

    private static HealthAssessment? Set(KubernetesObject live) =>
        live.Condition("ErrorOccurred") is { } error && error.Text("status") == "True" ? HealthAssessment.Degraded(ConditionHealth.Message(error))
        : live.Condition("ResourcesUpToDate") is { } current && current.Text("status") == "True" ? HealthAssessment.Healthy()
        : HealthAssessment.Progressing("Waiting for its Applications");
}
