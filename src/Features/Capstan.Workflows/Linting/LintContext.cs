using Capstan.Workflows.Files;
using Capstan.Yaml;

namespace Capstan.Workflows.Linting;

/// <summary>What the rules look at.</summary>
/// <param name="File">The workflow.</param>
/// <param name="Uses">Its expressions.</param>
/// <param name="Actions">What is known of actions.</param>
/// <param name="Report">Where findings go.</param>
internal sealed record LintContext(WorkflowFile File, IReadOnlyList<ExpressionUse> Uses, IActionCatalog Actions, Action<Finding> Report)
{
    /// <summary>Reports a mistake that keeps the workflow from doing what it says.</summary>
    public void Error(Position position, string rule, string message) => Report(new Finding(File.Path, position, Severity.Error, rule, message));

    /// <summary>Reports a likely mistake.</summary>
    public void Warn(Position position, string rule, string message) => Report(new Finding(File.Path, position, Severity.Warning, rule, message));
}

/// <summary>Tells what an action takes; asked for each <c>uses</c>.</summary>
public interface IActionCatalog
{
    /// <summary>Looks an action up.</summary>
    /// <param name="uses">The text behind <c>uses</c>.</param>
    ActionLookup Find(string uses);
}

/// <summary>What is known of an action.</summary>
/// <param name="State">Whether it is there.</param>
/// <param name="Inputs">Its inputs; null when they are not known.</param>
/// <param name="Outputs">The names of its outputs; null when they are not known.</param>
public sealed record ActionLookup(ActionState State, IReadOnlyList<Input>? Inputs = null, IReadOnlyList<string>? Outputs = null);

/// <summary>Whether an action is there.</summary>
public enum ActionState
{
    /// <summary>Nobody here can tell.</summary>
    Unknown,

    /// <summary>It is.</summary>
    Known,

    /// <summary>It is not.</summary>
    Missing,
}
