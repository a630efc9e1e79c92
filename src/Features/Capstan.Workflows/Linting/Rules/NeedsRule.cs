namespace Capstan.Workflows.Linting.Rules;

/// <summary><c>needs.JOB</c> of a job that is not needed, and outputs that the needed job does not have.</summary>
internal static class NeedsRule
{
    public static void Check(LintContext lint)
    {
        foreach (var use in lint.Uses.Where(u => u.Job is not null))
        {
            foreach (var chain in use.Chains().Where(c => c.Count > 1 && c[0].Equals("needs", StringComparison.OrdinalIgnoreCase) && c[1] != "*"))
            {
                if (!use.Job!.Needs.Any(n => n.Text.Equals(chain[1], StringComparison.OrdinalIgnoreCase)))
                {
                    lint.Error(use.Position, "needs", $"the job '{use.Job.Id}' does not name '{chain[1]}' in its needs, so needs.{chain[1]} is empty");
                }
                else if (lint.File.Job(chain[1]) is { Uses: null } needed && chain is [_, _, "outputs", var output, ..] && output != "*" && !needed.Outputs.Keys.Contains(output, StringComparer.OrdinalIgnoreCase))
                {
                    lint.Error(use.Position, "outputs", $"the job '{needed.Id}' has no output '{output}'; it has {Words.List(needed.Outputs.Keys)}");
                }
                else if (chain.Count > 2 && chain[2] is not ("outputs" or "result" or "*"))
                {
                    lint.Error(use.Position, "expression", $"needs.{chain[1]} has outputs and result, and no '{chain[2]}'");
                }
            }
        }
    }
}
