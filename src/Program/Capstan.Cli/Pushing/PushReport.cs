using System.Globalization;
using System.Text.Json.Serialization;
using Capstan.Api.Applications;
using Capstan.Delivery.Sync;

namespace Capstan.Cli.Pushing;

/// <summary>What an apply did.</summary>
/// <param name="Objects">Each object, in the order of the apply.</param>
internal sealed record PushReport(IReadOnlyList<PushedObject> Objects);

/// <summary>What an apply did to one object.</summary>
/// <param name="Object">The object as <c>Kind/namespace/name</c>.</param>
/// <param name="Result"><c>created</c>, <c>changed</c>, <c>pruned</c>, <c>unchanged</c>, <c>kept</c>, <c>refused</c> or <c>failed</c>.</param>
/// <param name="Origin">Its line as <c>file:line</c>; absent for an object that the manifests do not have.</param>
/// <param name="Message">Why it was kept, was refused or failed; absent otherwise.</param>
internal sealed record PushedObject(string Object, string Result, string? Origin, string? Message)
{
    public static PushedObject Of(StepOutcome outcome)
    {
        var step = outcome.Step;
        var result = outcome.HasFailed && step.Action != SyncAction.Refuse ? "failed" : step.Action switch
        {
            SyncAction.Create => "created",
            SyncAction.Change => "changed",
            SyncAction.Prune => "pruned",
            SyncAction.Keep => "kept",
            SyncAction.Refuse => "refused",
            _ => "unchanged",
        };
        var message = result is "failed" or "refused" or "kept" ? outcome.Result.Message : null;
        return new PushedObject(step.Key.ToString(), result, step.Desired?.Origin.ToString(), message);
    }

    /// <summary>A plan in the API's words.</summary>
    public static PlanReport Plan(string name, SyncPlan plan) => new(name, plan.Revision, [.. plan.Steps.Where(s => s.Action != SyncAction.None).Select(s =>
        new PlannedChange(s.Key.ToString(), s.Action.ToString().ToLowerInvariant(), s.Desired?.Origin.ToString(), [.. s.Differences.Select(d =>
            new FieldChange(d.Path, d.Wanted?.ToString(), d.Live?.ToString(), d.Manager.Length == 0 ? null : d.Manager,
                d.Time?.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)))]))]);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PushReport))]
internal sealed partial class PushingJson : JsonSerializerContext;
