namespace Capstan.Workflows.Images;

/// <summary>What <c>docker/metadata-action</c> works from.</summary>
/// <param name="Event">The event's name.</param>
/// <param name="Ref">The full ref.</param>
/// <param name="Sha">The commit.</param>
/// <param name="DefaultBranch">The default branch, without <c>refs/heads/</c>.</param>
internal sealed record MetadataInput(string Event, string Ref, string Sha, string DefaultBranch)
{
    /// <summary>The names of images, without tags.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];

    /// <summary>The rules of <c>tags</c>; the action's own where there is none.</summary>
    public IReadOnlyList<string> Rules { get; init; } = [];

    /// <summary>The lines of <c>flavor</c>.</summary>
    public IReadOnlyList<string> Flavor { get; init; } = [];

    /// <summary>The branch; null where the ref is none.</summary>
    public string? Branch => Ref.StartsWith("refs/heads/", StringComparison.Ordinal) ? Ref["refs/heads/".Length..] : null;

    /// <summary>The Git tag; null where the ref is none.</summary>
    public string? GitTag => Ref.StartsWith("refs/tags/", StringComparison.Ordinal) ? Ref["refs/tags/".Length..] : null;
}

/// <summary>What came of it.</summary>
/// <param name="Version">The tag of the highest priority; empty for none.</param>
/// <param name="Tags">The tags alone, the highest priority first.</param>
/// <param name="Names">Every image with every tag.</param>
internal sealed record MetadataResult(string Version, IReadOnlyList<string> Tags, IReadOnlyList<string> Names);
