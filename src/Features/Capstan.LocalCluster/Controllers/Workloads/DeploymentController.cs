using System.Globalization;
using Capstan.Resources;
using Capstan.Yaml;
using LabelSelector = Capstan.LocalCluster.ApiServer.Objects.LabelSelector;

namespace Capstan.LocalCluster.Controllers.Workloads;

/// <summary>
/// Rolls a Deployment from one ReplicaSet to the next, as kube-controller-manager's deployment controller does: RollingUpdate and
/// Recreate, revisions, paused, history limit and progress deadline.
/// </summary>
internal sealed class DeploymentController : IController
{
    public const string RevisionAnnotation = "deployment.kubernetes.io/revision";
    private const string DesiredAnnotation = "deployment.kubernetes.io/desired-replicas";
    private static readonly TimeSpan SetSpeaks = TimeSpan.FromSeconds(5);
    private const string MaxAnnotation = "deployment.kubernetes.io/max-replicas";

    public GroupKind Kind => Kinds.Deployment;

    public IReadOnlyList<GroupKind> Owns { get; } = [Kinds.ReplicaSet];

    public ControllerPlan Plan(KubernetesObject subject, IClusterView view, DateTimeOffset now)
    {
        if (subject.DeletionTimestamp is not null)
        {
            return ControllerPlan.Nothing;
        }

        var writes = new List<ObjectWrite>();
        var sets = Claim(subject, view, writes);
        if (writes.Count > 0)
        {
            return new ControllerPlan(writes);
        }

        var template = subject.Spec["template"] as YamlMap ?? YamlMap.Empty;
        var current = sets.FirstOrDefault(s => PodTemplateHash.SameTemplate(s.Spec["template"] as YamlMap ?? YamlMap.Empty, template));
        if (current is not null && IsYetToSpeak(current, now))
        {
            return new ControllerPlan([], SetSpeaks);
        }

        var old = sets.Where(s => s != current).ToList();
        var paused = subject.Spec.Flag("paused");
        if (current is null && !paused)
        {
            writes.Add(Begin(subject, template, sets, view, old));
        }
        else if (current is not null)
        {
            Mark(subject, current, sets, writes);
            Move(subject, current, old, paused, writes);
        }

        var history = paused ? [] : Forgotten(subject, old).ToList();
        writes.AddRange(history.Select(s => new ObjectWrite.Delete(s)));
        var (status, checkAgain) = DeploymentStatus.Of(subject, current, sets, now);

        if (!status.Equals(subject.Status) && !writes.Any(w => w is ObjectWrite.Create or ObjectWrite.UpdateStatus))
        {
            Tell(subject, status, writes);
        }

        return new ControllerPlan(writes, checkAgain);
    }

    // What a set says in a moment changes what its Deployment would say now: one word later instead of two.
    private static bool IsYetToSpeak(KubernetesObject set, DateTimeOffset now) =>
        set.Status.Int(0, "observedGeneration") < set.Generation && set.CreatedAt() is { } made && now - made < SetSpeaks;

    // A revision that is written anyhow takes the status along: one version instead of two.
    private static void Tell(KubernetesObject subject, YamlMap status, List<ObjectWrite> writes)
    {
        var marked = writes.FindIndex(w => w is ObjectWrite.Update && w.Object.Key == subject.Key);
        if (marked < 0)
        {
            writes.Add(new ObjectWrite.UpdateStatus(subject.With(["status"], status)));
        }
        else
        {
            writes[marked] = new ObjectWrite.UpdateWhole(writes[marked].Object.With(["status"], status));
        }
    }

    private static List<KubernetesObject> Claim(KubernetesObject subject, IClusterView view, List<ObjectWrite> writes)
    {
        var selector = LabelSelector.OfController(subject.Spec["selector"] as YamlMap);
        foreach (var orphan in view.Orphans(Kinds.ReplicaSet, subject.Namespace))
        {
            if (orphan.DeletionTimestamp is null && selector?.Matches(orphan.Labels) == true)
            {
                writes.Add(new ObjectWrite.Update(orphan.ControlledBy(subject)));
            }
        }

        return view.ControlledBy(Kinds.ReplicaSet, subject.Namespace, subject.Uid).Where(s => s.DeletionTimestamp is null)
            .OrderBy(s => s.CreatedAt()).ThenBy(s => s.Name, StringComparer.Ordinal).ToList();
    }

