using Capstan.Resources;

namespace Capstan.Kubernetes;

/// <summary>The cluster does not serve a kind.</summary>
public sealed class UnknownKindException : Exception
{
    /// <summary>Tells which kind is not served and why that may be.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="cluster">The cluster's name.</param>
    /// <param name="servedVersions">Versions in which the same kind is served.</param>
    /// <param name="groupFailure">Why the group could not be discovered; null when discovery was complete.</param>
    public UnknownKindException(GroupVersionKind kind, string cluster, IReadOnlyList<string> servedVersions, string? groupFailure)
        : base(Describe(kind, cluster, servedVersions, groupFailure))
    {
        Kind = kind;
        ServedVersions = servedVersions;
        GroupFailure = groupFailure;
    }

    /// <summary>The kind.</summary>
    public GroupVersionKind Kind { get; }

    /// <summary>The apiVersions in which the same kind is served.</summary>
    public IReadOnlyList<string> ServedVersions { get; }

    /// <summary>Why the group could not be discovered; null when it is sure that the kind is not there.</summary>
    public string? GroupFailure { get; }

    private static string Describe(GroupVersionKind kind, string cluster, IReadOnlyList<string> versions, string? failure)
    {
        if (failure is not null)
        {
            return $"{kind}: cluster {cluster} could not tell its kinds of {kind.ApiVersion}: {failure}";
        }

        return versions.Count > 0
            ? $"{kind}: cluster {cluster} serves {kind.Kind} as {string.Join(", ", versions)} only. Change apiVersion"
            : $"{kind}: cluster {cluster} has no such kind. Is the CustomResourceDefinition of {kind.GroupKind} installed?";
    }
}
