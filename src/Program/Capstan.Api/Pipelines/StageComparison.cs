using Capstan.Api.Repositories;

namespace Capstan.Api.Pipelines;

/// <summary>What two stages of a pipeline differ in: what was built, which commits, and what is deployed.</summary>
/// <param name="Pipeline">The pipeline.</param>
/// <param name="From">The one stage.</param>
/// <param name="To">The other.</param>
/// <param name="Images">The images of both, by the name by which manifests speak of them.</param>
/// <param name="Ahead">The source commits that the one stage has and the other lacks, the newest first.</param>
/// <param name="Behind">Those that the other has and the one lacks.</param>
/// <param name="Objects">The objects that differ.</param>
/// <param name="Same">How many objects are the same in both.</param>
/// <param name="Problems">What could not be compared, and why.</param>
public sealed record StageComparison(
    string Pipeline, ComparedStage From, ComparedStage To, IReadOnlyList<ComparedImage> Images, IReadOnlyList<RepositoryCommit> Ahead, IReadOnlyList<RepositoryCommit> Behind,
    IReadOnlyList<ComparedObject> Objects, int Same, IReadOnlyList<string> Problems);

/// <summary>One of the stages.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Release">The release that is in it; absent before the first.</param>
/// <param name="Commit">The commit that the release was built from.</param>
/// <param name="Repository">The repository of that commit.</param>
/// <param name="PromotedAt">When the release came here.</param>
/// <param name="Applications">The applications.</param>
public sealed record ComparedStage(string Name, string? Release, string? Commit, string? Repository, string? PromotedAt, IReadOnlyList<string> Applications);

/// <summary>An image in both stages.</summary>
/// <param name="Name">How manifests speak of it.</param>
/// <param name="From">What the one stage has; absent where it has none of that name.</param>
/// <param name="To">What the other has.</param>
public sealed record ComparedImage(string Name, string? From, string? To);

/// <summary>An object that is not the same in both stages. Namespaces do not count: stages have their own.</summary>
/// <param name="Object">Kind and name.</param>
/// <param name="In">The stage that alone has it; absent when both do.</param>
/// <param name="Fields">The fields that differ, when both have it.</param>
public sealed record ComparedObject(string Object, string? In, IReadOnlyList<ComparedField> Fields);

/// <summary>A field that differs.</summary>
/// <param name="Path">Where.</param>
/// <param name="From">What the one stage has; absent for nothing.</param>
/// <param name="To">What the other has.</param>
public sealed record ComparedField(string Path, string? From, string? To);