    private static ObjectWrite Begin(
        KubernetesObject subject, YamlMap template, List<KubernetesObject> sets, IClusterView view, List<KubernetesObject> old)
    {
        var collisions = subject.Status.Int(0, "collisionCount");
        var hash = PodTemplateHash.Of(template, collisions);
        var name = $"{subject.Name}-{hash}";
        if (view.Get(new ObjectKey(Kinds.ReplicaSet, subject.Namespace, name)) is not null)
        {
            // The name is taken by another template's set: count the collision and try the next hash.
            return new ObjectWrite.UpdateStatus(subject.With(["status", "collisionCount"], collisions + 1L));
        }

        var wanted = subject.Spec.Int(1, "replicas");
        var total = sets.Sum(s => s.Spec.Int(0, "replicas"));
        var replicas = IsRecreate(subject)
            ? (old.All(s => s.Status.Int(0, "replicas") == 0 && s.Spec.Int(0, "replicas") == 0) ? wanted : 0)
            : Math.Clamp(wanted + RollingUpdate.Of(subject.Spec).MaxSurge - total, 0, wanted);
        var labelled = template.WithAt(["metadata", "labels", PodTemplateHash.Label], hash);
        var labels = labelled.At("metadata", "labels") as YamlMap ?? YamlMap.Empty;
        var annotations = subject.Annotations.Where(a => Copied(a.Key)).Aggregate(new YamlMapBuilder(), (all, a) => all.Set(a.Key, a.Value));
        annotations.Set(RevisionAnnotation, NextRevision(sets).ToString(CultureInfo.InvariantCulture));
        SetScale(subject, annotations);
        var set = YamlMap.Of(
            ("apiVersion", "apps/v1"),
            ("kind", "ReplicaSet"),
            ("metadata", YamlMap.Of(
                ("name", name), ("namespace", subject.Namespace), ("labels", labels), ("annotations", annotations.ToMap()))),
            ("spec", YamlMap.Of(
                ("replicas", (long)replicas),
                ("selector", (subject.Spec["selector"] as YamlMap ?? YamlMap.Empty).WithAt(["matchLabels", PodTemplateHash.Label], hash)),
                ("template", labelled))));
        if (subject.Spec.Int(0, "minReadySeconds") is > 0 and var seconds)
        {
            set = set.WithAt(["spec", "minReadySeconds"], (long)seconds);
        }

        return new ObjectWrite.Create(new KubernetesObject(set).ControlledBy(subject));
    }

    // A set that is taken up again (kubectl rollout undo) gets the newest revision, and the Deployment shows it.
    private static void Mark(KubernetesObject subject, KubernetesObject current, List<KubernetesObject> sets, List<ObjectWrite> writes)
    {
        var newest = sets.Where(s => s != current).Select(Revision).DefaultIfEmpty(0).Max();
        var revision = Math.Max(Revision(current), newest + (Revision(current) <= newest ? 1 : 0));
        var text = revision.ToString(CultureInfo.InvariantCulture);
        if (current.Annotation(RevisionAnnotation) != text)
        {
            writes.Add(new ObjectWrite.Update(current.WithAnnotation(RevisionAnnotation, text)));
        }
        else if (subject.Annotation(RevisionAnnotation) != text)
        {
            writes.Add(new ObjectWrite.Update(subject.WithAnnotation(RevisionAnnotation, text)));
        }
    }

