namespace Capstan.Resources;

/// <summary>A kind of object without its version.</summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Kind">The kind, as in <c>Deployment</c>.</param>
public readonly record struct GroupKind(string Group, string Kind)
{
    /// <summary><c>Kind.group</c>, or the kind alone for the core group, as kubectl writes it.</summary>
    public override string ToString() => Group.Length == 0 ? Kind : $"{Kind}.{Group}";
}

/// <summary>A kind of object in one version.</summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Version">The version, as in <c>v1</c>.</param>
/// <param name="Kind">The kind.</param>
public readonly record struct GroupVersionKind(string Group, string Version, string Kind)
{
    /// <summary>The value of <c>apiVersion</c>: <c>apps/v1</c>, or <c>v1</c> for the core group.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>Without the version.</summary>
    public GroupKind GroupKind => new(Group, Kind);

    /// <summary>Takes <c>apiVersion</c> apart; what stands before the first <c>/</c> is the group.</summary>
    public static GroupVersionKind From(string apiVersion, string kind)
    {
        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? new("", apiVersion, kind) : new(apiVersion[..slash], apiVersion[(slash + 1)..], kind);
    }

    /// <summary><c>group/version, Kind=kind</c>, as Kubernetes' own messages have it.</summary>
    public override string ToString() => $"{ApiVersion}, Kind={Kind}";
}

/// <summary>Which object: kind, namespace and name. The version does not count, since one object is served in several.</summary>
/// <param name="GroupKind">The kind.</param>
/// <param name="Namespace">The namespace; empty for cluster-scoped objects.</param>
/// <param name="Name">The name.</param>
public readonly record struct ObjectKey(GroupKind GroupKind, string Namespace, string Name)
{
    /// <summary><c>Kind/namespace/name</c>, or <c>Kind/name</c> for cluster-scoped objects; the form of every message.</summary>
    public override string ToString() => Namespace.Length == 0 ? $"{GroupKind.Kind}/{Name}" : $"{GroupKind.Kind}/{Namespace}/{Name}";
}
