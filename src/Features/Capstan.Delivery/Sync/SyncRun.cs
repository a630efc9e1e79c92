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
public sealed record SyncRun(IReadOnlyList<StepOutcome> Outcomes, string? Unreachable = null)
{
    // Each one is named: what a cluster refuses must not have to be guessed. Only a flood is cut, and the results have all of it.
    private const int MostNamed = 50;

    /// <summary>Whether it ended with the dry run, so that nothing was written.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>Hooks that could not begin yet, because the object of an earlier run is still going.</summary>
    public IReadOnlyList<SyncStep> Postponed { get; init; } = [];

    /// <summary>Why it failed although each write worked: an object or a hook did not do well; null when none.</summary>
    public string? Failure { get; init; }

    /// <summary>Whether everything that was to be done is done.</summary>
    public bool Succeeded => Unreachable is null && Failure is null && !Outcomes.Any(o => o.HasFailed);

    /// <summary>The run in a sentence.</summary>
    public string Message => Unreachable is { } cause ? cause
        : Succeeded ? SyncSchedule.AllRun
        : Failure is { } failure ? failure
        : "one or more objects failed: " + string.Join("; ", Outcomes.Where(o => o.HasFailed).Take(MostNamed).Select(o => o.Result.Message));
}
