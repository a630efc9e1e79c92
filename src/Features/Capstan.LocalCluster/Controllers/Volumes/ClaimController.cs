using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Controllers.Volumes;

/// <summary>
/// Binds claims to volumes: to one that is there and fits, or to a new folder where the class is provisioned here. A claim that pods use
/// stays until they are gone.
/// </summary>
internal sealed class ClaimController : IObserver
{
    public const string Protection = "kubernetes.io/pvc-protection";

    public GroupKind Kind => Kinds.Claim;

    public IReadOnlyList<GroupKind> Owns { get; } = [];

    public IReadOnlyList<GroupKind> Observes { get; } = [Kinds.Volume, Kinds.Pod, Kinds.StorageClass];

    public IEnumerable<ObjectKey> Concerned(KubernetesObject changed, IClusterView view) => changed.Kind switch
    {
        "Pod" => ClaimsOf(changed).Select(name => new ObjectKey(Kinds.Claim, changed.Namespace, name)),
        "PersistentVolume" when changed.Spec["claimRef"] is YamlMap claim => [new ObjectKey(Kinds.Claim, claim.Text("namespace"), claim.Text("name"))],
        _ => view.List(Kinds.Claim, null).Where(c => c.Spec.Text("volumeName").Length == 0).Select(c => c.Key),
    };

    public ControllerPlan Plan(KubernetesObject subject, IClusterView view, DateTimeOffset now)
    {
        if (subject.DeletionTimestamp is not null)
        {
            return Release(subject, view);
        }

        return subject.Spec.Text("volumeName") is { Length: > 0 } name ? Follow(subject, view.Get(new ObjectKey(Kinds.Volume, "", name))) : Find(subject, view);
    }

    private static ControllerPlan Release(KubernetesObject claim, IClusterView view)
    {
        var used = view.List(Kinds.Pod, claim.Namespace).Any(p => p.Status.Text("phase") is not ("Succeeded" or "Failed") && ClaimsOf(p).Contains(claim.Name));
        if (used || !claim.Finalizers.Contains(Protection))
        {
            return ControllerPlan.Nothing;
        }

        var left = new YamlList(claim.Finalizers.Where(f => f != Protection).Select(f => (YamlNode)f));
        return new ControllerPlan([new ObjectWrite.Update(left.Count == 0 ? claim.Without("metadata", "finalizers") : claim.With(["metadata", "finalizers"], left))]);
    }

    // The claim says which volume it has, or wants; the volume's claimRef decides.
    private static ControllerPlan Follow(KubernetesObject claim, KubernetesObject? volume)
    {
        if (volume is null)
        {
            return claim.Status.Text("phase") == "Bound" ? new ControllerPlan([new ObjectWrite.UpdateStatus(claim.With(["status", "phase"], "Lost"))]) : ControllerPlan.Nothing;
        }

        if (volume.Spec["claimRef"] is YamlMap holder && !Names(holder, claim))
        {
            return ControllerPlan.Nothing;
        }

        var writes = new List<ObjectWrite>();
        if (volume.Spec.Text("claimRef", "uid") != claim.Uid)
        {
            writes.Add(new ObjectWrite.Update(volume.With(["spec", "claimRef"], Reference(claim))));
        }

        var status = claim.Status.With("phase", "Bound").With("accessModes", volume.Spec["accessModes"] ?? YamlList.Empty).With("capacity", volume.Spec["capacity"] ?? YamlMap.Empty);
        if (!status.Equals(claim.Status))
        {
            writes.Add(new ObjectWrite.UpdateStatus(claim.With(["status"], status)));
        }

        return new ControllerPlan(writes);
    }

    private static ControllerPlan Find(KubernetesObject claim, IClusterView view)
    {
        var named = StorageClasses.Of(claim, view);
        var volume = view.List(Kinds.Volume, "").Where(v => v.DeletionTimestamp is null && Fits(v, claim, named))
            .OrderByDescending(v => v.Spec["claimRef"] is not null).ThenBy(v => Size(v.Spec, "capacity")).FirstOrDefault();
        if (volume is not null)
        {
            var bound = claim.With(["spec", "volumeName"], volume.Name).WithAnnotation("pv.kubernetes.io/bind-completed", "yes");
            bound = volume.Annotation(StorageClasses.ProvisionedBy) is null ? bound.WithAnnotation("pv.kubernetes.io/bound-by-controller", "yes") : bound;
            bound = named is null ? bound : bound.With(["spec", "storageClassName"], named);
            var writes = new List<ObjectWrite>();
            if (volume.Spec.Text("claimRef", "uid") != claim.Uid)
            {
                writes.Add(new ObjectWrite.Update(volume.With(["spec", "claimRef"], Reference(claim))));
            }

            writes.Add(new ObjectWrite.Update(bound));
            return new ControllerPlan(writes);
        }

        return StorageClasses.Provisioned(named, view) is { } storage
            ? new ControllerPlan([new ObjectWrite.Create(StorageClasses.Folder(claim, storage, Reference(claim)))])
            : ControllerPlan.Nothing;
    }

    private static bool Fits(KubernetesObject volume, KubernetesObject claim, string? named)
    {
        if (volume.Spec["claimRef"] is YamlMap holder)
        {
            return Names(holder, claim);
        }

        var offered = (volume.Spec["accessModes"] as YamlList ?? YamlList.Empty).ToHashSet();
        return volume.Spec.Text("storageClassName") == (named ?? "")
            && (claim.Spec["accessModes"] as YamlList ?? YamlList.Empty).All(offered.Contains)
            && Mode(volume) == Mode(claim)
            && Size(volume.Spec, "capacity") >= Size(claim.Spec, "resources", "requests")
            && (claim.Spec["selector"] is not YamlMap selector || LabelSelector.OfController(selector)?.Matches(volume.Labels) == true);
    }

    private static string Mode(KubernetesObject subject) => subject.Spec.Text("volumeMode") is { Length: > 0 } mode ? mode : "Filesystem";

    private static decimal Size(YamlMap spec, params ReadOnlySpan<string> path) =>
        Quantities.TryParse((spec.At([.. path, "storage"]) as YamlScalar)?.Text ?? "", out var size) ? size : 0;

    private static bool Names(YamlMap holder, KubernetesObject claim) => holder.Text("namespace") == claim.Namespace && holder.Text("name") == claim.Name
        && (holder.Text("uid").Length == 0 || holder.Text("uid") == claim.Uid);

    private static YamlMap Reference(KubernetesObject claim) => YamlMap.Of(
        ("apiVersion", "v1"), ("kind", "PersistentVolumeClaim"), ("name", claim.Name), ("namespace", claim.Namespace), ("uid", claim.Uid));

    private static IEnumerable<string> ClaimsOf(KubernetesObject pod) => (pod.Spec["volumes"] as YamlList ?? YamlList.Empty).OfType<YamlMap>()
        .Select(v => v.Text("persistentVolumeClaim", "claimName") is { Length: > 0 } claim ? claim : v["ephemeral"] is null ? "" : $"{pod.Name}-{v.Text("name")}")
        .Where(name => name.Length > 0);
}
