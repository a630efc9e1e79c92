using Capstan.Workflows.Files;
using Capstan.Yaml;

namespace Capstan.Workflows.Actions;

/// <summary>Reads <c>action.yml</c> files.</summary>
public static class ActionReader
{
    /// <summary>The names that the file may have, in the order in which they are looked for.</summary>
    public static readonly IReadOnlyList<string> FileNames = ["action.yml", "action.yaml"];

    private static readonly ReadLimits Limits = new() { MaxBytes = 1 << 20, MaxDepth = 100, MaxNodes = 100_000, Dialect = YamlDialect.GoYaml3 };

    /// <summary>Reads one file.</summary>
    /// <exception cref="WorkflowException">It is no action; the message has path and line.</exception>
    public static ActionFile Read(string path, string text)
    {
        YamlNode root;
        try
        {
            root = YamlText.ReadOne(text, Limits);
        }
        catch (YamlException wrong)
        {
            throw new WorkflowException(wrong.In(path), wrong);
        }

        if (root is not YamlMap map || map["runs"] is not YamlMap runs) throw new WorkflowException($"{path}: is no action: it has no 'runs'");
        var using_ = ModelBuilder.Text(runs["using"]) ?? throw new WorkflowException($"{path}:{runs.Position}: 'runs' does not say what it is 'using': composite, node20, node24 or docker");
        string TextOf(string key) => ModelBuilder.Text(runs[key])?.Text ?? "";
        var action = new ActionFile(path, using_.Text switch
        {
            "composite" => ActionKind.Composite,
            "docker" => ActionKind.Docker,
            "node12" or "node16" or "node20" or "node24" => ActionKind.JavaScript,
            _ => throw new WorkflowException($"{path}:{using_.Position}: '{using_.Text}' is not known; an action is 'using' composite, node20, node24 or docker"),
        })
        {
            Name = ModelBuilder.Text(map["name"])?.Text ?? path,
            Inputs = TriggerBuilder.Inputs(map["inputs"]),
            Outputs = (map["outputs"] as YamlMap ?? YamlMap.Empty).ToDictionary(e => e.Key, e => ModelBuilder.Text(e.Value.AsMap()?["value"]) ?? new Field("", e.KeyPosition), StringComparer.Ordinal),
            Node = using_.Text.StartsWith("node", StringComparison.Ordinal) ? using_.Text : "",
            Pre = TextOf(using_.Text == "docker" ? "pre-entrypoint" : "pre"),
            Main = TextOf(using_.Text == "docker" ? "entrypoint" : "main"),
            Post = TextOf(using_.Text == "docker" ? "post-entrypoint" : "post"),
            PostIf = ModelBuilder.Text(runs["post-if"]),
            Steps = ModelBuilder.Steps(runs["steps"]),
            Image = TextOf("image"),
            Arguments = ModelBuilder.Texts(runs["args"]),
            Env = runs["env"],
        };
        Check(path, action, runs);
        return action;
    }

    private static void Check(string path, ActionFile action, YamlMap runs)
    {
        if (action.Kind == ActionKind.JavaScript && action.Main.Length == 0) throw new WorkflowException($"{path}:{runs.Position}: the action has no 'main'");
        if (action.Kind == ActionKind.Docker && action.Image.Length == 0) throw new WorkflowException($"{path}:{runs.Position}: the action has no 'image'");
        foreach (var step in action.Kind == ActionKind.Composite ? action.Steps : [])
        {
            if (step.Run is null == step.Uses is null) throw new WorkflowException($"{path}:{step.Position}: a step has either 'run' or 'uses'");
            if (step.Run is not null && step.Shell is null) throw new WorkflowException($"{path}:{step.Position}: a step of an action with 'run' has to name its 'shell'");
        }
    }
}
