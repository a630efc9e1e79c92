using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Controllers;

/// <summary>
/// One controller: a function from an object and what belongs to it to the changes that bring it closer to its spec. It holds no state,
/// so a process that was killed goes on where the objects are.
/// </summary>
internal interface IController
{
    /// <summary>The kind whose objects are reconciled.</summary>
    GroupKind Kind { get; }

    /// <summary>The kinds of objects that it owns; a change to one of them looks at the owner again.</summary>
    IReadOnlyList<GroupKind> Owns { get; }

    /// <summary>What to change for this object.</summary>
    ControllerPlan Plan(KubernetesObject subject, IClusterView view, DateTimeOffset now);

    /// <summary>What to write where the cluster refused an object that this controller wanted to make, as for a quota; null for nothing.</summary>
    ObjectWrite? Refused(KubernetesObject subject, string why, DateTimeOffset now) => null;
}

/// <summary>A controller that looks at its objects again when objects change that it does not own, as a Service when a pod becomes ready.</summary>
internal interface IObserver : IController
{
    /// <summary>The kinds whose changes concern it.</summary>
    IReadOnlyList<GroupKind> Observes { get; }

    /// <summary>The objects of its own kind to look at, for an object as it was and as it is now. Called while a commit is published: it must be quick.</summary>
    IEnumerable<ObjectKey> Concerned(KubernetesObject changed, IClusterView view);
}

/// <summary>The state of the cluster as controllers see it: every acknowledged write is in it.</summary>
internal interface IClusterView
{
    /// <summary>An object, or null.</summary>
    KubernetesObject? Get(ObjectKey key);

    /// <summary>The objects of a kind whose controller reference names this uid.</summary>
    IReadOnlyList<KubernetesObject> ControlledBy(GroupKind kind, string ns, string ownerUid);

    /// <summary>The objects of a kind in a namespace that no controller owns.</summary>
    IReadOnlyList<KubernetesObject> Orphans(GroupKind kind, string ns);

    /// <summary>All objects of a kind in a namespace, or (null) in all; cluster-scoped objects are in the namespace without a name.</summary>
    IEnumerable<KubernetesObject> List(GroupKind kind, string? ns);

    /// <summary>The pods of a namespace that carry all of these labels, at least one; found without looking at the others.</summary>
    IEnumerable<KubernetesObject> Selected(string ns, YamlMap selector);

    /// <summary>The Services of a namespace that select an object with these labels; found without looking at the others.</summary>
    IEnumerable<KubernetesObject> Selecting(string ns, YamlMap labels);

    /// <summary>The Secrets of a namespace that hold a token of an account; found without looking at the others.</summary>
    IEnumerable<KubernetesObject> TokensOf(string ns, string account);

    /// <summary>The key of the object with a uid; null when no object has it.</summary>
    ObjectKey? Find(string uid);

    /// <summary>All objects, of any kind, that name this uid as an owner.</summary>
    IReadOnlyList<KubernetesObject> Dependents(string uid);

    /// <summary>All objects of any kind in a namespace.</summary>
    IReadOnlyList<KubernetesObject> InNamespace(string ns);
}
