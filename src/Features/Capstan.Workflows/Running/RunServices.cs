using Capstan.Workflows.Backends;
using Capstan.Workflows.Applying;
using Capstan.Workflows.Images;
using Capstan.Workflows.Keeping;
using Capstan.Workflows.Storage;

namespace Capstan.Workflows.Running;

/// <summary>What running jobs need of the world.</summary>
/// <param name="Repositories">Where code comes from.</param>
/// <param name="Backend">Where jobs run.</param>
/// <param name="Artifacts">What jobs keep for others.</param>
/// <param name="Caches">What jobs keep for later.</param>
/// <param name="Images">Builds images.</param>
/// <param name="Applies">Applies manifests to clusters.</param>
/// <param name="Archive">Keeps what runs leave.</param>
/// <param name="Options">Limits.</param>
/// <param name="Time">The clock.</param>
public sealed record RunServices(
    IWorkflowRepositories Repositories, IRunnerBackend Backend, ArtifactStore Artifacts, CacheStore Caches, IImageBuilds Images, IManifestApplies Applies, IRunArchive Archive, RunnerOptions Options, TimeProvider Time);
