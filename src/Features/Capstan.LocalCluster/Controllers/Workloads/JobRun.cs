using Capstan.Resources;

namespace Capstan.LocalCluster.Controllers.Workloads;

/// <summary>How far a Job is.</summary>
/// <param name="Active">Pods that run.</param>
/// <param name="Succeeded">Pods that ended well.</param>
/// <param name="Failed">Pods that ended badly.</param>
/// <param name="WantedActive">Pods that should run now.</param>
/// <param name="IsComplete">Whether enough pods ended well.</param>
internal sealed record JobRun(IReadOnlyList<KubernetesObject> Active, int Succeeded, int Failed, int WantedActive, bool IsComplete)
{
    public static JobRun Of(KubernetesObject job, IReadOnlyList<KubernetesObject> pods)
    {
        var active = pods.Where(PodState.IsActive).ToList();
        var succeeded = pods.Count(p => p.Status.Text("phase") == "Succeeded");
        var failed = pods.Count(p => p.Status.Text("phase") == "Failed");
        var parallelism = job.Spec.Int(1, "parallelism");

        // Without completions the Job is a work queue: one success means that the work is done, and no new pods start.
        if (job.Spec["completions"] is null or { IsNull: true })
        {
            var wanted = succeeded > 0 ? active.Count : parallelism;
            return new JobRun(active, succeeded, failed, wanted, succeeded > 0 && active.Count == 0);
        }

        var completions = job.Spec.Int(1, "completions");
        return new JobRun(active, succeeded, failed, Math.Clamp(completions - succeeded, 0, parallelism), succeeded >= completions);
    }
}
