using Capstan.Resources;

namespace Capstan.Delivery.Migrating;

/// <summary>One object of an Argo CD installation, and where it was read.</summary>
/// <param name="Object">The object.</param>
/// <param name="File">The file that it was read from; empty for an object of a cluster.</param>
public sealed record MigrationObject(KubernetesObject Object, string File = "");

/// <summary>What becomes of an object.</summary>
public enum MigrationVerdict
{
    /// <summary>Capstan serves all of it.</summary>
    Supported,

    /// <summary>It is taken along, and something of it has no effect here.</summary>
    Differs,

    /// <summary>Capstan does not act on it before a person changes it.</summary>
    NotSupported,

    /// <summary>It is about Argo CD itself, and is left where it is.</summary>
    Left,
}

/// <summary>What becomes of one object, and why.</summary>
/// <param name="Source">The object.</param>
/// <param name="Verdict">What becomes of it.</param>
/// <param name="Findings">Each with its place: <c>file:line:column</c> or <c>Kind/namespace/name</c>, then what, why, and what to do.</param>
public sealed record MigrationItem(MigrationObject Source, MigrationVerdict Verdict, IReadOnlyList<string> Findings);

/// <summary>What <c>capstan migrate argocd</c> would do.</summary>
/// <param name="Items">All objects, in the order in which they are written.</param>
public sealed record MigrationPlan(IReadOnlyList<MigrationItem> Items)
{
    /// <summary>How many objects have a verdict.</summary>
    public int Count(MigrationVerdict verdict) => Items.Count(i => i.Verdict == verdict);
}
