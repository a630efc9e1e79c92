using Capstan.Delivery.Rendering;
using Capstan.Sources.Git.Reading;

namespace Capstan.Delivery.Explaining;

/// <summary>What one field of an object is, and who said so.</summary>
/// <param name="Field">The field: <c>.spec.template.spec.containers[0].image</c>.</param>
/// <param name="Value">The desired value as text; that of a Secret is hidden.</param>
/// <param name="Sources">What set it, the nearest first.</param>
/// <param name="Live">What the cluster has instead; null where it has the same.</param>
/// <param name="Manager">Who wrote the live value, where it differs; empty when it is not known.</param>
public sealed record FieldBlame(string Field, string Value, IReadOnlyList<BlamedSource> Sources, string? Live = null, string Manager = "");

/// <summary>One place that set a field.</summary>
/// <param name="Source">The place.</param>
/// <param name="Commit">The commit that last changed that line; null when the place is not in Git, or its line is not known.</param>
public sealed record BlamedSource(FieldSource Source, CommitInfo? Commit)
{
    /// <summary>The repository that holds the file, where the Application has several sources; empty otherwise.</summary>
    public string Repository { get; init; } = "";
}