    private static void Move(
        KubernetesObject subject, KubernetesObject current, List<KubernetesObject> old, bool paused, List<ObjectWrite> writes)
    {
        // A set or Deployment that was just marked is scaled in the next pass, from its new version.
        if (writes.Count > 0)
        {
            return;
        }

        var wanted = subject.Spec.Int(1, "replicas");
        var currentSize = current.Spec.Int(0, "replicas");
        if (paused)
        {
            if (old.All(s => s.Spec.Int(0, "replicas") == 0))
            {
                Resize(subject, current, wanted, writes);
            }

            return;
        }

        if (IsRecreate(subject))
        {
            foreach (var set in old)
            {
                Resize(subject, set, 0, writes);
            }

            if (old.All(s => s.Spec.Int(0, "replicas") == 0 && s.Status.Int(0, "replicas") == 0))
            {
                Resize(subject, current, wanted, writes);
            }

            return;
        }

        var limits = RollingUpdate.Of(subject.Spec);
        var oldSize = old.Sum(s => s.Spec.Int(0, "replicas"));
        var grown = currentSize > wanted ? wanted : Math.Min(wanted, Math.Max(currentSize, wanted + limits.MaxSurge - oldSize));
        Resize(subject, current, grown, writes);
        if (grown == currentSize)
        {
            Shrink(subject, current, old, wanted - limits.MaxUnavailable, writes);
        }
    }

    // Old pods go as far as enough others are available; pods that never became available go first, since they serve nobody.
    private static void Shrink(
        KubernetesObject subject, KubernetesObject current, List<KubernetesObject> old, int minAvailable, List<ObjectWrite> writes)
    {
        var available = current.Status.Int(0, "availableReplicas") + old.Sum(s => s.Status.Int(0, "availableReplicas"));
        var currentMissing = current.Spec.Int(0, "replicas") - current.Status.Int(0, "availableReplicas");
        var total = current.Spec.Int(0, "replicas") + old.Sum(s => s.Spec.Int(0, "replicas"));
        var removable = total - minAvailable - currentMissing;
        var spare = available - minAvailable;
        foreach (var set in old.Where(s => s.Spec.Int(0, "replicas") > 0))
        {
            var size = set.Spec.Int(0, "replicas");
            var broken = Math.Clamp(size - set.Status.Int(0, "availableReplicas"), 0, Math.Max(removable, 0));
            var healthy = Math.Clamp(Math.Min(size - broken, spare), 0, Math.Max(removable - broken, 0));
            removable -= broken + healthy;
            spare -= healthy;
            Resize(subject, set, size - broken - healthy, writes);
        }
    }

    private static void Resize(KubernetesObject subject, KubernetesObject set, int replicas, List<ObjectWrite> writes)
    {
        var annotations = set.Annotations.ToBuilder();
        SetScale(subject, annotations);
        var resized = set.With(["metadata", "annotations"], annotations.ToMap()).With(["spec", "replicas"], (long)replicas);
        if (!resized.Body.Equals(set.Body))
        {
            writes.Add(new ObjectWrite.Update(resized));
        }
    }

    private static IEnumerable<KubernetesObject> Forgotten(KubernetesObject subject, List<KubernetesObject> old)
    {
        var limit = subject.Spec.Int(10, "revisionHistoryLimit");
        var idle = old.Where(s => s.Spec.Int(0, "replicas") == 0 && s.Status.Int(0, "replicas") == 0
            && s.Status.Int(0, "observedGeneration") >= s.Generation).OrderBy(Revision).ToList();
        return idle.Take(Math.Max(0, idle.Count - limit));
    }

    private static void SetScale(KubernetesObject subject, YamlMapBuilder annotations)
    {
        var wanted = subject.Spec.Int(1, "replicas");
        var most = wanted + (IsRecreate(subject) ? 0 : RollingUpdate.Of(subject.Spec).MaxSurge);
        annotations.Set(DesiredAnnotation, wanted.ToString(CultureInfo.InvariantCulture));
        annotations.Set(MaxAnnotation, most.ToString(CultureInfo.InvariantCulture));
    }

    private static bool Copied(string annotation) =>
        annotation is not ("kubectl.kubernetes.io/last-applied-configuration" or RevisionAnnotation or DesiredAnnotation or MaxAnnotation);

    private static long NextRevision(List<KubernetesObject> sets) => sets.Select(Revision).DefaultIfEmpty(0).Max() + 1;

    private static long Revision(KubernetesObject set) =>
        long.TryParse(set.Annotation(RevisionAnnotation), NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision : 0;

    private static bool IsRecreate(KubernetesObject subject) => subject.Spec.Text("strategy", "type") == "Recreate";
}
