using Capstan.Delivery.Comparing;
using Capstan.Delivery.Sync.Directives;
using Capstan.Resources;

namespace Capstan.Delivery.Sync;

/// <summary>What a sync may do.</summary>
/// <param name="Prune">Whether objects that left the source are deleted.</param>
/// <param name="AllowEmpty">Whether a source that renders nothing may delete everything.</param>
/// <param name="PruneLast">Whether deletions come after everything else.</param>
public sealed record SyncRules(bool Prune, bool AllowEmpty = false, bool PruneLast = false)
{
    /// <summary>Whether hooks run; a sync of some objects only, undoing drift among them, runs none.</summary>
    public bool Hooks { get; init; } = true;

    /// <summary>Whether a person agreed to the deletions that want to be confirmed.</summary>
    public bool IsApproved { get; init; }

    /// <summary>When the operation began, for the names of hooks that only have a prefix; null while there is no operation.</summary>
    public DateTimeOffset? StartedAt { get; init; }
}

/// <summary>Turns a comparison into a plan. Pure: the same comparison gives the same plan.</summary>
public static class SyncPlanner
{
    private static readonly GroupKind Namespace = new("", "Namespace");
    private static readonly GroupKind Definition = new("apiextensions.k8s.io", "CustomResourceDefinition");

    private static readonly (HookTypes Type, SyncPhase Phase)[] Phases =
    [
        (HookTypes.PreSync, SyncPhase.PreSync), (HookTypes.Sync, SyncPhase.Sync), (HookTypes.PostSync, SyncPhase.PostSync), (HookTypes.SyncFail, SyncPhase.SyncFail),
    ];

    /// <summary>Plans a sync.</summary>
    public static SyncPlan Plan(Comparison comparison, SyncRules rules, string revision)
    {
        var steps = comparison.Objects.Where(o => o.Desired is not null).Select(Apply).ToList();
        var desired = steps.Count;
        if (rules.Hooks)
        {
            steps.AddRange(comparison.Hooks.SelectMany(h => Hooks(h, rules, revision)));
        }

        BringForward(steps);
        var prunes = comparison.Objects.Where(o => o.RequiresPruning).Select(o => PruneStep(o, rules)).ToList();
        var refusal = Refusal(desired, prunes, rules);
        steps.AddRange(InReverse(prunes, rules, steps));
        steps.Sort(Compare);
        return new SyncPlan(revision, steps, refusal);
    }

    // Phase and wave, then deletions, then by kind and name. An object that moves to another version of its kind is the same object; keys
    // have no version, so no prune can hit it.
    private static int Compare(SyncStep left, SyncStep right)
    {
        var order = left.Phase.CompareTo(right.Phase);
        order = order != 0 ? order : left.Wave.CompareTo(right.Wave);
        order = order != 0 ? order : (left.Desired is null ? 0 : 1).CompareTo(right.Desired is null ? 0 : 1);
        order = order != 0 ? order : left.Desired is null ? SyncOrder.Compare(right.Key, left.Key) : SyncOrder.Compare(left.Key, right.Key);
        return order;
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
        var (action, reason) = compared.Owner is { } owner ? (SyncAction.Refuse, $"it belongs to Application {owner}")
            : compared.Live is null ? (SyncAction.Create, "")
            : compared.Differences.Count > 0 ? (SyncAction.Change, "")
            : (SyncAction.None, "");
        var directives = compared.Desired!.Directives;
        return new SyncStep(action, compared.Kind, compared.Key, compared.Desired, compared.Live, compared.Differences, reason) { Wave = directives.Wave, Directives = directives, Health = compared.Health };
    }

    // One task for each type that the hook names. PreDelete and PostDelete belong to the deletion of the Application.
    private static IEnumerable<SyncStep> Hooks(DesiredObject hook, SyncRules rules, string revision) =>
        Phases.Where(p => hook.Directives.Hooks.HasFlag(p.Type)).Select(p =>
        {
            var named = HookNames.Named(hook, p.Phase, revision, rules.StartedAt);
            return new SyncStep(SyncAction.Hook, named.Kind, named.Key, named, null, []) { Phase = p.Phase, Wave = hook.Directives.Wave, Directives = hook.Directives };
        });

    private static SyncStep PruneStep(ComparedObject compared, SyncRules rules)
    {
        var directives = compared.Live is { } live ? ObjectDirectives.Of(live) : ObjectDirectives.Plain;
        var waits = directives.Options.Prune == Removal.Confirmed && rules.Prune && !rules.IsApproved;
        var (action, reason) = compared.Live?.DeletionTimestamp is not null ? (SyncAction.Keep, "it is being deleted already")
            : !rules.Prune ? (SyncAction.Keep, "it left the source, and pruning was not asked for")
            : directives.Options.Prune == Removal.Never ? (SyncAction.Keep, "it left the source, and its own sync option Prune=false keeps it")
            : waits ? (SyncAction.Keep, "it left the source, and its own sync option Prune=confirm asks a person first")
            : (SyncAction.Prune, "");
        return new SyncStep(action, compared.Kind, compared.Key, null, compared.Live, [], reason)
        {
            Wave = directives.Wave,
            Directives = directives,
            AwaitsApproval = waits && compared.Live?.DeletionTimestamp is null,
        };
    }

    // Deletions go the other way round: the waves that hold some are mirrored. Those that come last get a wave of their own, still before PostSync
    // (gitops-engine, pkg/sync/sync_context.go).
    private static IEnumerable<SyncStep> InReverse(List<SyncStep> prunes, SyncRules rules, List<SyncStep> applies)
    {
        var waves = prunes.Where(Goes).Select(p => p.Wave).Distinct().Order().ToList();
        var last = Math.Max(applies.Where(s => s.Phase == SyncPhase.Sync).Select(s => s.Wave).Concat(waves).DefaultIfEmpty(0).Max(), 0);
        foreach (var prune in prunes)
        {
            var place = waves.IndexOf(prune.Wave);
            var comesLast = prune.Directives.Options.PruneLast ?? rules.PruneLast;
            yield return !Goes(prune) ? prune
                : prune with { Wave = comesLast ? (last < int.MaxValue ? last + 1 : last) : waves[waves.Count - 1 - place] };
        }
    }

    private static bool Goes(SyncStep prune) => prune.Action == SyncAction.Prune || prune.Live?.DeletionTimestamp is not null;

    // A namespace or a definition comes with the first task that needs it, even one before the sync proper (sync_tasks.go, adjustDeps).
    private static void BringForward(List<SyncStep> steps)
    {
        for (var i = 0; i < steps.Count; i++)
        {
            var step = steps[i];
            Func<SyncStep, bool>? needs = step.IsHook ? null
                : step.Key.GroupKind == Namespace ? other => other.Key.Namespace == step.Key.Name
                : step.Key.GroupKind == Definition ? other => Defines(step.Desired!.Object, other.Key.GroupKind)
                : null;
            if (needs is null || steps.Where(needs).Where(s => s.Phase != SyncPhase.SyncFail).OrderBy(s => s.Phase).ThenBy(s => s.Wave).FirstOrDefault() is not { } first)
            {
                continue;
            }

            if ((first.Phase, first.Wave).CompareTo((step.Phase, step.Wave)) < 0)
            {
                steps[i] = step with { Phase = first.Phase, Wave = first.Wave };
            }
        }
    }

    private static bool Defines(KubernetesObject definition, GroupKind kind) =>
        definition.Spec["group"]?.AsString() == kind.Group && definition.Spec.At("names", "kind")?.AsString() == kind.Kind;
}
