namespace Capstan.Resources;

/// <summary>CloudNativePG: a cluster tells its phase in a sentence, backups in a word.</summary>
internal static class CloudNativePgHealth
{
    private static readonly string[] Broken =
    [
        "Cluster cannot execute instance online upgrade due to missing architecture binary", "Cluster cannot proceed to reconciliation due to an unknown plugin being required",
        "Cluster has incomplete or invalid image catalog", "Cluster is unrecoverable and needs manual intervention", "Not enough disk space", "Unable to create required cluster objects",
        "Waiting for user action",
    ];

    public static IEnumerable<KeyValuePair<GroupKind, Func<KubernetesObject, HealthAssessment?>>> Rules =>
    [
        .. ConditionHealth.For("postgresql.cnpg.io", Cluster, "Cluster"),
        .. ConditionHealth.For("postgresql.cnpg.io", static live => ConditionHealth.OfWord(live.Status.Text("phase"), live.Status.Text("error"), ["completed"], ["failed", "walArchivingFailing"]), "Backup"),
        .. ConditionHealth.For("postgresql.cnpg.io", static live => live.Spec.IsTrue("suspend") ? HealthAssessment.Suspended("ScheduledBackup is suspended") : HealthAssessment.Healthy(), "ScheduledBackup"),
        .. ConditionHealth.For("postgresql.cnpg.io", Applied, "Database", "Publication", "Subscription"),
        .. ConditionHealth.For("postgresql.cnpg.io", Pooler, "Pooler"),
    ];

    private static HealthAssessment? Cluster(KubernetesObject live)
    {
        if (live.Condition("cnpg.io/hibernation") is { } hibernation && hibernation.Text("status") == "True")
        {
            return HealthAssessment.Suspended(ConditionHealth.Message(hibernation));
        }

        var (phase, reason) = (live.Status.Text("phase"), live.Status.Text("phaseReason"));
        return ConditionHealth.OfWord(phase, reason.Length > 0 ? $"{phase}: {reason}" : phase, ["Cluster in healthy state"], Broken);
    }

    private static HealthAssessment? Applied(KubernetesObject live) =>
        ConditionHealth.IsBehind(live) || live.Status["applied"] is null ? HealthAssessment.Progressing("Waiting for the operator")
        : live.Status.IsTrue("applied") ? HealthAssessment.Healthy()
        : HealthAssessment.Degraded(live.Status.Text("message"));

    private static HealthAssessment? Pooler(KubernetesObject live) => live.Status.Number("instances") < (live.Spec.NumberOrNull("instances") ?? 1)
        ? HealthAssessment.Progressing($"{live.Status.Number("instances")} of {live.Spec.NumberOrNull("instances") ?? 1} instances are there")
        : HealthAssessment.Healthy();
}
