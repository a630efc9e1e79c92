using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Controllers.Workloads;

/// <summary>The templates that a StatefulSet or DaemonSet has had, kept as ControllerRevisions so that <c>kubectl rollout</c> can tell and undo them.</summary>
/// <param name="All">The revisions, the oldest first.</param>
/// <param name="Update">The revision of the template as it is now; null when it is not written yet.</param>
internal sealed record Revisions(IReadOnlyList<KubernetesObject> All, KubernetesObject? Update)
{
    public const string Label = "controller-revision-hash";

    public static Revisions Of(KubernetesObject owner, IClusterView view)
    {
        var all = view.ControlledBy(Kinds.ControllerRevision, owner.Namespace, owner.Uid).OrderBy(Number).ThenBy(r => r.Name, StringComparer.Ordinal).ToList();
        var template = Template(owner);
        return new Revisions(all, all.LastOrDefault(r => PodTemplateHash.SameTemplate(Template(r), template)));
    }

    /// <summary>What must be written so that the present template is the newest revision; null when it is.</summary>
    public ObjectWrite? Write(KubernetesObject owner, IClusterView view)
    {
        var next = All.Select(Number).DefaultIfEmpty(0).Max() + 1;
        if (Update is not null)
        {
            // An old template that is taken up again (kubectl rollout undo) becomes the newest revision.
            return Number(Update) == next - 1 ? null : new ObjectWrite.Update(Update.With(["revision"], next));
        }

        var collisions = owner.Status.Int(0, "collisionCount");
        string name, hash;
        do
        {
            hash = PodTemplateHash.Of(Template(owner), collisions++);
            name = $"{owner.Name}-{hash}";
        }
        while (view.Get(new ObjectKey(Kinds.ControllerRevision, owner.Namespace, name)) is not null);

        var labels = (owner.Spec.At("selector", "matchLabels") as YamlMap ?? YamlMap.Empty).With("controller.kubernetes.io/hash", hash);
        var template = Template(owner).With("$patch", "replace");
        return new ObjectWrite.Create(new KubernetesObject(YamlMap.Of(
            ("apiVersion", "apps/v1"),
            ("kind", "ControllerRevision"),
            ("metadata", YamlMap.Of(("name", name), ("namespace", owner.Namespace), ("labels", labels), ("annotations", Annotations(owner)))),
            ("data", YamlMap.Of(("spec", YamlMap.Of(("template", template))))),
            ("revision", next))).ControlledBy(owner));
    }

    /// <summary>The revisions beyond the history limit that no pod uses.</summary>
    public IEnumerable<ObjectWrite> Forgotten(KubernetesObject owner, IEnumerable<KubernetesObject> pods, string current)
    {
        var used = pods.Select(p => p.Label(Label) ?? "").Append(current).Append(Update?.Name ?? "").ToHashSet(StringComparer.Ordinal);
        var idle = All.Where(r => !used.Contains(r.Name) && !used.Contains(HashOf(r))).ToList();
        return idle.Take(Math.Max(0, idle.Count - owner.Spec.Int(10, "revisionHistoryLimit"))).Select(r => new ObjectWrite.Delete(r));
    }

    public KubernetesObject? Named(string name) => All.FirstOrDefault(r => r.Name == name);

    /// <summary>The template of a workload, or of one of its revisions.</summary>
    public static YamlMap Template(KubernetesObject subject) =>
        ((subject.Body.At("data", "spec", "template") ?? subject.Spec["template"]) as YamlMap ?? YamlMap.Empty).Without("$patch");

    public static string HashOf(KubernetesObject revision) => revision.Label("controller.kubernetes.io/hash") ?? revision.Name;

    private static long Number(KubernetesObject revision) => revision.Body["revision"] is YamlScalar scalar && scalar.TryGetInteger(out var number) ? number : 0;

    private static YamlMap Annotations(KubernetesObject owner) => owner.Annotations.Without("kubectl.kubernetes.io/last-applied-configuration");
}
