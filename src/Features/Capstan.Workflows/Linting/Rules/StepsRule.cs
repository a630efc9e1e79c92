using Capstan.Workflows.Files;

namespace Capstan.Workflows.Linting.Rules;

/// <summary><c>steps.ID</c> of a step that is not there or runs later, and outputs that an action does not have.</summary>
internal static class StepsRule
{
    public static void Check(LintContext lint)
    {
        foreach (var use in lint.Uses.Where(u => u.Job is not null))
        {
            foreach (var chain in use.Chains().Where(c => c.Count > 1 && c[0].Equals("steps", StringComparison.OrdinalIgnoreCase) && c[1] != "*")) One(lint, use, chain);
        }
    }

    private static void One(LintContext lint, ExpressionUse use, IReadOnlyList<string> chain)
    {
        var steps = use.Job!.Steps;
        var at = Enumerable.Range(0, steps.Count).FirstOrDefault(i => steps[i].Id?.Text.Equals(chain[1], StringComparison.OrdinalIgnoreCase) == true, -1);
        if (at < 0)
        {
            lint.Error(use.Position, "steps", $"the job '{use.Job.Id}' has no step with the id '{chain[1]}'; it has {Words.List(steps.Select(s => s.Id?.Text).OfType<string>())}");
        }
        else if (at >= use.Step)
        {
            lint.Error(use.Position, "steps", $"the step '{chain[1]}' runs {(at == use.Step ? "only now" : "later")}, so steps.{chain[1]} is empty here");
        }
        else if (chain.Count > 2 && chain[2] is not ("outputs" or "outcome" or "conclusion" or "*"))
        {
            lint.Error(use.Position, "expression", $"steps.{chain[1]} has outputs, outcome and conclusion, and no '{chain[2]}'");
        }
        else if (chain is [_, _, "outputs", var output, ..] && output != "*" && OutputsOf(lint, steps[at]) is { } outputs && !outputs.Contains(output, StringComparer.OrdinalIgnoreCase))
        {
            lint.Error(use.Position, "outputs", $"the action {steps[at].Uses} of the step '{chain[1]}' has no output '{output}'; it has {Words.List(outputs)}");
        }
    }

    private static IReadOnlyList<string>? OutputsOf(LintContext lint, Step step) => step.Uses is { } uses ? lint.Actions.Find(uses.Text).Outputs : null;
}
