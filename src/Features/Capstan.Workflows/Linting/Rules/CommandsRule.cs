using Capstan.Workflows.Files;

namespace Capstan.Workflows.Linting.Rules;

/// <summary>Workflow commands that no runner follows any more.</summary>
internal static class CommandsRule
{
    private static readonly (string Command, string Instead)[] Gone =
        [("::set-output", "GITHUB_OUTPUT"), ("::save-state", "GITHUB_STATE"), ("::set-env", "GITHUB_ENV"), ("::add-path", "GITHUB_PATH")];

    public static void Check(LintContext lint)
    {
        foreach (var run in lint.File.Jobs.SelectMany(j => j.Steps).Select(s => s.Run).OfType<Field>())
        {
            foreach (var (command, instead) in Gone.Where(g => run.Text.Contains(g.Command, StringComparison.Ordinal)))
            {
                lint.Warn(run.Position, "commands", $"{command} is not followed any more; append a line NAME=VALUE to the file \"${instead}\"");
            }
        }
    }
}
