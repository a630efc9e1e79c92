namespace Capstan.OciClient.Signing;

/// <summary>Where an image comes from (SLSA provenance v1, https://slsa.dev/spec/v1.0/provenance).</summary>
/// <param name="Repository">The Git repository, as an address.</param>
/// <param name="Commit">The commit, 40 hexadecimal digits.</param>
/// <param name="Workflow">The workflow's file within the repository.</param>
/// <param name="Run">The run that built it, as an address or name.</param>
/// <param name="Builder">Who vouches: the address of this installation.</param>
public sealed record Provenance(string Repository, string Commit, string Workflow, string Run, string Builder)
{
    /// <summary>The predicate's type.</summary>
    public const string PredicateType = "https://slsa.dev/provenance/v1";

    /// <summary>The branch or tag that was pushed, such as <c>refs/heads/main</c>.</summary>
    public string? Reference { get; init; }

    /// <summary>When the run began.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? FinishedAt { get; init; }
}
