using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Actions;

/// <summary>Argo Rollouts, by the fields that its own commands write.</summary>
internal static class RolloutActions
{
    private static readonly GroupKind[] Rollout = [new("argoproj.io", "Rollout")];

    public static readonly IReadOnlyList<BuiltInAction> All =
    [
        new("restart", Rollout, _ => true, (live, inputs) => new(live.With(["spec", "restartAt"], inputs.Time))),
        new("pause", Rollout, live => !WorkloadActions.Flag(live, "paused"), (live, _) => new(live.With(["spec", "paused"], true))),
        new("resume", Rollout, IsPaused, (live, _) => new(Unpaused(live))),
        new("promote", Rollout, IsPaused, (live, _) => new(Unpaused(live))),
        new("promote-full", Rollout, live => !IsStable(live), (live, _) => new(live.With(["status", "promoteFull"], true))),
        new("skip-current-step", Rollout, live => !IsStable(live) && Step(live) < Steps(live), (live, _) => new(Unpaused(live).With(["status", "currentStepIndex"], Step(live) + 1))),
        new("abort", Rollout, live => !IsStable(live) && !IsAborted(live), (live, _) => new(live.With(["status", "abort"], true))),
        new("retry", Rollout, IsAborted, (live, _) => new(live.With(["status", "abort"], false))),
    ];

    private static bool IsPaused(KubernetesObject live) => WorkloadActions.Flag(live, "paused") || live.Status["pauseConditions"] is YamlList { Count: > 0 };

    private static bool IsAborted(KubernetesObject live) => live.Status["abort"] is YamlScalar { Text: "true" };

    private static bool IsStable(KubernetesObject live) =>
        live.Status["stableRS"]?.AsString() is { Length: > 0 } stable && stable == live.Status["currentPodHash"]?.AsString();

    private static KubernetesObject Unpaused(KubernetesObject live) => live.With(["spec", "paused"], false).Without("status", "pauseConditions");

    private static long Step(KubernetesObject live) => live.Status["currentStepIndex"] is YamlScalar index && index.TryGetInteger(out var number) ? number : 0;

    private static long Steps(KubernetesObject live) => (live.Spec.At("strategy", "canary", "steps") as YamlList)?.Count ?? 0;
}
