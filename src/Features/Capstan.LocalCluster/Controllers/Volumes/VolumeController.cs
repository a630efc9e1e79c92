using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Controllers.Volumes;

/// <summary>Says whether a volume is available, bound or released, and takes released folders away where their policy says so.</summary>
internal sealed class VolumeController : IObserver
{
    public GroupKind Kind => Kinds.Volume;

    public IReadOnlyList<GroupKind> Owns { get; } = [];

    public IReadOnlyList<GroupKind> Observes { get; } = [Kinds.Claim];

    public IEnumerable<ObjectKey> Concerned(KubernetesObject changed, IClusterView view) =>
        changed.Spec.Text("volumeName") is { Length: > 0 } volume ? [new ObjectKey(Kinds.Volume, "", volume)] : [];

    public ControllerPlan Plan(KubernetesObject subject, IClusterView view, DateTimeOffset now)
    {
        if (subject.DeletionTimestamp is not null)
        {
            return ControllerPlan.Nothing;
        }

        var phase = Phase(subject, view);
        if (phase == "Released" && subject.Spec.Text("persistentVolumeReclaimPolicy") == "Delete" && subject.Annotation(StorageClasses.ProvisionedBy) == StorageClasses.Provisioner)
        {
            return new ControllerPlan([new ObjectWrite.Delete(subject)]);
        }

        return subject.Status.Text("phase") == phase ? ControllerPlan.Nothing
            : new ControllerPlan([new ObjectWrite.UpdateStatus(subject.With(["status"], subject.Status.With("phase", phase).With("lastPhaseTransitionTime", ObjectFields.Timestamp(now))))]);
    }

    private static string Phase(KubernetesObject volume, IClusterView view)
    {
        if (volume.Spec["claimRef"] is not YamlMap reference)
        {
            return "Available";
        }

        // A reference without a uid reserves the volume for a claim of that name.
        var uid = reference.Text("uid");
        var claim = view.Get(new ObjectKey(Kinds.Claim, reference.Text("namespace"), reference.Text("name")));
        return uid.Length == 0 ? "Available" : claim?.Uid == uid ? "Bound" : "Released";
    }
}
