using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.ApiServer.Policies;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Controllers.Policies;

/// <summary>Counts what each resource quota's namespace uses.</summary>
internal sealed class QuotaController : IObserver
{
    private static readonly (GroupKind Kind, string Qualified)[] Counted =
    [
        (Kinds.Pod, "pods"), (Kinds.Service, "services"), (Kinds.Secret, "secrets"), (Kinds.ConfigMap, "configmaps"), (Kinds.Claim, "persistentvolumeclaims"),
        (Kinds.ReplicationController, "replicationcontrollers"), (Kinds.ReplicaSet, "replicasets.apps"), (Kinds.Deployment, "deployments.apps"),
        (Kinds.StatefulSet, "statefulsets.apps"), (Kinds.Job, "jobs.batch"), (Kinds.CronJob, "cronjobs.batch"), (Kinds.ResourceQuota, "resourcequotas"),
    ];

    public GroupKind Kind => Kinds.ResourceQuota;

    public IReadOnlyList<GroupKind> Owns { get; } = [];

    public IReadOnlyList<GroupKind> Observes { get; } = [.. Counted.Select(c => c.Kind)];

    public IEnumerable<ObjectKey> Concerned(KubernetesObject changed, IClusterView view) => view.List(Kinds.ResourceQuota, changed.Namespace).Select(q => q.Key);

    public ControllerPlan Plan(KubernetesObject subject, IClusterView view, DateTimeOffset now)
    {
        if (subject.DeletionTimestamp is not null)
        {
            return ControllerPlan.Nothing;
        }

        var hard = subject.Spec["hard"] as YamlMap ?? YamlMap.Empty;
        var used = new Dictionary<string, decimal>(StringComparer.Ordinal);
        foreach (var (kind, qualified) in Counted)
        {
            foreach (var item in view.List(kind, subject.Namespace).Where(i => QuotaUsage.InScope(subject.Body, qualified, i.Body)))
            {
                foreach (var (name, amount) in QuotaUsage.Of(qualified, item.Body))
                {
                    used[name] = used.GetValueOrDefault(name) + amount;
                }
            }
        }

        var shown = hard.Keys.Aggregate(YamlMap.Empty, (all, name) => all.With(name, Quantities.Show(used.GetValueOrDefault(name))));
        var status = YamlMap.Of(("hard", hard), ("used", shown));
        return status.Equals(subject.Status) ? ControllerPlan.Nothing : new ControllerPlan([new ObjectWrite.UpdateStatus(subject.With(["status"], status))]);
    }
}
