using Capstan.Resources;

namespace Capstan.Kubernetes;

/// <summary>A group and version whose kinds could not be discovered, an aggregated API that is down for example.</summary>
/// <param name="Group">The group.</param>
/// <param name="Version">The version; empty when the whole group failed.</param>
/// <param name="Cause">Why.</param>
public sealed record DiscoveryFailure(string Group, string Version, string Cause);

/// <summary>
/// What a cluster serves, at one moment. What failed to be discovered is listed in <see cref="Failures"/>: a kind of such a group that
/// is not found here may well exist.
/// </summary>
public sealed class ApiDiscovery
{
    private readonly Dictionary<GroupVersionKind, ApiResource> _byVersion = [];
    private readonly Dictionary<GroupKind, ApiResource> _preferred = [];

    /// <summary>Puts a discovery together.</summary>
    /// <param name="resources">All kinds; of each group the preferred version first.</param>
    /// <param name="failures">What could not be discovered.</param>
    public ApiDiscovery(IEnumerable<ApiResource> resources, IEnumerable<DiscoveryFailure> failures)
    {
        var all = new List<ApiResource>();
        foreach (var resource in resources)
        {
            if (_byVersion.TryAdd(resource.Kind, resource))
            {
                all.Add(resource);
                _preferred.TryAdd(resource.Kind.GroupKind, resource);
            }
        }

        All = all;
        Failures = [.. failures];
    }

    /// <summary>Every kind in every version.</summary>
    public IReadOnlyList<ApiResource> All { get; }

    /// <summary>Every kind once, in its group's preferred version or, when that lacks it, the first one that has it.</summary>
    public IReadOnlyCollection<ApiResource> Preferred => _preferred.Values;

    /// <summary>What could not be discovered.</summary>
    public IReadOnlyList<DiscoveryFailure> Failures { get; }

    /// <summary>A kind in exactly this version; null when it is not served.</summary>
    public ApiResource? Find(GroupVersionKind kind) => _byVersion.GetValueOrDefault(kind);

    /// <summary>A kind in its preferred version; null when it is not served.</summary>
    public ApiResource? Find(GroupKind kind) => _preferred.GetValueOrDefault(kind);

    /// <summary>
    /// A kind by what people write: plural, singular, short name or kind, in any case, also as <c>NAME.GROUP</c> or
    /// <c>NAME.VERSION.GROUP</c>. The core group wins, then the order of discovery, as in kubectl.
    /// </summary>
    public ApiResource? FindByName(string name)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0)
        {
            return First(name, static (_, _) => true, "");
        }

        var (head, rest) = (name[..dot], name[(dot + 1)..]);
        return First(head, static (resource, group) => resource.Kind.Group == group, rest)
            ?? First(head, static (resource, versioned) => $"{resource.Kind.Version}.{resource.Kind.Group}" == versioned, rest)
            ?? First(head, static (resource, prefix) => resource.Kind.Group.StartsWith(prefix + ".", StringComparison.Ordinal), rest);
    }

    /// <summary>The apiVersions in which a kind is served, the preferred one first.</summary>
    public IReadOnlyList<string> VersionsOf(GroupKind kind) =>
        [.. All.Where(r => r.Kind.GroupKind == kind).Select(r => r.Kind.ApiVersion)];

    /// <summary>Why a group could not be discovered in full; null when it was.</summary>
    public string? FailureOf(string group) => Failures.FirstOrDefault(f => f.Group == group)?.Cause;

    private ApiResource? First(string name, Func<ApiResource, string, bool> fits, string argument) =>
        All.FirstOrDefault(r => fits(r, argument) && IsNamed(r, name) && !r.ShortNames.Contains(name, StringComparer.OrdinalIgnoreCase))
        ?? All.FirstOrDefault(r => fits(r, argument) && IsNamed(r, name));

    private static bool IsNamed(ApiResource resource, string name) =>
        Same(resource.Plural, name) || Same(resource.Singular, name) || Same(resource.Kind.Kind, name)
        || resource.ShortNames.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static bool Same(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}
