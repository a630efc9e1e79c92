using Capstan.Resources;

namespace Capstan.LocalCluster.Controllers;

/// <summary>The kinds that controllers speak of.</summary>
internal static class Kinds
{
    public static readonly GroupKind Pod = new("", "Pod");
    public static readonly GroupKind Node = new("", "Node");
    public static readonly GroupKind Namespace = new("", "Namespace");
    public static readonly GroupKind ServiceAccount = new("", "ServiceAccount");
    public static readonly GroupKind Service = new("", "Service");
    public static readonly GroupKind ReplicaSet = new("apps", "ReplicaSet");
    public static readonly GroupKind Deployment = new("apps", "Deployment");
    public static readonly GroupKind StatefulSet = new("apps", "StatefulSet");
    public static readonly GroupKind DaemonSet = new("apps", "DaemonSet");
    public static readonly GroupKind ControllerRevision = new("apps", "ControllerRevision");
    public static readonly GroupKind Job = new("batch", "Job");
    public static readonly GroupKind CronJob = new("batch", "CronJob");
    public static readonly GroupKind ReplicationController = new("", "ReplicationController");
    public static readonly GroupKind Endpoints = new("", "Endpoints");
    public static readonly GroupKind EndpointSlice = new("discovery.k8s.io", "EndpointSlice");
    public static readonly GroupKind ConfigMap = new("", "ConfigMap");
    public static readonly GroupKind Secret = new("", "Secret");
    public static readonly GroupKind Claim = new("", "PersistentVolumeClaim");
    public static readonly GroupKind Volume = new("", "PersistentVolume");
    public static readonly GroupKind StorageClass = new("storage.k8s.io", "StorageClass");
    public static readonly GroupKind Autoscaler = new("autoscaling", "HorizontalPodAutoscaler");
    public static readonly GroupKind DisruptionBudget = new("policy", "PodDisruptionBudget");
    public static readonly GroupKind ResourceQuota = new("", "ResourceQuota");
    public static readonly GroupKind ClusterRole = new("rbac.authorization.k8s.io", "ClusterRole");
}
