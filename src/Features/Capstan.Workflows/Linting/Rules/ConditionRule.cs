using Capstan.Expressions;
using Capstan.Workflows.Files;
using Capstan.Workflows.Places;

namespace Capstan.Workflows.Linting.Rules;

/// <summary>Conditions that are always true.</summary>
internal static class ConditionRule
{
    public static void Check(LintContext lint)
    {
        foreach (var condition in lint.File.Jobs.SelectMany(j => j.Steps.Select(s => s.If).Append(j.If)).OfType<Field>())
        {
            var parsed = Condition.Parse(condition.Text, Place.Anywhere.Language);
            if (parsed.IsAlwaysTrue) lint.Warn(condition.Position, "condition", "text stands beside ${{ }}, so the whole is a text and always true; put all of it inside ${{ }}, or leave ${{ }} away");
            else if (parsed.Roots.All(r => r is LiteralNode)) lint.Warn(condition.Position, "condition", $"the condition '{condition.Text.Trim()}' never changes");
        }
    }
}
