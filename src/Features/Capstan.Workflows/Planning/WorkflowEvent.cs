using Capstan.Expressions;

namespace Capstan.Workflows.Planning;

/// <summary>Something that happened to a repository and may start workflows.</summary>
/// <param name="Name">The event's name: <c>push</c>, <c>workflow_dispatch</c> …</param>
/// <param name="Repository"><c>NAME</c> or <c>OWNER/NAME</c> on the Git host.</param>
/// <param name="Ref">The full ref, such as <c>refs/heads/main</c>.</param>
/// <param name="Sha">The commit.</param>
/// <param name="Actor">Who made it happen.</param>
public sealed record WorkflowEvent(string Name, string Repository, string Ref, string Sha, string Actor)
{
    private static readonly string[] Prefixes = ["refs/heads/", "refs/tags/", "refs/pull/"];

    /// <summary>The whole event, as <c>github.event</c> has it.</summary>
    public ObjectValue Payload { get; init; } = ObjectValue.Empty;

    /// <summary>The activity, such as <c>opened</c>; empty where the event has none.</summary>
    public string Activity { get; init; } = "";

    /// <summary>The files that it changed; null when that cannot be told, and every filter on paths lets it pass.</summary>
    public IReadOnlyList<string>? ChangedPaths { get; init; }

    /// <summary>The branch that a pull request is to go into, or that the run before was of; empty elsewhere.</summary>
    public string BaseBranch { get; init; } = "";

    /// <summary>The workflow whose end this is; empty elsewhere.</summary>
    public string Workflow { get; init; } = "";

    /// <summary>What a person or a program handed over.</summary>
    public IReadOnlyDictionary<string, string> Inputs { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Whether code and text of it come from somebody whom nobody here trusts: no secrets then.</summary>
    public bool IsUntrusted { get; init; }

    /// <summary>The branch or tag without <c>refs/heads/</c> or <c>refs/tags/</c>; of a pull request its number and <c>/head</c>.</summary>
    public string RefName => Prefixes.FirstOrDefault(p => Ref.StartsWith(p, StringComparison.Ordinal)) is { } prefix ? Ref[prefix.Length..] : Ref;

    /// <summary>Whether the ref is a tag.</summary>
    public bool IsTag => Ref.StartsWith("refs/tags/", StringComparison.Ordinal);
}
