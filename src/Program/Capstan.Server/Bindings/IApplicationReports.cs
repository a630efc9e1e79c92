using Capstan.Api.Applications;
using Capstan.Resources;

namespace Capstan.Server.Bindings;

/// <summary>What the API tells of an application beyond the object itself.</summary>
internal interface IApplicationReports
{
    Task<PlanReport> PlanAsync(KubernetesObject application, CancellationToken cancellation);

    Task<WhyReport> WhyAsync(KubernetesObject application, CancellationToken cancellation);

    Task<TreeNode> TreeAsync(KubernetesObject application, CancellationToken cancellation);

    Task<HistoryReport> HistoryAsync(KubernetesObject application, CancellationToken cancellation);

    Task<IReadOnlyList<KubernetesObject>> ManifestsAsync(KubernetesObject application, CancellationToken cancellation);

    Task<RollbackReport> RollbackAsync(KubernetesObject application, RollbackRequest wish, string user, CancellationToken cancellation);
}
