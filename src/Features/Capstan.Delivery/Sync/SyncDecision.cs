using Capstan.Delivery.Applications;
using Capstan.Faults;

namespace Capstan.Delivery.Sync;

/// <summary>Whether a sync starts now.</summary>
/// <param name="Starts">Whether it does.</param>
/// <param name="IsSelfHeal">Whether it only undoes drift.</param>
/// <param name="Retry">Which retry of a failed operation it is; 0 for a new one.</param>
/// <param name="At">When to decide again; null when only news can change the decision.</param>
/// <param name="Reason">Why it does not start, for people.</param>
internal sealed record SyncDecision(bool Starts, bool IsSelfHeal = false, long Retry = 0, DateTimeOffset? At = null, string Reason = "")
{
    public static SyncDecision No(string reason, DateTimeOffset? at = null) => new(false, At: at, Reason: reason);
}

/// <summary>What automation knows when it decides.</summary>
/// <param name="Application">The Application.</param>
/// <param name="Plan">What a sync would do.</param>
/// <param name="Last">The last operation; null when there was none.</param>
/// <param name="HealAttempts">How often in a row drift was undone at this revision.</param>
/// <param name="Now">The time.</param>
internal sealed record SyncQuestion(Application Application, SyncPlan Plan, OperationState? Last, int HealAttempts, DateTimeOffset Now);

/// <summary>The rules of automated sync (Argo CD, controller/appcontroller.go autoSync and selfHealRemainingBackoff).</summary>
internal static class AutoSync
{
    private static readonly TimeSpan FirstHealWait = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestHealWait = TimeSpan.FromMinutes(5);
    private const double HealFactor = 3;

    public static SyncDecision Decide(SyncQuestion question)
    {
        var (application, plan, last) = (question.Application, question.Plan, question.Last);
        if (application.Automation is null)
        {
            return SyncDecision.No(application.Pin is not null ? "the Application is pinned" : "automated sync is not on");
        }

        if (plan.IsEmpty)
        {
            // Also the case that all that differs would have to be pruned while pruning is off.
            return SyncDecision.No("there is nothing that a sync may change");
        }

        if (plan.Refusal is { } refusal)
        {
            return SyncDecision.No(refusal);
        }

        // One attempt per revision and source; another source is a new matter.
        if (last is null || !last.IsFinished || last.Revision != plan.Revision || !SameSource(last, application))
        {
            return new SyncDecision(true);
        }

        return last.Phase == OperationPhase.Succeeded ? Heal(question, last) : Retry(question, last);
    }

    private static SyncDecision Heal(SyncQuestion question, OperationState last)
    {
        if (question.Application.Automation is not { SelfHeal: true } || SeededBugs.Has(SeededBugs.HealNothing))
        {
            return SyncDecision.No("this revision was synced already, and selfHeal is not on");
        }

        var due = (last.FinishedAt ?? question.Now) + HealWait(question.HealAttempts);
        return due <= question.Now
            ? new SyncDecision(true, IsSelfHeal: true)
            : SyncDecision.No("drift came back right after it was undone; the next attempt waits", due);
    }

    private static SyncDecision Retry(SyncQuestion question, OperationState last)
    {
        var policy = question.Application.Policy.Retry;
        if (!policy.Allows(last.RetryCount))
        {
            return SyncDecision.No($"this revision failed {last.RetryCount + 1} times; push a commit that corrects it, or sync by hand");
        }

        var due = (last.FinishedAt ?? question.Now) + policy.Wait(last.RetryCount);
        return due <= question.Now
            ? new SyncDecision(true, Retry: last.RetryCount + 1)
            : SyncDecision.No("the last attempt failed; the next one waits", due);
    }

    /// <summary>0 for the first attempt, then 2, 6, 18, 54, 162, 300 … seconds.</summary>
    public static TimeSpan HealWait(int attempts)
    {
        if (attempts <= 0)
        {
            return TimeSpan.Zero;
        }

        var seconds = FirstHealWait.TotalSeconds * Math.Pow(HealFactor, Math.Min(attempts - 1, 32));
        return seconds < LongestHealWait.TotalSeconds ? TimeSpan.FromSeconds(seconds) : LongestHealWait;
    }

    private static bool SameSource(OperationState last, Application application) => last.Source.Equals(application.SourceBody);
}
