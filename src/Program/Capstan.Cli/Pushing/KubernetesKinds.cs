using Capstan.Resources;

namespace Capstan.Cli.Pushing;

/// <summary>What can be known of kinds without asking a cluster.</summary>
internal static class KubernetesKinds
{
    private static readonly HashSet<string> Groups = ["", "apps", "batch", "autoscaling", "policy"];

    private static readonly HashSet<string> ClusterWide =
    [
        "APIService", "CertificateSigningRequest", "ClusterRole", "ClusterRoleBinding", "ClusterTrustBundle", "ComponentStatus", "CSIDriver", "CSINode",
        "CustomResourceDefinition", "DeviceClass", "FlowSchema", "IngressClass", "IPAddress", "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding",
        "MutatingWebhookConfiguration", "Namespace", "Node", "PersistentVolume", "PriorityClass", "PriorityLevelConfiguration", "ResourceSlice", "RuntimeClass",
        "SelfSubjectAccessReview", "SelfSubjectReview", "SelfSubjectRulesReview", "ServiceCIDR", "StorageClass", "StorageVersion", "StorageVersionMigration",
        "SubjectAccessReview", "TokenReview", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration",
        "VolumeAttachment", "VolumeAttributesClass",
    ];

    /// <summary>Whether it is a kind of Kubernetes itself whose objects lie in namespaces. Of others nothing is known.</summary>
    public static bool AreNamespaced(GroupKind kind) => (Groups.Contains(kind.Group) || kind.Group.EndsWith(".k8s.io", StringComparison.Ordinal) && kind.Group.Count(c => c == '.') == 2) && !ClusterWide.Contains(kind.Kind);
}
