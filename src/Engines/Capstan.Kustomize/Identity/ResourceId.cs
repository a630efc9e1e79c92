namespace Capstan.Kustomize.Identity;

/// <summary>Which resource: kind, name and namespace as they were at some time of the build.</summary>
internal readonly record struct ResourceId(Gvk Gvk, string Name, string Namespace)
{
    /// <summary>Stands for the namespace of what has none.</summary>
    public const string NoNamespace = "_non_namespaceable_";

    /// <summary>Whether the kind is known to be cluster-scoped.</summary>
    public bool IsClusterScoped => ClusterScope.Contains(Gvk);

    /// <summary>The namespace for comparisons: <c>default</c> where none is given.</summary>
    public string EffectiveNamespace => IsClusterScoped ? NoNamespace : Namespace.Length == 0 ? "default" : Namespace;

    /// <summary>The identity with the effective namespace, as a key for look-ups.</summary>
    public ResourceId Key => new(Gvk, Name, EffectiveNamespace);

    /// <summary>Whether both mean the same resource.</summary>
    public bool Means(in ResourceId other) => Name == other.Name && Gvk == other.Gvk && EffectiveNamespace == other.EffectiveNamespace;

    /// <summary>Whether a selector, whose empty parts match anything, selects this.</summary>
    public bool IsSelectedBy(in ResourceId selector) =>
        (selector.Name.Length == 0 || selector.Name == Name)
        && (selector.Namespace.Length == 0 || selector.EffectiveNamespace == EffectiveNamespace)
        && Gvk.IsSelectedBy(selector.Gvk);

    /// <summary>For people: <c>Deployment/shop/web</c>.</summary>
    public string ForPeople => Namespace.Length == 0 || Namespace == NoNamespace ? $"{Gvk.Kind}/{Name}" : $"{Gvk.Kind}/{Namespace}/{Name}";

    public override string ToString() => $"{Gvk}/{(Name.Length > 0 ? Name : "[noName]")}.{(Namespace.Length > 0 ? Namespace : "[noNs]")}";
}
