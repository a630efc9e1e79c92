using Capstan.Expressions;
using Capstan.Workflows.Files;

namespace Capstan.Workflows.Linting.Rules;

/// <summary>Shells that are not there.</summary>
internal static class ShellRule
{
    private static readonly string[] Here = ["bash", "sh", "python"];
    private static readonly string[] Elsewhere = ["pwsh", "powershell", "cmd"];

    public static void Check(LintContext lint)
    {
        var shells = lint.File.Jobs.SelectMany(j => j.Steps.Select(s => s.Shell).Append(j.Defaults.Shell)).Append(lint.File.Defaults.Shell);
        foreach (var shell in shells.OfType<Field>().Where(s => !TemplateText.HasExpression(s.Text) && !s.Text.Contains("{0}", StringComparison.Ordinal)))
        {
            if (Elsewhere.Contains(shell.Text)) lint.Warn(shell.Position, "shell", $"the shell '{shell.Text}' is not part of the usual runner images; use bash, sh or python, or an image that has it");
            else if (!Here.Contains(shell.Text)) lint.Error(shell.Position, "shell", $"there is no shell '{shell.Text}'; use {Words.List(Here)}, or a command with {{0}} in the place of the script's file");
        }
    }
}
