using System.Globalization;
using Capstan.Expressions;
using Capstan.Resources;
using Capstan.Workflows.Commands;
using Capstan.Workflows.Keeping;
using Capstan.Workflows.Planning;
using Capstan.Workflows.Reports;
using Capstan.Yaml;

namespace Capstan.Workflows.Runs;

/// <summary>Runs as objects of Kubernetes, kind <c>WorkflowRun</c>, and back.</summary>
public static class RunObject
{
    /// <summary>The version of the kind.</summary>
    public const string ApiVersion = "capstan.dev/v1alpha1";

    /// <summary>The kind.</summary>
    public const string Kind = "WorkflowRun";

    /// <summary>The label with the repository; a slash in its name is a dot there.</summary>
    public const string RepositoryLabel = "capstan.dev/repository";

    /// <summary>The run as an object.</summary>
    public static KubernetesObject Write(WorkflowRun run, string space) => new(YamlMap.Of(
        ("apiVersion", ApiVersion),
        ("kind", Kind),
        ("metadata", YamlMap.Of(("name", run.Name), ("namespace", space), ("labels", YamlMap.Of((RepositoryLabel, LabelOf(run.Repository)))))),
        ("spec", YamlMap.Of(
            ("repository", run.Repository), ("path", run.Path), ("workflow", run.Workflow), ("number", run.Number), ("createdAt", run.CreatedAt),
            ("event", run.Event.Name), ("ref", run.Event.Ref), ("sha", run.Event.Sha), ("actor", run.Event.Actor), ("activity", run.Event.Activity),
            ("untrusted", run.Event.IsUntrusted), ("inputs", Texts(run.Event.Inputs)), ("payload", ExpressionJson.Write(run.Event.Payload)))),
        ("status", WriteStatus(run.Status))));

    /// <summary>The value of the label of a repository.</summary>
    public static string LabelOf(string repository) => repository.Replace('/', '.') is { Length: <= 63 } label ? label : repository.Replace('/', '.')[..63].TrimEnd('.', '-', '_');

    /// <summary>The status alone, as a merge patch takes it.</summary>
    public static YamlMap WriteStatus(RunStatus status) => YamlMap.Of(
        ("phase", status.Phase), ("conclusion", status.Conclusion), ("title", status.Title), ("attempt", (long)status.Attempt), ("message", status.Message), ("approvedBy", status.ApprovedBy),
        ("startedAt", status.StartedAt), ("finishedAt", status.FinishedAt), ("release", status.Release), ("archive", status.Archive), ("artifacts", WriteArtifacts(status.Artifacts)), ("annotations", Annotations(status.Annotations)),
        ("jobs", new YamlList([.. status.Jobs.Select(j => YamlMap.Of(
            ("key", j.Key), ("id", j.Id), ("name", j.Name), ("phase", j.Phase), ("conclusion", j.Conclusion), ("startedAt", j.StartedAt), ("finishedAt", j.FinishedAt),
            ("message", j.Message), ("summary", j.Summary), ("calls", j.Calls), ("outputs", Texts(j.Outputs)), ("images", new YamlList(j.Images.Select(i => YamlScalar.String(i)))),
            ("tests", YamlMap.Of(("passed", (long)j.Tests.Passed), ("failed", (long)j.Tests.Failed), ("skipped", (long)j.Tests.Skipped))), ("annotations", Annotations(j.Annotations)),
            ("steps", new YamlList([.. j.Steps.Select(s => YamlMap.Of(("name", s.Name), ("phase", s.Phase), ("conclusion", s.Conclusion)))]))))])));

    /// <summary>Artifacts as the status has them.</summary>
    public static YamlList WriteArtifacts(IReadOnlyList<KeptArtifact> artifacts) =>
        new([.. artifacts.Select(a => YamlMap.Of(("name", a.Name), ("bytes", a.Bytes), ("digest", a.Digest)))]);

