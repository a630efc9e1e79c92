namespace Capstan.Resources;

/// <summary>Operators that make Secrets: External Secrets and Sealed Secrets.</summary>
internal static class SecretOperatorHealth
{
    public static IEnumerable<KeyValuePair<GroupKind, Func<KubernetesObject, HealthAssessment?>>> Rules =>
    [
        .. ConditionHealth.For("external-secrets.io", static live => ConditionHealth.Of(live, "Ready"), "ExternalSecret", "ClusterExternalSecret", "SecretStore", "ClusterSecretStore", "PushSecret"),
        .. ConditionHealth.For("bitnami.com", static live => ConditionHealth.Of(live, "Synced"), "SealedSecret"),
    ];
}
