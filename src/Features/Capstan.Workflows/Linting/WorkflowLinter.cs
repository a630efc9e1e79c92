using Capstan.Workflows.Files;
using Capstan.Workflows.Linting.Rules;

namespace Capstan.Workflows.Linting;

/// <summary>Finds mistakes in workflow files: everything that reading refuses, and what is well-formed and still wrong.</summary>
public static class WorkflowLinter
{
    /// <summary>The rules, each a file in <c>Rules/</c> and a line in docs/reference/lint.md.</summary>
    private static readonly IReadOnlyList<Action<LintContext>> Rules =
    [
        NeedsRule.Check, StepsRule.Check, MatrixRule.Check, InputsRule.Check, ContextRule.Check, ConditionRule.Check,
        ShellRule.Check, InjectionRule.Check, CommandsRule.Check, ActionsRule.Check, RunnerRule.Check, EventsRule.Check, CredentialsRule.Check,
    ];

    /// <summary>Checks one file.</summary>
    /// <param name="path">Where it lies, for messages.</param>
    /// <param name="text">What is in it.</param>
    /// <param name="actions">What is known of actions.</param>
    public static IReadOnlyList<Finding> Lint(string path, string text, IActionCatalog actions)
    {
        var reading = WorkflowReader.Read(path, text);
        if (reading.File is not { } file) return reading.Findings;
        var findings = new List<Finding>();
        var context = new LintContext(file, [.. ExpressionUse.In(file, new SourceText(text))], actions, findings.Add);
        foreach (var rule in Rules) rule(context);
        return [.. findings.Distinct().OrderBy(f => f.Position.Line).ThenBy(f => f.Position.Column)];
    }
}
