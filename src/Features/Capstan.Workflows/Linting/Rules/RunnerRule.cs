using Capstan.Expressions;
using Capstan.Workflows.Files;
using Capstan.Yaml;

namespace Capstan.Workflows.Linting.Rules;

/// <summary>Runners of other systems.</summary>
internal static class RunnerRule
{
    public static void Check(LintContext lint)
    {
        foreach (var label in lint.File.Jobs.SelectMany(j => ModelBuilder.Texts(j.RunsOn is YamlMap map ? map["labels"] : j.RunsOn)))
        {
            var isOther = label.Text.StartsWith("windows", StringComparison.OrdinalIgnoreCase) || label.Text.StartsWith("macos", StringComparison.OrdinalIgnoreCase);
            if (isOther && !TemplateText.HasExpression(label.Text)) lint.Warn(label.Position, "runner", $"'{label.Text}' names another system: jobs run on Linux here, so this one waits until the label is mapped to an image");
        }
    }
}
