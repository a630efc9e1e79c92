namespace Capstan.Resources;

/// <summary>Crossplane: packages are installed and healthy, definitions are established, and what is managed is synced and ready.</summary>
internal static class CrossplaneHealth
{
    public static IEnumerable<KeyValuePair<GroupKind, Func<KubernetesObject, HealthAssessment?>>> Rules =>
    [
        .. ConditionHealth.For("pkg.crossplane.io", Package, "Provider", "Configuration", "Function"),
        .. ConditionHealth.For("pkg.crossplane.io", static live => ConditionHealth.Of(live, "Healthy", "UnknownPackageRevisionHealth"), "ProviderRevision", "ConfigurationRevision", "FunctionRevision"),
        .. ConditionHealth.For("apiextensions.crossplane.io", static live => ConditionHealth.Of(live, "Established"), "CompositeResourceDefinition"),
    ];

    /// <summary>Whether a group is one of a provider's, whose kinds nobody can list.</summary>
    public static bool IsManaged(string group) =>
        (group.EndsWith(".crossplane.io", StringComparison.Ordinal) && group is not ("pkg.crossplane.io" or "apiextensions.crossplane.io" or "meta.pkg.crossplane.io"))
        || group.EndsWith(".upbound.io", StringComparison.Ordinal);

    /// <summary>Something outside that is managed. What has no conditions, such as a ProviderConfig, is only read by others.</summary>
    public static HealthAssessment? OfManaged(KubernetesObject live)
    {
        if (!live.Conditions().Any())
        {
            return live.GroupKind.Kind.EndsWith("ProviderConfig", StringComparison.Ordinal) || live.GroupKind.Kind.EndsWith("ProviderConfigUsage", StringComparison.Ordinal)
                ? null
                : HealthAssessment.Progressing("Waiting for its provider");
        }

        foreach (var type in (ReadOnlySpan<string>)["Synced", "LastAsyncOperation"])
        {
            if (live.Condition(type) is { } condition && condition.Text("status") == "False")
            {
                return HealthAssessment.Degraded(ConditionHealth.Message(condition));
            }
        }

        return ConditionHealth.Of(live, "Ready", "Creating", "Deleting", "Unavailable");
    }

    private static HealthAssessment? Package(KubernetesObject live) => live.Condition("Installed") is { } installed && installed.Text("status") == "False" && installed.Text("reason") is "InactivePackageRevision"
        ? HealthAssessment.Suspended(ConditionHealth.Message(installed))
        : ConditionHealth.OfAll(live, "Installed", "Healthy");
}
