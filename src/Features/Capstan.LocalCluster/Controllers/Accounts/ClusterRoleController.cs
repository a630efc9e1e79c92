using Capstan.Resources;
using Capstan.Yaml;
using LabelSelector = Capstan.LocalCluster.ApiServer.Objects.LabelSelector;

namespace Capstan.LocalCluster.Controllers.Accounts;

/// <summary>Fills aggregated cluster roles with the rules of those that their selectors name.</summary>
internal sealed class ClusterRoleController : IObserver
{
    public GroupKind Kind => Kinds.ClusterRole;

    public IReadOnlyList<GroupKind> Owns { get; } = [];

    public IReadOnlyList<GroupKind> Observes { get; } = [Kinds.ClusterRole];

    public IEnumerable<ObjectKey> Concerned(KubernetesObject changed, IClusterView view) =>
        view.List(Kinds.ClusterRole, "").Where(r => r.Name != changed.Name && Selectors(r).Any(s => s.Matches(changed.Labels))).Select(r => r.Key);

    public ControllerPlan Plan(KubernetesObject subject, IClusterView view, DateTimeOffset now)
    {
        var selectors = Selectors(subject).ToList();
        if (subject.DeletionTimestamp is not null || selectors.Count == 0)
        {
            return ControllerPlan.Nothing;
        }

        var rules = new YamlList(view.List(Kinds.ClusterRole, "").Where(r => r.Name != subject.Name && selectors.Any(s => s.Matches(r.Labels)))
            .SelectMany(r => r.Body["rules"] as YamlList ?? YamlList.Empty).Distinct());
        return rules.Equals(subject.Body["rules"] ?? YamlList.Empty) ? ControllerPlan.Nothing : new ControllerPlan([new ObjectWrite.Update(subject.With(["rules"], rules))]);
    }

    private static IEnumerable<LabelSelector> Selectors(KubernetesObject role) =>
        (role.Body.At("aggregationRule", "clusterRoleSelectors") as YamlList ?? YamlList.Empty).OfType<YamlMap>().Select(LabelSelector.OfController).OfType<LabelSelector>();
}