    /// <summary>The run of an object.</summary>
    public static WorkflowRun Read(KubernetesObject found)
    {
        var spec = found.Spec;
        var happened = new WorkflowEvent(Text(spec, "event"), Text(spec, "repository"), Text(spec, "ref"), Text(spec, "sha"), Text(spec, "actor"))
        {
            Activity = Text(spec, "activity"),
            IsUntrusted = spec["untrusted"] is YamlScalar { Text: "true" },
            Inputs = Pairs(spec["inputs"]).ToDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal),
            Payload = Payload(Text(spec, "payload")),
        };
        return new WorkflowRun(found.Name, Text(spec, "path"), Text(spec, "workflow"), Number(spec, "number"), happened, Text(spec, "createdAt")) { Status = ReadStatus(found.Status) };
    }

    private static RunStatus ReadStatus(YamlMap status) => new()
    {
        Phase = Text(status, "phase") is { Length: > 0 } phase ? phase : Phases.Queued,
        Conclusion = Text(status, "conclusion"),
        Title = Text(status, "title"),
        Attempt = (int)Math.Max(1, Number(status, "attempt")),
        Message = Text(status, "message"),
        ApprovedBy = Text(status, "approvedBy"),
        StartedAt = Text(status, "startedAt"),
        FinishedAt = Text(status, "finishedAt"),
        Release = Text(status, "release"),
        Archive = Text(status, "archive"),
        Artifacts = [.. Maps(status["artifacts"]).Select(a => new KeptArtifact(Text(a, "name"), Number(a, "bytes"), Text(a, "digest")))],
        Annotations = ReadAnnotations(status["annotations"]),
        Jobs = [.. Maps(status["jobs"]).Select(j => new JobState(Text(j, "key"), Text(j, "id"), Text(j, "name"))
        {
            Phase = Text(j, "phase"),
            Conclusion = Text(j, "conclusion"),
            StartedAt = Text(j, "startedAt"),
            FinishedAt = Text(j, "finishedAt"),
            Message = Text(j, "message"),
            Summary = Text(j, "summary"),
            Calls = Text(j, "calls"),
            Outputs = Pairs(j["outputs"]),
            Images = [.. (j["images"] as YamlList ?? YamlList.Empty).OfType<YamlScalar>().Select(i => i.Text)],
            Tests = ReadTests(j["tests"] as YamlMap ?? YamlMap.Empty),
            Annotations = ReadAnnotations(j["annotations"]),
            Steps = [.. Maps(j["steps"]).Select(s => new StepState(Text(s, "name"), Text(s, "phase"), Text(s, "conclusion")))],
        })],
    };

    private static TestCounts ReadTests(YamlMap map) => new((int)Number(map, "passed"), (int)Number(map, "failed"), (int)Number(map, "skipped"));

    private static YamlList Annotations(IReadOnlyList<Annotation> annotations) => new([.. annotations.Select(a => YamlMap.Of(
        ("level", a.Level), ("message", a.Message), ("file", a.File), ("line", (long)a.Line), ("column", (long)a.Column), ("title", a.Title)))]);

    private static IReadOnlyList<Annotation> ReadAnnotations(YamlNode? node) =>
        [.. Maps(node).Select(a => new Annotation(Text(a, "level"), Text(a, "message"), Text(a, "file"), (int)Number(a, "line"), (int)Number(a, "column"), Text(a, "title")))];

    private static YamlMap Texts(IEnumerable<KeyValuePair<string, string>> pairs)
    {
        var map = YamlMap.Empty;
        foreach (var (name, value) in pairs) map = map.With(name, YamlScalar.String(value));
        return map;
    }

    private static ObjectValue Payload(string json)
    {
        try
        {
            return json.Length == 0 ? ObjectValue.Empty : ExpressionJson.Read(json) as ObjectValue ?? ObjectValue.Empty;
        }
        catch (System.Text.Json.JsonException)
        {
            // Somebody changed the object by hand; the run can do without.
            return ObjectValue.Empty;
        }
    }

    private static IReadOnlyList<KeyValuePair<string, string>> Pairs(YamlNode? node) =>
        [.. (node as YamlMap ?? YamlMap.Empty).Select(e => new KeyValuePair<string, string>(e.Key, e.Value is YamlScalar scalar ? scalar.Text : ""))];

    private static IEnumerable<YamlMap> Maps(YamlNode? node) => (node as YamlList ?? YamlList.Empty).OfType<YamlMap>();

    private static string Text(YamlMap map, string key) => map[key] is YamlScalar { IsNull: false } scalar ? scalar.Text : "";

    private static long Number(YamlMap map, string key) => map[key] is YamlScalar scalar && long.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
