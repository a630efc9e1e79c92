using System.Globalization;
using Capstan.Promotion.Pipelines;

namespace Capstan.Promotion.Planning;

/// <summary>
/// Decides what a pipeline does next: a function of what is written, what has happened and what is seen. For each stage: is its release healthy,
/// proven or bad; which release would be next; do its gates hold. A stage whose release is not proven yet takes no other, so promotions queue; what
/// waits is always the newest, so a newer release supersedes it.
/// </summary>
public static class PromotionPlanner
{
    /// <summary>Plans.</summary>
    /// <param name="pipeline">What is written.</param>
    /// <param name="state">What has happened.</param>
    /// <param name="releases">All releases of the pipeline.</param>
    /// <param name="seen">What each stage looks like.</param>
    /// <param name="now">The time.</param>
    public static PromotionPlan Plan(PipelineSpec pipeline, PipelineState state, IReadOnlyList<Release> releases, IReadOnlyDictionary<string, StageObservation> seen, DateTimeOffset now)
    {
        var byName = releases.ToDictionary(r => r.Name);
        var steps = new List<PromotionStep>();
        foreach (var stage in pipeline.Stages)
        {
            var before = state.Of(stage.Name);
            var observed = seen.GetValueOrDefault(stage.Name) ?? new StageObservation(StageHealth.Progressing, "its applications were not looked at");
            var after = Follow(stage, before, observed, now);
            state = state.With(after);
            if (Bad(after, observed, byName) is { } bad)
            {
                state = state with { Quarantined = [.. state.Quarantined.Where(q => q.Release != bad.Name), new Quarantine(bad.Name, stage.Name, observed.Why)] };
                if (after.Proven is { } proven && byName.TryGetValue(proven, out var good)) steps.Add(new PromotionStep.Revert(stage, bad, good, after.Commit ?? "", observed.Why));
                else state = state.With(after with { Message = $"{bad.Name} is bad ({observed.Why}), and there is no proven release to go back to; push a better one" });
                continue;
            }

            if (Next(pipeline, stage, state, releases, byName) is not { } next)
            {
                state = state.With(after with { Waiting = null, Message = after.Release is null || observed.Health == StageHealth.Healthy ? null : observed.Why });
                continue;
            }

            var why = WhyNot(pipeline, stage, state, next, now);
            if (why is null) steps.Add(new PromotionStep.Promote(stage, next, [.. state.Approvals.Where(a => a.Stage == stage.Name && a.Release == next.Name)]));
            state = state.With(after with { Waiting = next.Name, Message = why });
        }

        return new PromotionPlan(state, steps);
    }

    private static StageState Follow(StageSpec stage, StageState state, StageObservation observed, DateTimeOffset now)
    {
        if (state.Release is null || observed.Health != StageHealth.Healthy) return state with { HealthySince = null };
        var since = state.HealthySince ?? now;
        return state with { HealthySince = since, Proven = now - since >= stage.Soak ? state.Release : state.Proven };
    }

    // Only what is not proven yet is taken back: what was good and turns bad later has another cause.
    private static Release? Bad(StageState state, StageObservation observed, Dictionary<string, Release> byName) =>
        observed.Health == StageHealth.Degraded && state.Release is { } name && state.Proven != name ? byName.GetValueOrDefault(name) : null;

    private static Release? Next(PipelineSpec pipeline, StageSpec stage, PipelineState state, IReadOnlyList<Release> releases, Dictionary<string, Release> byName)
    {
        var current = state.Of(stage.Name).Release is { } name ? byName.GetValueOrDefault(name) : null;
        bool IsAsked(Release r) => state.Requests.Any(q => q.Stage == stage.Name && q.Release == r.Name);
        bool IsQuarantined(Release r) => state.Quarantined.Any(q => q.Release == r.Name) && !IsAsked(r);
        bool HasCome(Release r) => stage.After.All(a => pipeline.Find(a) is not null && state.Of(a).Proven == r.Name && state.Of(a).Release == r.Name);
        var asked = releases.Where(r => IsAsked(r) && r.Name != current?.Name && HasCome(r)).MaxBy(r => r.CreatedAt);
        if (asked is not null || !stage.Automatic) return asked;
        var newest = releases.Where(r => HasCome(r) && !IsQuarantined(r)).MaxBy(r => r.CreatedAt);
        return newest is null || newest.Name == current?.Name || (current is not null && newest.CreatedAt <= current.CreatedAt && !IsQuarantined(current)) ? null : newest;
    }

    private static string? WhyNot(PipelineSpec pipeline, StageSpec stage, PipelineState state, Release next, DateTimeOffset now)
    {
        var current = state.Of(stage.Name);
        if (stage.Frozen) return $"{next.Name} waits: the stage is frozen";
        if (current.Release is { } there && current.Proven != there && state.Quarantined.All(q => q.Release != there)) return $"{next.Name} waits: {there} is not proven here yet";
        return stage.Gates.Select(gate => WhyNot(pipeline, gate, stage, state, next, now)).FirstOrDefault(why => why is not null);
    }

    private static string? WhyNot(PipelineSpec pipeline, Gate gate, StageSpec stage, PipelineState state, Release next, DateTimeOffset now)
    {
        switch (gate)
        {
            case Gate.Healthy healthy:
                var young = stage.After.Select(state.Of).FirstOrDefault(a => a.HealthySince is not { } since || now - since < healthy.For);
                return young is null ? null : $"{next.Name} waits: it is to be healthy in {young.Name} for {Told(healthy.For)}, and is {(young.HealthySince is { } from ? "since " + from.UtcDateTime.ToString("HH:mm:ss'Z'", CultureInfo.InvariantCulture) : "not")}";
            case Gate.Approval approval:
                var people = state.Approvals.Where(a => a.Stage == stage.Name && a.Release == next.Name).Select(a => a.By).Distinct().Count();
                return people >= approval.Count ? null : $"{next.Name} waits for {approval.Count - people} approval{(approval.Count - people == 1 ? "" : "s")}: capstan approve {pipeline.Name} --to {stage.Name}";
            case Gate.TimeWindow window:
                var open = window.Days.Contains(now.UtcDateTime.DayOfWeek) && TimeOnly.FromDateTime(now.UtcDateTime).IsBetween(window.From, window.To);
                return open ? null : $"{next.Name} waits for the time window: {window.From:HH\\:mm} to {window.To:HH\\:mm} UTC on {string.Join(", ", window.Days)}";
            default:
                // Signatures are looked at with the artifacts, at the moment of the commit.
                return null;
        }
    }

    private static string Told(TimeSpan time) => time.TotalMinutes >= 1 ? $"{time.TotalMinutes:0.#} min" : $"{time.TotalSeconds:0} s";
}
