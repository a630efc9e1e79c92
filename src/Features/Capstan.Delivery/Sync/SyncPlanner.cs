using Capstan.Delivery.Comparing;

namespace Capstan.Delivery.Sync;

/// <summary>What a sync may do.</summary>
/// <param name="Prune">Whether objects that left the source are deleted.</param>
/// <param name="AllowEmpty">Whether a source that renders nothing may delete everything.</param>
/// <param name="PruneLast">Whether deletions come after everything else.</param>
public sealed record SyncRules(bool Prune, bool AllowEmpty = false, bool PruneLast = false);

/// <summary>Turns a comparison into a plan. Pure: the same comparison gives the same plan.</summary>
public static class SyncPlanner
{
    /// <summary>Plans a sync.</summary>
    public static SyncPlan Plan(Comparison comparison, SyncRules rules, string revision)
    {
        var applies = comparison.Objects.Where(o => o.Desired is not null).Select(Apply).ToList();
        var prunes = comparison.Objects.Where(o => o.RequiresPruning).Select(o => PruneStep(o, rules)).ToList();
        applies.Sort((a, b) => SyncOrder.Compare(a.Key, b.Key));
        prunes.Sort((a, b) => SyncOrder.Compare(b.Key, a.Key));

        // An object that moves to another version of its kind is the same object; keys have no version, so no prune can hit it.
        IReadOnlyList<SyncStep> steps = rules.PruneLast ? [.. applies, .. prunes] : [.. prunes, .. applies];
        return new SyncPlan(revision, steps, Refusal(applies.Count, prunes, rules));
    }

    private static string? Refusal(int desired, List<SyncStep> prunes, SyncRules rules)
    {
        var deletions = prunes.Count(p => p.Action == SyncAction.Prune);
        return desired == 0 && deletions > 0 && !rules.AllowEmpty
            ? $"the source holds no objects, and syncing it would delete all {deletions} that are live; set spec.syncPolicy.automated.allowEmpty if that is meant"
            : null;
    }

    private static SyncStep Apply(ComparedObject compared)
    {
        SyncStep Step(SyncAction action, string reason = "") =>
            new(action, compared.Kind, compared.Key, compared.Desired, compared.Live, compared.Differences, reason);

        if (compared.Owner is { } owner)
        {
            return Step(SyncAction.Refuse, $"it belongs to Application {owner}");
        }

        return compared.Live is null ? Step(SyncAction.Create)
            : compared.Differences.Count > 0 ? Step(SyncAction.Change)
            : Step(SyncAction.None);
    }

    private static SyncStep PruneStep(ComparedObject compared, SyncRules rules)
    {
        var (action, reason) = compared.Live?.DeletionTimestamp is not null ? (SyncAction.Keep, "it is being deleted already")
            : rules.Prune ? (SyncAction.Prune, "")
            : (SyncAction.Keep, "it left the source, and pruning was not asked for");
        return new SyncStep(action, compared.Kind, compared.Key, null, compared.Live, [], reason);
    }
}
