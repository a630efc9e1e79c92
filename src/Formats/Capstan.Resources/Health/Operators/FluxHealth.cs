namespace Capstan.Resources;

/// <summary>Flux: Ready, with Stalled for what a person must change and Reconciling for what goes on; a suspended object is suspended.</summary>
internal static class FluxHealth
{
    public static IEnumerable<KeyValuePair<GroupKind, Func<KubernetesObject, HealthAssessment?>>> Rules =>
    [
        .. ConditionHealth.For("source.toolkit.fluxcd.io", Of, "GitRepository", "OCIRepository", "HelmChart", "Bucket", "ExternalArtifact"),
        .. ConditionHealth.For("source.toolkit.fluxcd.io", HelmRepository, "HelmRepository"),
        .. ConditionHealth.For("kustomize.toolkit.fluxcd.io", Of, "Kustomization"),
        .. ConditionHealth.For("helm.toolkit.fluxcd.io", Of, "HelmRelease"),
        .. ConditionHealth.For("notification.toolkit.fluxcd.io", Of, "Receiver"),
        .. ConditionHealth.For("notification.toolkit.fluxcd.io", Static, "Provider", "Alert"),
        .. ConditionHealth.For("image.toolkit.fluxcd.io", Of, "ImageRepository", "ImagePolicy", "ImageUpdateAutomation"),
    ];

    private static HealthAssessment? Of(KubernetesObject live)
    {
        if (live.Spec.IsTrue("suspend"))
        {
            return HealthAssessment.Suspended($"{live.GroupKind.Kind} is suspended");
        }

        return live.Condition("Stalled") is { } stalled && stalled.Text("status") == "True" ? HealthAssessment.Degraded(ConditionHealth.Message(stalled))
            : live.Condition("Reconciling") is { } reconciling && reconciling.Text("status") == "True" ? HealthAssessment.Progressing(ConditionHealth.Message(reconciling))
            : ConditionHealth.Of(live, "Ready", "Progressing", "DependencyNotReady");
    }

    // One of an OCI registry is not reconciled, so it has no status.
    private static HealthAssessment? HelmRepository(KubernetesObject live) => live.Spec.Text("type") == "oci" && !live.Conditions().Any() ? HealthAssessment.Healthy() : Of(live);

    // Since v1beta3 these are settings without a status.
    private static HealthAssessment? Static(KubernetesObject live) => live.Conditions().Any() || live.Spec.IsTrue("suspend") ? Of(live) : HealthAssessment.Healthy();
}
