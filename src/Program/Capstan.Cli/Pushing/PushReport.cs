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
/// <param name="Result"><c>created</c>, <c>changed</c>, <c>ran</c>, <c>pruned</c>, <c>unchanged</c>, <c>kept</c>, <c>refused</c>, <c>failed</c> or <c>skipped</c>.</param>
/// <param name="Origin">Its line as <c>file:line</c>; absent for an object that the manifests do not have.</param>
/// <param name="Message">Why it was kept, refused or skipped, or failed; absent otherwise.</param>
internal sealed record PushedObject(string Object, string Result, string? Origin, string? Message)
{
    /// <summary>What a run did to each object of its plan, those that it had nothing to do for included.</summary>
    public static PushReport Report(SyncPlan plan, SyncRun run)
    {
        var outcomes = run.Outcomes.GroupBy(o => (o.Step.Phase, o.Step.Key)).ToDictionary(g => g.Key, g => g.Last());
        var others = run.Outcomes.Where(o => plan.Steps.All(s => s.Key != o.Step.Key)).Select(o => Of(o.Step, o, run));
        return new PushReport([.. others, .. plan.Steps.Select(s => Of(s, outcomes.GetValueOrDefault((s.Phase, s.Key)), run))]);
    }

    private static PushedObject Of(SyncStep step, StepOutcome? outcome, SyncRun run)
    {
        var result = step.Action switch
        {
            SyncAction.Refuse => "refused",
            _ when outcome is { HasFailed: true } or { Result.Task: TaskPhase.Failed } => "failed",
            SyncAction.Keep => "kept",
            SyncAction.None => "unchanged",
            _ when run.IsDryRun || outcome is null => "skipped",
            SyncAction.Create => "created",
            SyncAction.Change => "changed",
            SyncAction.Hook => "ran",
            _ => "pruned",
        };
        var origin = step.Desired?.Origin.ToString();
        var message = result switch
        {
            "failed" => Behind($"{step.Key}: ", Behind($"{origin}: ", outcome!.Result.Message)),
            "refused" or "kept" => step.Reason,
            "skipped" => run.IsDryRun ? "not tried, since another object was refused" : "not tried",
            _ => null,
        };
        return new PushedObject(step.Key.ToString(), result, origin, message);
    }

    private static string Behind(string prefix, string text) => text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : text;

    /// <summary>A plan in the API's words.</summary>
    public static PlanReport Plan(string name, SyncPlan plan) => new(name, plan.Revision, [.. plan.Steps.Where(s => s.Action is not (SyncAction.None or SyncAction.Hook)).Select(s =>
        new PlannedChange(s.Key.ToString(), s.Action.ToString().ToLowerInvariant(), s.Desired?.Origin.ToString(), [.. s.Differences.Select(d =>
            new FieldChange(d.Path, d.Wanted?.ToString(), d.Live?.ToString(), d.Manager.Length == 0 ? null : d.Manager,
                d.Time?.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)))]))]);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PushReport))]
internal sealed partial class PushingJson : JsonSerializerContext;
