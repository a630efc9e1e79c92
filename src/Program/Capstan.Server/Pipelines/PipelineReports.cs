using System.Globalization;
using Capstan.Api.Pipelines;
using Capstan.Promotion;
using Capstan.Promotion.Pipelines;
using Capstan.Resources;
using Capstan.Server.Hosting;
using Capstan.Yaml;

namespace Capstan.Server.Pipelines;

/// <summary>Pipelines and releases in the words of the API: what follows from what is written, what has happened and what time it is.</summary>
internal static class PipelineReports
{
    private const int MostReleases = 50;

    /// <summary>The board of a pipeline.</summary>
    public static PipelineBoard Board(ServerParts parts, KubernetesObject pipeline)
    {
        var state = PipelineState.Read(pipeline.Status);
        var releases = parts.PipelineIndex.ReleasesOf(pipeline).Select(r => Card([pipeline], r)).OrderByDescending(r => r.CreatedAt, StringComparer.Ordinal).Take(MostReleases).ToArray();
        try
        {
            var spec = PipelineReader.Read(pipeline);
            var now = parts.Time.GetUtcNow();
            return new PipelineBoard(pipeline.Name, pipeline.Status["problem"]?.AsString(), [.. spec.Stages.Select(s => Stage(parts, spec, s, state, now))], releases);
        }
        catch (PromotionException e)
        {
            return new PipelineBoard(pipeline.Name, e.Message, [], releases);
        }
    }

    /// <summary>A release. What cannot be read of it is left out.</summary>
    /// <param name="pipelines">The pipelines that it goes through, or the one that is looked at.</param>
    /// <param name="release">The release.</param>
    public static ReleaseCard Card(IReadOnlyList<KubernetesObject> pipelines, KubernetesObject release)
    {
        string? Text(string field) => release.Spec[field]?.AsString() is { Length: > 0 } text ? text : null;
        var states = pipelines.Select(p => PipelineState.Read(p.Status)).ToList();
        var images = (release.Spec["images"]?.AsList() ?? YamlList.Empty).Select(i => i.AsMap() ?? YamlMap.Empty)
            .Select(i => new ReleaseImageCard(i["name"]?.AsString() ?? "", i["image"]?.AsString() ?? ""));
        var quarantine = states.SelectMany(s => s.Quarantined).FirstOrDefault(q => q.Release == release.Name);
        return new ReleaseCard(
            release.Name, pipelines.Count > 0 ? pipelines[0].Name : "", Text("commit") ?? "", Text("repository"), Text("run"), Text("createdAt") ?? release.Metadata["creationTimestamp"]?.AsString() ?? "", [.. images],
            [.. states.SelectMany(s => s.Stages).Where(s => s.Release == release.Name).Select(s => s.Name)], quarantine is null ? null : $"{quarantine.Stage}: {quarantine.Reason}");
    }

    private static StageBoard Stage(ServerParts parts, PipelineSpec spec, StageSpec stage, PipelineState all, DateTimeOffset now)
    {
        var state = all.Of(stage.Name);
        var hold = all.Holds.FirstOrDefault(h => h.Stage == stage.Name);
        var proven = state.Release is not null && state.Proven == state.Release;
        var provenAt = !proven && state.HealthySince is { } since ? Time(since + stage.Soak) : null;
        return new StageBoard(
            stage.Name, stage.After, [.. stage.Applications.Select(a => Application(parts, a))], stage.Automatic, stage.Frozen,
            hold is null ? null : hold.Reason.Length > 0 ? $"{hold.By}: {hold.Reason}" : hold.By,
            state.Release, state.Commit, Time(state.PromotedAt), Time(state.HealthySince), provenAt, proven, state.Waiting, state.Message,
            state.Waiting is null ? [] : [.. stage.Gates.Select(g => Gate(g, spec, stage, all, now))]);
    }

    private static StageApplication Application(ServerParts parts, string fullName)
    {
        var (space, name) = (fullName[..fullName.IndexOf('/', StringComparison.Ordinal)], fullName[(fullName.IndexOf('/', StringComparison.Ordinal) + 1)..]);
        return parts.Index.Find(space, name) is { } found ? new StageApplication(name, found.Summary.Sync, found.Summary.Health) : new StageApplication(name, null, null);
    }

    private static GateState Gate(Gate gate, PipelineSpec spec, StageSpec stage, PipelineState state, DateTimeOffset now)
    {
        switch (gate)
        {
            case Gate.Healthy healthy:
                var before = stage.After.Where(a => spec.Find(a) is not null).Select(state.Of).ToArray();
                if (before.FirstOrDefault(b => b.HealthySince is null) is { } ill) return new GateState("Healthy", false, $"healthy in {ill.Name} for {Told(healthy.For)}; it is not healthy there now");
                var opens = before.Length == 0 ? now : before.Max(b => b.HealthySince!.Value) + healthy.For;
                return new GateState("Healthy", opens <= now, $"healthy in {string.Join(", ", stage.After)} for {Told(healthy.For)}", opens <= now ? null : Time(opens));
            case Gate.Approval approval:
                var people = state.Approvals.Where(a => a.Stage == stage.Name && a.Release == state.Of(stage.Name).Waiting).DistinctBy(a => a.By).ToArray();
                var named = people.Length == 0 ? "" : $": {string.Join("; ", people.Select(p => p.Reason.Length > 0 ? $"{p.By} ({p.Reason})" : p.By))}";
                return new GateState("Approval", people.Length >= approval.Count, $"{people.Length} of {approval.Count} approvals{named}");
            case Gate.TimeWindow window:
                var open = IsOpen(window, now);
                return new GateState("TimeWindow", open, $"{window.From:HH\\:mm} to {window.To:HH\\:mm} UTC on {string.Join(", ", window.Days.Order())}", open ? null : Time(Opens(window, now)));
            default:
                return new GateState("Signature", null, "signed by this installation's key; looked at when the commit is written");
        }
    }

    private static bool IsOpen(Gate.TimeWindow window, DateTimeOffset at) => window.Days.Contains(at.UtcDateTime.DayOfWeek) && TimeOnly.FromDateTime(at.UtcDateTime).IsBetween(window.From, window.To);

    // A window names days of the week, so it opens within eight days or never.
    private static DateTimeOffset? Opens(Gate.TimeWindow window, DateTimeOffset now) => Enumerable.Range(0, 8)
        .Select(day => new DateTimeOffset(DateOnly.FromDateTime(now.UtcDateTime).AddDays(day).ToDateTime(window.From), TimeSpan.Zero))
        .Where(at => at > now && window.Days.Contains(at.DayOfWeek)).Select(at => (DateTimeOffset?)at).FirstOrDefault();

    private static string Told(TimeSpan time) => time.TotalHours >= 1 ? $"{time.TotalHours:0.#} h" : time.TotalMinutes >= 1 ? $"{time.TotalMinutes:0.#} min" : $"{time.TotalSeconds:0} s";

    private static string? Time(DateTimeOffset? time) => time?.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
