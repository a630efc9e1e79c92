using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Controllers.Networking;

/// <summary>
/// Keeps the Endpoints and EndpointSlices of each Service: of the pods that it selects or, where it selects none, of the Endpoints that somebody wrote.
/// </summary>
internal sealed class EndpointController : IObserver
{
    public const string ManagedBy = "endpointslice.kubernetes.io/managed-by";
    private const string OldManagedBy = "endpoints.kubernetes.io/managed-by";
    private const string FromPods = "endpointslice-controller.k8s.io";

    // The pods of a Service that was only just made are mostly on their way: one word when they are there instead of two.
    private static readonly TimeSpan PodsCome = TimeSpan.FromSeconds(2);

    private const string FromEndpoints = "endpointslicemirroring-controller.k8s.io";

    public GroupKind Kind => Kinds.Service;

    public IReadOnlyList<GroupKind> Owns { get; } = [Kinds.EndpointSlice];

    public IReadOnlyList<GroupKind> Observes { get; } = [Kinds.Pod, Kinds.Endpoints];

    public IEnumerable<ObjectKey> Concerned(KubernetesObject changed, IClusterView view) => changed.Kind == "Endpoints"
        ? [new ObjectKey(Kinds.Service, changed.Namespace, changed.Name)]
        : view.Selecting(changed.Namespace, changed.Labels).Select(s => s.Key);

    public ControllerPlan Plan(KubernetesObject subject, IClusterView view, DateTimeOffset now)
    {
        if (subject.DeletionTimestamp is not null || subject.Spec.Text("type") == "ExternalName")
        {
            return ControllerPlan.Nothing;
        }

        var writes = new List<ObjectWrite>();
        var known = view.Get(new ObjectKey(Kinds.Endpoints, subject.Namespace, subject.Name));
        List<PortGroup> groups;
        if (subject.Spec["selector"] is YamlMap { Count: > 0 } selector)
        {
            var pods = view.Selected(subject.Namespace, selector).OrderBy(p => p.Name, StringComparer.Ordinal);
            groups = PortGroup.Of(subject, pods);
            if (groups.Count == 0 && known is null && subject.CreatedAt() is { } made && now - made < PodsCome)
            {
                return new ControllerPlan([], PodsCome - (now - made));
            }

            WriteEndpoints(subject, known, groups, writes);
        }
        else
        {
            groups = known is null || known.Label(OldManagedBy) is not null ? [] : PortGroup.Of(known);
        }

        WriteSlices(subject, view, groups, known, writes);
        return new ControllerPlan(writes);
    }

    private static void WriteEndpoints(KubernetesObject service, KubernetesObject? known, List<PortGroup> groups, List<ObjectWrite> writes)
    {
        var subsets = new YamlList(groups.Select(g => g.Subset()).OfType<YamlMap>());
        var labels = service.Labels.With(OldManagedBy, "endpoint-controller");
        labels = service.Spec.Text("clusterIP") == "None" ? labels.With("service.kubernetes.io/headless", "") : labels;
        if (known is null)
        {
            var body = YamlMap.Of(("apiVersion", "v1"), ("kind", "Endpoints"),
                ("metadata", YamlMap.Of(("name", service.Name), ("namespace", service.Namespace), ("labels", labels))));
            body = subsets.Count == 0 ? body : body.With("subsets", subsets);
            writes.Add(new ObjectWrite.Create(new KubernetesObject(body).ControlledBy(service)));
        }
        else if (!(known.Body["subsets"] as YamlList ?? YamlList.Empty).Equals(subsets) || !known.Labels.Equals(labels))
        {
            var changed = subsets.Count == 0 ? known.Without("subsets") : known.With(["subsets"], subsets);
            writes.Add(new ObjectWrite.Update(changed.With(["metadata", "labels"], labels)));
        }
    }

    private static void WriteSlices(KubernetesObject service, IClusterView view, List<PortGroup> groups, KubernetesObject? endpoints, List<ObjectWrite> writes)
    {
        var mirrored = service.Spec["selector"] is not YamlMap { Count: > 0 };
        var wanted = EndpointSlices.Of(service, groups, mirrored ? FromEndpoints : FromPods).ToDictionary(s => s.Name, StringComparer.Ordinal);
        var ours = view.ControlledBy(Kinds.EndpointSlice, service.Namespace, service.Uid)
            .Where(s => s.DeletionTimestamp is null && s.Label(ManagedBy) is FromPods or FromEndpoints).ToList();
        foreach (var slice in ours)
        {
            if (!wanted.Remove(slice.Name, out var next))
            {
                writes.Add(new ObjectWrite.Delete(slice));
            }
            else if (!EndpointSlices.Same(slice, next))
            {
                writes.Add(new ObjectWrite.Update(EndpointSlices.Changed(slice, next)));
            }
        }

        writes.AddRange(mirrored && endpoints is null ? [] : wanted.Values.Select(s => new ObjectWrite.Create(s)));
    }
}
