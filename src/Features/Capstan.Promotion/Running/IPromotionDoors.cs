using Capstan.Promotion.Pipelines;
using Capstan.Sources.Git;

namespace Capstan.Promotion.Running;

/// <summary>Knows the registry: asked before a commit names a release's images.</summary>
public interface IReleaseArtifacts
{
    /// <summary>Why a release's images may not be named in a commit; null when they may: each is in its registry by its digest, signed where that is wanted, and built from the commit that the release claims.</summary>
    Task<string?> WhyNotAsync(Release release, bool signed, CancellationToken cancellation);
}

/// <summary>Knows how repositories are reached: a name of the own Git host, or an address.</summary>
public interface IStageRepositories
{
    /// <summary>The repository that a stage's target names.</summary>
    GitRemote Find(string repository);
}
