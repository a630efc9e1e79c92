using System.Globalization;
using Capstan.Yaml;

namespace Capstan.Promotion.Pipelines;

/// <summary>What a pipeline has come to: its <c>status</c>.</summary>
/// <param name="Stages">The stages.</param>
/// <param name="Approvals">What people approved.</param>
/// <param name="Requests">What people asked for, of stages that want to be asked.</param>
/// <param name="Quarantined">Releases that are not promoted by themselves any more, with the reason.</param>
public sealed record PipelineState(IReadOnlyList<StageState> Stages, IReadOnlyList<Approval> Approvals, IReadOnlyList<PromotionRequest> Requests, IReadOnlyList<Quarantine> Quarantined)
{
    /// <summary>Stages that people hold: nothing enters them.</summary>
    public IReadOnlyList<Hold> Holds { get; init; } = [];

    /// <summary>Nothing has happened yet.</summary>
    public static readonly PipelineState Empty = new([], [], [], []);

    /// <summary>The state of a stage.</summary>
    public StageState Of(string stage) => Stages.FirstOrDefault(s => s.Name == stage) ?? new StageState(stage);

    /// <summary>The same with another state of a stage.</summary>
    public PipelineState With(StageState stage) => this with { Stages = [.. Stages.Where(s => s.Name != stage.Name), stage] };

    /// <summary>Reads a status as far as it is one.</summary>
    public static PipelineState Read(YamlMap status) => new(
        [.. Items(status, "stages").Select(StageState.Read)],
        [.. Items(status, "approvals").Select(a => new Approval(Text(a, "stage") ?? "", Text(a, "release") ?? "", Text(a, "by") ?? "", Text(a, "reason") ?? ""))],
        [.. Items(status, "requests").Select(r => new PromotionRequest(Text(r, "stage") ?? "", Text(r, "release") ?? "", Text(r, "by") ?? ""))],
        [.. Items(status, "quarantined").Select(q => new Quarantine(Text(q, "release") ?? "", Text(q, "stage") ?? "", Text(q, "reason") ?? ""))])
    {
        Holds = [.. Items(status, "holds").Select(h => new Hold(Text(h, "stage") ?? "", Text(h, "by") ?? "", Text(h, "reason") ?? ""))],
    };

    /// <summary>Writes the status.</summary>
    public YamlMap Write()
    {
        var map = YamlMap.Of(
            ("stages", new YamlList(Stages.Select(s => s.Write()))),
            ("approvals", new YamlList(Approvals.Select(a => YamlMap.Of(("stage", a.Stage), ("release", a.Release), ("by", a.By), ("reason", a.Reason))))),
            ("requests", new YamlList(Requests.Select(r => YamlMap.Of(("stage", r.Stage), ("release", r.Release), ("by", r.By))))),
            ("quarantined", new YamlList(Quarantined.Select(q => YamlMap.Of(("release", q.Release), ("stage", q.Stage), ("reason", q.Reason))))));
        return Holds.Count == 0 ? map : map.With("holds", new YamlList(Holds.Select(h => YamlMap.Of(("stage", h.Stage), ("by", h.By), ("reason", h.Reason)))));
    }

    internal static string? Text(YamlMap map, string name) => map[name]?.AsString() is { Length: > 0 } text ? text : null;

    internal static DateTimeOffset? Time(YamlMap map, string name) =>
        Text(map, name) is { } text && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    private static IEnumerable<YamlMap> Items(YamlMap status, string name) => (status[name]?.AsList() ?? YamlList.Empty).OfType<YamlMap>();
}

/// <summary>Somebody approved that a release enters a stage.</summary>
public sealed record Approval(string Stage, string Release, string By, string Reason);

/// <summary>Somebody asked that a release enters a stage.</summary>
public sealed record PromotionRequest(string Stage, string Release, string By);

/// <summary>A release that turned out bad.</summary>
public sealed record Quarantine(string Release, string Stage, string Reason);

/// <summary>Somebody holds a stage: nothing enters it until the hold is lifted.</summary>
public sealed record Hold(string Stage, string By, string Reason);

/// <summary>What a stage has come to.</summary>
/// <param name="Name">Its name.</param>
public sealed record StageState(string Name)
{
    /// <summary>The release that is in it.</summary>
    public string? Release { get; init; }

    /// <summary>The commit that brought it.</summary>
    public string? Commit { get; init; }

    /// <summary>When that was.</summary>
    public DateTimeOffset? PromotedAt { get; init; }

    /// <summary>Since when its applications run the release and are healthy, without a break.</summary>
    public DateTimeOffset? HealthySince { get; init; }

    /// <summary>The last release that was healthy for the soak time.</summary>
    public string? Proven { get; init; }

    /// <summary>The release that waits to enter.</summary>
    public string? Waiting { get; init; }

    /// <summary>Why something waits, or what went wrong.</summary>
    public string? Message { get; init; }

    internal static StageState Read(YamlMap map) => new(PipelineState.Text(map, "name") ?? "")
    {
        Release = PipelineState.Text(map, "release"),
        Commit = PipelineState.Text(map, "commit"),
        PromotedAt = PipelineState.Time(map, "promotedAt"),
        HealthySince = PipelineState.Time(map, "healthySince"),
        Proven = PipelineState.Text(map, "proven"),
        Waiting = PipelineState.Text(map, "waiting"),
        Message = PipelineState.Text(map, "message"),
    };

    internal YamlMap Write()
    {
        var map = new YamlMapBuilder();
        map.Set("name", Name);
        foreach (var (name, value) in new[] { ("release", Release), ("commit", Commit), ("promotedAt", Text(PromotedAt)), ("healthySince", Text(HealthySince)), ("proven", Proven), ("waiting", Waiting), ("message", Message) })
        {
            if (value is not null) map.Set(name, value);
        }

        return map.ToMap();
    }

    private static string? Text(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
