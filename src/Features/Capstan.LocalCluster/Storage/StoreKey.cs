namespace Capstan.LocalCluster.Storage;

/// <summary>Where an object lies.</summary>
/// <param name="Resource">The resource: <c>pods</c>, <c>deployments.apps</c>. One resource is stored once, whatever versions serve it.</param>
/// <param name="Namespace">The namespace; empty for cluster-scoped resources.</param>
/// <param name="Name">The name.</param>
internal readonly record struct StoreKey(string Resource, string Namespace, string Name)
{
    public override string ToString() => Namespace.Length == 0 ? $"{Resource}/{Name}" : $"{Resource}/{Namespace}/{Name}";
}
