using Capstan.Resources;

namespace Capstan.Delivery.Sync;

/// <summary>How far a hook is, told from the health of its object.</summary>
/// <param name="Task">Whether it runs, or how it ended.</param>
/// <param name="Message">What there is to say of it.</param>
internal readonly record struct HookOutcome(TaskPhase Task, string Message)
{
    /// <summary>Told from the object; a kind without a rule of health is done when it is made.</summary>
    public static HookOutcome Of(KubernetesObject hook) => Of(hook, HealthAssessment.Of(Held(hook)));

    /// <summary>A hook that somebody deletes stays for its finalizer of ours; what came of it still counts.</summary>
    public static KubernetesObject Held(KubernetesObject hook) => hook.Without("metadata", "deletionTimestamp");

    /// <summary>Told from the health of the object.</summary>
    public static HookOutcome Of(KubernetesObject hook, HealthAssessment? health)
    {
        var task = health?.Status switch
        {
            null or HealthStatus.Healthy => TaskPhase.Succeeded,
            HealthStatus.Progressing or HealthStatus.Suspended => TaskPhase.Running,
            _ => TaskPhase.Failed,
        };
        return new HookOutcome(task, health?.Message is { Length: > 0 } said ? said : $"{hook.Key} was made");
    }
}
