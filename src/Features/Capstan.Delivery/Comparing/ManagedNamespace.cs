using Capstan.Delivery.Applications;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Comparing;

/// <summary>
/// The destination's namespace with what <c>managedNamespaceMetadata</c> says of it (Argo CD, user-guide/sync-options.md). It carries no mark: it
/// is neither pruned nor deleted with the Application, and several Applications may go to it.
/// </summary>
internal static class ManagedNamespace
{
    private static readonly GroupKind Namespace = new("", "Namespace");

    /// <summary>The set with the namespace, where the Application manages one and no manifest of its own is there.</summary>
    public static DesiredSet Add(DesiredSet desired, Application application)
    {
        var (space, policy) = (application.Destination.Namespace, application.Policy);
        if (policy.NamespaceMetadata is not { } metadata || !policy.Options.CreateNamespace || space.Length == 0
            || desired.Objects.Any(o => o.Key.GroupKind == Namespace && o.Key.Name == space))
        {
            return desired;
        }

        var body = YamlMap.Of(("apiVersion", "v1"), ("kind", "Namespace"), ("metadata", metadata.With("name", space)));
        var made = new DesiredObject(new KubernetesObject(body), new Origin("spec.syncPolicy.managedNamespaceMetadata", 0)) { IsShared = true };
        return desired with { Objects = [made, .. desired.Objects] };
    }
}
