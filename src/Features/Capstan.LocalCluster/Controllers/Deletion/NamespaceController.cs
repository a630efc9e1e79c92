using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Controllers.Deletion;

/// <summary>Gives each namespace its <c>default</c> service account, and empties a namespace that is being deleted before it lets it go.</summary>
internal sealed class NamespaceController : IObserver
{
    public GroupKind Kind => Kinds.Namespace;

    public IReadOnlyList<GroupKind> Owns { get; } = [];

    public IReadOnlyList<GroupKind> Observes { get; } = [Kinds.ServiceAccount];

    public IEnumerable<ObjectKey> Concerned(KubernetesObject changed, IClusterView view) => changed.Name == "default" ? [new ObjectKey(Kinds.Namespace, "", changed.Namespace)] : [];

    public ControllerPlan Plan(KubernetesObject subject, IClusterView view, DateTimeOffset now)
    {
        if (subject.DeletionTimestamp is null)
        {
            return view.Get(new ObjectKey(Kinds.ServiceAccount, subject.Name, "default")) is null
                ? new ControllerPlan([new ObjectWrite.Create(DefaultServiceAccount(subject.Name))])
                : ControllerPlan.Nothing;
        }

        var content = view.InNamespace(subject.Name);
        if (content.Count > 0)
        {
            // Objects with finalizers stay until their owners let go; the namespace looks again when something in it changes.
            var writes = content.Where(o => o.DeletionTimestamp is null).Select(o => (ObjectWrite)new ObjectWrite.Delete(o)).ToList();
            return new ControllerPlan(writes, TimeSpan.FromSeconds(1));
        }

        return subject.Spec["finalizers"] is YamlList { Count: > 0 }
            ? new ControllerPlan([new ObjectWrite.Finalize(subject.With(["spec", "finalizers"], YamlList.Empty))])
            : ControllerPlan.Nothing;
    }

    private static KubernetesObject DefaultServiceAccount(string ns) => new(YamlMap.Of(
        ("apiVersion", "v1"), ("kind", "ServiceAccount"), ("metadata", YamlMap.Of(("name", "default"), ("namespace", ns)))));
}
