using Capstan.Expressions;
using Capstan.Workflows.Files;

namespace Capstan.Workflows.Running;

/// <summary>What the jobs of one workflow file share in a run: the run's own file, or one that a job of it calls.</summary>
/// <param name="File">The file.</param>
internal sealed record WorkflowScope(WorkflowFile File)
{
    /// <summary>What stands before the keys of its jobs in the run: the calling job's key and a dot; empty for the run's own file.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>What stands before the names of its jobs: the calling job's name.</summary>
    public string Title { get; init; } = "";

    /// <summary>The <c>inputs</c> context.</summary>
    public required ObjectValue Inputs { get; init; }

    /// <summary>Its secrets; none when the run is not trusted.</summary>
    public required IReadOnlyDictionary<string, string> Secrets { get; init; }

    /// <summary>The variables of the repository.</summary>
    public required IReadOnlyDictionary<string, string> Variables { get; init; }

    /// <summary>What its jobs' tokens may do at most.</summary>
    public required RunPermissions Permissions { get; init; }

    /// <summary>The repository that the file is from.</summary>
    public required string Repository { get; init; }

    /// <summary>The commit that the file is from.</summary>
    public required string Commit { get; init; }

    /// <summary>The workflows that called one another down to this one, the run's own first.</summary>
    public required IReadOnlyList<string> Callers { get; init; }
}
