using Capstan.Expressions;
using Capstan.Yaml;

namespace Capstan.Workflows.Files;

/// <summary>Makes the model of a tree whose shape was checked.</summary>
internal static class ModelBuilder
{
    public static WorkflowFile Build(string path, YamlMap root) => new(path)
    {
        Name = Text(root["name"]) is { Text.Length: > 0 } name ? name.Text : path,
        RunName = Text(root["run-name"]),
        On = TriggerBuilder.Build(root["on"]!, root.Entry("on")!.Value.KeyPosition),
        Env = root["env"],
        Defaults = Defaults(root["defaults"]),
        Concurrency = root["concurrency"],
        Permissions = root["permissions"],
        Jobs = [.. (root["jobs"] as YamlMap ?? YamlMap.Empty).Select(e => Job(e.Key, e.KeyPosition, (YamlMap)e.Value))],
    };

    private static Job Job(string id, Position position, YamlMap map) => new(id, position)
    {
        Name = Text(map["name"]),
        Needs = Texts(map["needs"]),
        If = Text(map["if"]),
        RunsOn = map["runs-on"],
        Strategy = map["strategy"],
        Env = map["env"],
        Defaults = Defaults(map["defaults"]),
        Outputs = Fields(map["outputs"]),
        Container = map["container"],
        Services = map["services"],
        TimeoutMinutes = Text(map["timeout-minutes"]),
        ContinueOnError = Text(map["continue-on-error"]),
        Concurrency = map["concurrency"],
        Permissions = map["permissions"],
        Environment = map["environment"],
        Steps = Steps(map["steps"]),
        Uses = Text(map["uses"]),
        With = map["with"],
        Secrets = map["secrets"],
    };

    /// <summary>The steps of a job or of a composite action.</summary>
    public static IReadOnlyList<Step> Steps(YamlNode? node) => [.. (node as YamlList ?? YamlList.Empty).OfType<YamlMap>().Select(Step)];

    private static Step Step(YamlMap map) => new(map.Position)
    {
        Id = Text(map["id"]),
        Name = Text(map["name"]),
        If = Text(map["if"]),
        Run = Text(map["run"]),
        Shell = Text(map["shell"]),
        WorkingDirectory = Text(map["working-directory"]),
        Uses = Text(map["uses"]),
        With = map["with"],
        Env = map["env"],
        TimeoutMinutes = Text(map["timeout-minutes"]),
        ContinueOnError = Text(map["continue-on-error"]),
    };

    private static RunDefaults Defaults(YamlNode? node) =>
        node?.AsMap()?["run"]?.AsMap() is { } run ? new RunDefaults(Text(run["shell"]), Text(run["working-directory"])) : RunDefaults.None;

    /// <summary>The text of a scalar; null for what is none, and for nothing.</summary>
    public static Field? Text(YamlNode? node)
    {
        if (node is not YamlScalar scalar) return null;
        var value = CoreScalars.Read(scalar);
        return value.Kind == ValueKind.Null ? null : new Field(value.Text, scalar.Position);
    }

    /// <summary>One text or a list of them.</summary>
    public static IReadOnlyList<Field> Texts(YamlNode? node) =>
        node is YamlList list ? [.. list.Select(Text).OfType<Field>()] : Text(node) is { } one ? [one] : [];

    /// <summary>Names with texts.</summary>
    public static IReadOnlyDictionary<string, Field> Fields(YamlNode? node) =>
        (node as YamlMap ?? YamlMap.Empty).ToDictionary(e => e.Key, e => Text(e.Value) ?? new Field("", e.KeyPosition), StringComparer.Ordinal);
}
