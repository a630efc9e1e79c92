using Capstan.Expressions;
using Capstan.Workflows.Files;
using Capstan.Workflows.Runs;
using Capstan.Yaml;

namespace Capstan.Workflows.Running;

/// <summary>The contexts outside of steps.</summary>
internal static class RunContexts
{
    /// <summary>What a job's own keys may see.</summary>
    public static EvaluationContext OfJob(JobPlan plan) => new(
    [
        new("github", new ObjectValue(GitHubContext.Of(plan.Run, ""))), new("inputs", plan.Inputs), new("vars", ObjectValue.Of(plan.Variables)), new("needs", plan.Needs),
        new("matrix", plan.Matrix), new("strategy", plan.Strategy), new("secrets", ObjectValue.Of(plan.Secrets.Append(new("GITHUB_TOKEN", plan.Token)))),
    ]);

    /// <summary>What the whole run's keys may see.</summary>
    public static EvaluationContext OfRun(WorkflowRun run, ObjectValue inputs, IReadOnlyDictionary<string, string> variables, ObjectValue? needs = null) => new(
    [
        new("github", new ObjectValue(GitHubContext.Of(run, ""))), new("inputs", inputs), new("vars", ObjectValue.Of(variables)), new("needs", needs ?? ObjectValue.Empty),
    ]);

    /// <summary>The inputs of a run: what was given, and the defaults, each by its type.</summary>
    public static ObjectValue Inputs(WorkflowFile file, WorkflowRun run)
    {
        var declared = file.On.FirstOrDefault(t => t.Event == run.Event.Name)?.Inputs ?? [];
        return new ObjectValue(declared.Select(i => new KeyValuePair<string, ExpressionValue>(i.Name, Typed(i.Type,
            run.Event.Inputs.GetValueOrDefault(i.Name) ?? (i.Default is YamlScalar given ? CoreScalars.Read(given).Text : "")))));
    }

    /// <summary>A value as an input of a type has it.</summary>
    public static ExpressionValue Typed(string type, string text) => type switch
    {
        "boolean" => ExpressionValue.Of(text == "true"),
        "number" => ExpressionValue.Of(ExpressionValue.Of(text).Number),
        _ => ExpressionValue.Of(text),
    };
}
