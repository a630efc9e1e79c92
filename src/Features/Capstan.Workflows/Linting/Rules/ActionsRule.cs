using Capstan.Expressions;
using Capstan.Workflows.Actions;
using Capstan.Workflows.Files;
using Capstan.Yaml;

namespace Capstan.Workflows.Linting.Rules;

/// <summary>Actions that are not there, and inputs that they do not take.</summary>
internal static class ActionsRule
{
    public static void Check(LintContext lint)
    {
        foreach (var step in lint.File.Jobs.SelectMany(j => j.Steps).Where(s => s.Uses is not null && !TemplateText.HasExpression(s.Uses.Text)))
        {
            if (ActionReference.Problem(step.Uses!.Text) is { } problem)
            {
                lint.Error(step.Uses.Position, "actions", problem);
                continue;
            }

            var action = lint.Actions.Find(step.Uses.Text);
            if (action.State == ActionState.Missing) lint.Error(step.Uses.Position, "actions", ActionReference.MissingText(step.Uses.Text));
            if (action.Inputs is { } inputs) Inputs(lint, step, inputs);
        }

        foreach (var job in lint.File.Jobs.Where(j => j.Uses is not null && !TemplateText.HasExpression(j.Uses.Text)))
        {
            if (ActionReference.WorkflowProblem(job.Uses!.Text) is { } problem) lint.Error(job.Uses.Position, "actions", problem);
        }
    }

    private static void Inputs(LintContext lint, Step step, IReadOnlyList<Input> inputs)
    {
        if (step.With is not (null or YamlMap)) return;
        var given = step.With as YamlMap ?? YamlMap.Empty;
        if (given.Any(e => TemplateText.HasExpression(e.Key))) return;
        foreach (var entry in given.Where(e => !inputs.Any(i => i.Name.Equals(e.Key, StringComparison.OrdinalIgnoreCase))))
        {
            lint.Warn(entry.KeyPosition, "inputs", $"{step.Uses} has no input '{entry.Key}'; it has {Words.List(inputs.Select(i => i.Name))}");
        }

        foreach (var input in inputs.Where(i => i.Required && i.Default is null && !given.Keys.Contains(i.Name, StringComparer.OrdinalIgnoreCase)))
        {
            lint.Error(step.Uses!.Position, "inputs", $"{step.Uses} needs the input '{input.Name}'");
        }
    }
}
