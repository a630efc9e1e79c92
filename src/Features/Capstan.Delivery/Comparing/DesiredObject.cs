using Capstan.Delivery.Sync.Directives;
using Capstan.Resources;

namespace Capstan.Delivery.Comparing;

/// <summary>One object as it should be in one cluster: in its namespace, and with the mark of whom it belongs to.</summary>
/// <param name="Object">What is applied.</param>
/// <param name="Origin">Where it came from.</param>
/// <param name="IsServed">Whether the cluster serves its kind. False also while its definition is part of the same sync.</param>
public sealed record DesiredObject(KubernetesObject Object, Origin Origin, bool IsServed = true)
{
    /// <summary>What is applied, kept as JSON: it is remembered as long as the Application, and read when something changes.</summary>
    public KubernetesObject Object { get; } = Object.Packed();

    /// <summary>Which object it is.</summary>
    public ObjectKey Key { get; } = Object.Key;

    /// <summary>Kind with version.</summary>
    public GroupVersionKind Kind { get; } = Object.GroupVersionKind;

    /// <summary>Whether others may want it too: a namespace of which only labels and annotations are managed.</summary>
    public bool IsShared { get; init; }

    /// <summary>What it asks for in its annotations.</summary>
    public ObjectDirectives Directives { get; } = ObjectDirectives.Of(Object);
}

/// <summary>Everything that should be in one cluster for one Application.</summary>
/// <param name="Objects">Each object once, in the order in which they are applied.</param>
/// <param name="Repeated">Warnings: objects that the source holds twice.</param>
/// <param name="Problems">Errors: objects that cannot be placed. With any of them nothing is applied.</param>
public sealed record DesiredSet(IReadOnlyList<DesiredObject> Objects, IReadOnlyList<string> Repeated, IReadOnlyList<string> Problems)
{
    /// <summary>The hooks, which are no part of what is compared. One that names only a prefix has no name yet.</summary>
    public IReadOnlyList<DesiredObject> Hooks { get; init; } = [];

    /// <summary>Objects of kinds that the operator leaves out, each with where it stands.</summary>
    public IReadOnlyList<string> LeftOut { get; init; } = [];

    /// <summary>Annotations that were not understood, each with where it stands.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
