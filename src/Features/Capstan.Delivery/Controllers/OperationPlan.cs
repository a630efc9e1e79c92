using Capstan.Delivery.Applications;
using Capstan.Delivery.Comparing;
using Capstan.Delivery.Sync;
using Capstan.Resources;

namespace Capstan.Delivery.Controllers;

/// <summary>What one operation plans, and how it is carried out.</summary>
internal static class OperationPlan
{
    private static readonly GroupKind Namespace = new("", "Namespace");

    /// <summary>The plan as of this look. The same operation gives its hooks the same names each time.</summary>
    public static SyncPlan Of(OperationState operation, Observation seen)
    {
        var application = seen.Application;
        var rules = new SyncRules(operation.Prune, application.Policy.Automated?.AllowEmpty == true, application.Policy.Options.PruneLast)
        {
            Hooks = !operation.SelfHeal && operation.Only.Count == 0,
            IsApproved = StatusReader.Time(application.Object.Body.At("metadata", "annotations", Application.DeletionApprovedAnnotation)) is { } approved && approved >= operation.StartedAt,
            StartedAt = operation.StartedAt,
        };
        var plan = SyncPlanner.Plan(seen.Comparison, rules, seen.Commit);
        plan = operation.Only.Count == 0 ? plan : plan with { Steps = [.. plan.Steps.Where(s => operation.Only.Any(o => o.Matches(s.Key)))] };
        return application.Policy.Options.RespectIgnoreDifferences ? plan with { Steps = [.. plan.Steps.Select(s => Respecting(s, application))] } : plan;
    }

    private static SyncStep Respecting(SyncStep step, Application application) =>
        step is { Action: SyncAction.Change, Desired: { } desired, Live: { } live }
            ? step with { Desired = new DesiredObject(application.Ignored.Adopt(desired.Object, live), desired.Origin, desired.IsServed) }
            : step;

    /// <summary>How a wave of it is carried out.</summary>
    public static RunOptions OptionsOf(OperationState operation, Observation seen, SyncPlan whole)
    {
        var space = seen.Application.Destination.Namespace;
        var missing = seen.Application.Policy.Options.CreateNamespace && space.Length > 0
            && seen.Cluster.Live.Find(new ObjectKey(Namespace, "", space)) is null
            && !seen.Desired.Objects.Any(o => o.Key.GroupKind == Namespace && o.Key.Name == space);
        return new RunOptions(missing ? space : "", operation.DryRun)
        {
            Whole = whole,
            TriesFirst = operation.Results.Count == 0,
            Operation = operation.Id,
            Options = seen.Application.Policy.Options,
        };
    }
}
