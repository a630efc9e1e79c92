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
    public static readonly GroupKind Job = new("batch", "Job");
}
