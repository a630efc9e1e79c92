using Capstan.Kubernetes;
using Capstan.Reconcile;
using Capstan.Workflows.Runs;
using Microsoft.Extensions.Logging;

namespace Capstan.Workflows.Controlling;

/// <summary>
/// Has releases made of runs: of those that succeeded on the default branch and pushed images. The run remembers its release; one that does not is looked at
/// again at the next start, so that a server killed in between loses none.
/// </summary>
internal sealed class RunReleasing(IReleases releases, IWorkflowRepositories repositories, RunStore store, TimeProvider time, ILogger log)
{
    private static readonly Backoff Pauses = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

    /// <summary>Whether a run is one of which a release is made, as far as the run tells.</summary>
    public static bool IsWanted(WorkflowRun run) => run.Status is { Phase: Phases.Completed, Conclusion: Conclusions.Success, Release: "" } && !run.Event.IsUntrusted && run.Status.Jobs.Any(j => j.Images.Count > 0);

    /// <summary>Has the release of a run made, however often it takes.</summary>
    public async Task MakeAsync(WorkflowRun run, CancellationToken cancellation)
    {
        if (!IsWanted(run) || !repositories.Exists(run.Repository)) return;
        for (var failures = 1; ; failures++)
        {
            try
            {
                if (run.Event.Ref != await repositories.DefaultBranchAsync(run.Repository, cancellation).ConfigureAwait(false)) return;
                var name = await releases.MakeAsync(run, cancellation).ConfigureAwait(false);
                await store.UpdateAsync(run with { Status = run.Status with { Release = name } }, cancellation).ConfigureAwait(false);
                log.ReleaseMade(name, run.Name);
                return;
            }
            catch (Exception failure) when (failure is KubernetesException or ClusterUnreachableException or UnknownKindException or IOException)
            {
                log.ReleaseFailed(failure, run.Name);
            }

            await Task.Delay(Pauses.After(failures), time, cancellation).ConfigureAwait(false);
        }
    }
}
