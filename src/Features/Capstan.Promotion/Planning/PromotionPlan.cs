using Capstan.Promotion.Pipelines;

namespace Capstan.Promotion.Planning;

/// <summary>What is to be done for a pipeline.</summary>
public abstract record PromotionStep(StageSpec Stage)
{
    /// <summary>A release enters a stage: one commit.</summary>
    public sealed record Promote(StageSpec Stage, Release Release, IReadOnlyList<Approval> Approvals) : PromotionStep(Stage);

    /// <summary>A stage goes back to its last proven release: one commit.</summary>
    public sealed record Revert(StageSpec Stage, Release Bad, Release Good, string Commit, string Cause) : PromotionStep(Stage);
}

/// <summary>What follows from what was seen.</summary>
/// <param name="State">The new state, before the steps are done.</param>
/// <param name="Steps">What is to be done.</param>
public sealed record PromotionPlan(PipelineState State, IReadOnlyList<PromotionStep> Steps);
