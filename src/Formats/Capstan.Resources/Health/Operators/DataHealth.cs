namespace Capstan.Resources;

/// <summary>Operators of databases and of storage: Elastic, RabbitMQ, MongoDB, Rook, Velero, and volume snapshots.</summary>
internal static class DataHealth
{
    public static IEnumerable<KeyValuePair<GroupKind, Func<KubernetesObject, HealthAssessment?>>> Rules =>
    [
        .. ConditionHealth.For("elasticsearch.k8s.elastic.co", Elastic, "Elasticsearch"),
        .. ConditionHealth.For("kibana.k8s.elastic.co", Elastic, "Kibana"),
        .. ConditionHealth.For("beat.k8s.elastic.co", Elastic, "Beat"),
        .. ConditionHealth.For("rabbitmq.com", static live => Rabbit(live), "RabbitmqCluster"),
        .. ConditionHealth.For("rabbitmq.com", static live => ConditionHealth.Of(live, "Ready"), "Queue", "Exchange", "Binding", "User", "Vhost", "Permission", "Policy"),
        .. ConditionHealth.For("mongodbcommunity.mongodb.com", static live => ConditionHealth.OfWord(live.Status.Text("phase"), live.Status.Text("message"), ["Running"], ["Failed"]), "MongoDBCommunity"),
        .. ConditionHealth.For("ceph.rook.io", Ceph, "CephCluster"),
        .. ConditionHealth.For("ceph.rook.io", static live => ConditionHealth.OfWord(live.Status.Text("phase"), "", ["Ready"], ["Failure"]), "CephBlockPool", "CephFilesystem", "CephObjectStore"),
        .. ConditionHealth.For("velero.io", static live => ConditionHealth.OfWord(
            live.Status.Text("phase"), live.Status.Text("failureReason"), ["Completed"], ["Failed", "PartiallyFailed", "FailedValidation"]), "Backup", "Restore"),
        .. ConditionHealth.For("velero.io", static live => ConditionHealth.OfWord(live.Status.Text("phase"), live.Status.Text("message"), ["Available"], ["Unavailable"]), "BackupStorageLocation"),
        .. ConditionHealth.For("velero.io", static live => live.Spec.IsTrue("paused") ? HealthAssessment.Suspended("Schedule is paused")
            : ConditionHealth.OfWord(live.Status.Text("phase"), "", ["Enabled"], ["FailedValidation"]), "Schedule"),
        .. ConditionHealth.For("snapshot.storage.k8s.io", Snapshot, "VolumeSnapshot"),
    ];

    private static HealthAssessment? Elastic(KubernetesObject live) => ConditionHealth.IsBehind(live)
        ? HealthAssessment.Progressing("Waiting for the operator to see the newest spec")
        : live.Status.Text("phase") == "Invalid" ? HealthAssessment.Degraded("Invalid")
        : live.Status.Text("health") switch
        {
            "green" => HealthAssessment.Healthy("green"),
            "red" => HealthAssessment.Degraded("red"),
            "yellow" => HealthAssessment.Progressing("yellow"),
            _ => HealthAssessment.Progressing("Waiting for the operator"),
        };

    private static HealthAssessment? Rabbit(KubernetesObject live) => live.Condition("ReconcileSuccess") is { } reconciled && reconciled.Text("status") == "False"
        ? HealthAssessment.Degraded(ConditionHealth.Message(reconciled))
        : ConditionHealth.Of(live, "AllReplicasReady", "NotAllPodsReady");

    private static HealthAssessment? Ceph(KubernetesObject live) => live.Status.Text("ceph", "health") == "HEALTH_ERR"
        ? HealthAssessment.Degraded("HEALTH_ERR")
        : ConditionHealth.OfWord(live.Status.Text("phase"), live.Status.Text("message"), ["Ready", "Connected"], ["Failure"]);

    private static HealthAssessment? Snapshot(KubernetesObject live) =>
        live.Status.IsTrue("readyToUse") ? HealthAssessment.Healthy()
        : live.Status.Text("error", "message") is { Length: > 0 } error ? HealthAssessment.Degraded(error)
        : HealthAssessment.Progressing("Waiting for the snapshot");
}
