using Capstan.Delivery.Applications;
using Capstan.Resources;

namespace Capstan.Delivery.Sync;

/// <summary>What a run did to one object.</summary>
/// <param name="Step">The step.</param>
/// <param name="Result">What came of it, for people.</param>
/// <param name="Object">The object as the server has it now; null when it is gone or nothing was written.</param>
public sealed record StepOutcome(SyncStep Step, ResourceResult Result, KubernetesObject? Object)
{
    /// <summary>Whether it did not work.</summary>
    public bool HasFailed => Result.Code == ResourceResult.SyncFailed;
}

/// <summary>What a whole run did.</summary>
/// <param name="Outcomes">One a step, in the order of the plan.</param>
/// <param name="Unreachable">Why the cluster could not be spoken to; null when it could.</param>
/// <param name="PrunesWait">Whether deletions are left to do once everything is healthy.</param>
public sealed record SyncRun(IReadOnlyList<StepOutcome> Outcomes, string? Unreachable = null, bool PrunesWait = false)
{
    /// <summary>Whether everything that was to be done is done.</summary>
    public bool Succeeded => Unreachable is null && !Outcomes.Any(o => o.HasFailed);

    /// <summary>The run in a sentence.</summary>
    public string Message => Unreachable is { } cause ? cause
        : Succeeded ? (PrunesWait ? "applied; deletions wait until everything is healthy" : "successfully synced (all tasks run)")
        : "one or more objects failed: " + string.Join("; ", Outcomes.Where(o => o.HasFailed).Take(5).Select(o => o.Result.Message));
}
