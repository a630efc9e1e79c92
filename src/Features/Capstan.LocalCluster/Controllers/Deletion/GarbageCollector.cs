using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Controllers.Deletion;

/// <summary>
/// Deletes what lost its owners, and carries out foreground deletion and orphaning, as Kubernetes' garbage collector does. An owner in
/// another namespace counts as absent.
/// </summary>
internal static class GarbageCollector
{
    /// <summary>What to change for an object whose owner, or whose dependents, changed.</summary>
    public static ControllerPlan Plan(KubernetesObject subject, IClusterView view)
    {
        if (subject.DeletionTimestamp is not null)
        {
            return new ControllerPlan(subject.Finalizers.Contains(DeletionFinalizers.Orphan) ? Orphan(subject, view)
                : subject.Finalizers.Contains(DeletionFinalizers.Foreground) ? Foreground(subject, view)
                : []);
        }

        if (subject.Metadata["ownerReferences"] is not YamlList { Count: > 0 } owners)
        {
            return ControllerPlan.Nothing;
        }

        var present = owners.Where(o => o is YamlMap reference && IsPresent(reference, subject, view)).ToList();
        if (present.Count == owners.Count)
        {
            return ControllerPlan.Nothing;
        }

        return new ControllerPlan([present.Count == 0
            ? new ObjectWrite.Delete(subject)
            : new ObjectWrite.Update(subject.With(["metadata", "ownerReferences"], new YamlList(present)))]);
    }

    private static bool IsPresent(YamlMap reference, KubernetesObject subject, IClusterView view) =>
        view.Find(reference.Text("uid")) is { } owner && (owner.Namespace.Length == 0 || owner.Namespace == subject.Namespace);

    private static List<ObjectWrite> Orphan(KubernetesObject subject, IClusterView view)
    {
        var writes = view.Dependents(subject.Uid).Select(d => (ObjectWrite)new ObjectWrite.Update(WithoutOwner(d, subject.Uid))).ToList();
        return writes.Count > 0 ? writes : [new ObjectWrite.Update(WithoutFinalizer(subject, DeletionFinalizers.Orphan))];
    }

    private static List<ObjectWrite> Foreground(KubernetesObject subject, IClusterView view)
    {
        var dependents = view.Dependents(subject.Uid);
        if (!dependents.Any(d => Blocks(d, subject.Uid)))
        {
            return [new ObjectWrite.Update(WithoutFinalizer(subject, DeletionFinalizers.Foreground))];
        }

        return dependents.Where(d => d.DeletionTimestamp is null)
            .Select(d => HasAnother(d, subject, view) ? (ObjectWrite)new ObjectWrite.Update(WithoutOwner(d, subject.Uid)) : new ObjectWrite.Delete(d)).ToList();
    }

    // An owner that stays keeps its dependents; one that waits for them itself does not.
    private static bool HasAnother(KubernetesObject dependent, KubernetesObject owner, IClusterView view) =>
        (dependent.Metadata["ownerReferences"] as YamlList ?? YamlList.Empty).OfType<YamlMap>().Any(reference => reference.Text("uid") != owner.Uid
            && IsPresent(reference, dependent, view) && view.Find(reference.Text("uid")) is { } key
            && view.Get(key) is { } other && !(other.DeletionTimestamp is not null && other.Finalizers.Contains(DeletionFinalizers.Foreground)));

    private static bool Blocks(KubernetesObject dependent, string ownerUid) =>
        (dependent.Metadata["ownerReferences"] as YamlList ?? YamlList.Empty)
            .Any(o => o is YamlMap reference && reference.Text("uid") == ownerUid && reference.Flag("blockOwnerDeletion"));

    private static KubernetesObject WithoutOwner(KubernetesObject subject, string ownerUid)
    {
        var left = (subject.Metadata["ownerReferences"] as YamlList ?? YamlList.Empty)
            .Where(o => o is not YamlMap reference || reference.Text("uid") != ownerUid).ToList();
        return left.Count == 0 ? subject.Without("metadata", "ownerReferences") : subject.With(["metadata", "ownerReferences"], new YamlList(left));
    }

    private static KubernetesObject WithoutFinalizer(KubernetesObject subject, string finalizer)
    {
        var left = subject.Finalizers.Where(f => f != finalizer).Select(f => (YamlNode)f).ToList();
        return left.Count == 0 ? subject.Without("metadata", "finalizers") : subject.With(["metadata", "finalizers"], new YamlList(left));
    }
}
