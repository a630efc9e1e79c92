using Capstan.Resources;

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

    /// <summary>The key of the object with a uid; null when no object has it.</summary>
    ObjectKey? Find(string uid);

    /// <summary>All objects, of any kind, that name this uid as an owner.</summary>
    IReadOnlyList<KubernetesObject> Dependents(string uid);

    /// <summary>All objects of any kind in a namespace.</summary>
    IReadOnlyList<KubernetesObject> InNamespace(string ns);
}
