using Capstan.Yaml;

namespace Capstan.Workflows.Files;

/// <summary>How bad a finding is.</summary>
public enum Severity
{
    /// <summary>The file means something, but hardly what its author wants.</summary>
    Warning,

    /// <summary>The workflow cannot run.</summary>
    Error,
}

/// <summary>A mistake in a workflow file.</summary>
/// <param name="Path">The file.</param>
/// <param name="Position">Where in it; not known when it is the whole file.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="Rule">Which rule found it, such as <c>syntax</c>, <c>needs</c>, <c>injection</c>; docs/reference/lint.md lists them.</param>
/// <param name="Message">What is wrong, and what to do.</param>
public sealed record Finding(string Path, Position Position, Severity Severity, string Rule, string Message)
{
    /// <summary><c>path:line:column: severity: message [rule]</c>.</summary>
    public override string ToString() => $"{Path}:{(Position.IsKnown ? $"{Position}:" : "")} {Severity.ToString().ToLowerInvariant()}: {Message} [{Rule}]";
}
