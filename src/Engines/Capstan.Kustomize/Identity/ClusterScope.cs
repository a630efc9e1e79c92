using System.Collections.Frozen;

namespace Capstan.Kustomize.Identity;

/// <summary>The kinds that kustomize knows to be cluster-scoped; every other kind counts as namespaced.</summary>
internal static class ClusterScope
{
    private static readonly FrozenSet<Gvk> Kinds = new[]
    {
        Gvk.From("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"),
        Gvk.From("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"),
        Gvk.From("admissionregistration.k8s.io/v1beta1", "MutatingWebhookConfiguration"),
        Gvk.From("admissionregistration.k8s.io/v1beta1", "ValidatingWebhookConfiguration"),
        Gvk.From("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
        Gvk.From("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition"),
        Gvk.From("apiregistration.k8s.io/v1", "APIService"),
        Gvk.From("apiregistration.k8s.io/v1beta1", "APIService"),
        Gvk.From("certificates.k8s.io/v1", "CertificateSigningRequest"),
        Gvk.From("certificates.k8s.io/v1beta1", "CertificateSigningRequest"),
        Gvk.From("flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema"),
        Gvk.From("flowcontrol.apiserver.k8s.io/v1beta1", "PriorityLevelConfiguration"),
        Gvk.From("networking.k8s.io/v1", "IngressClass"),
        Gvk.From("networking.k8s.io/v1beta1", "IngressClass"),
        Gvk.From("node.k8s.io/v1", "RuntimeClass"),
        Gvk.From("node.k8s.io/v1beta1", "RuntimeClass"),
        Gvk.From("policy/v1beta1", "PodSecurityPolicy"),
        Gvk.From("rbac.authorization.k8s.io/v1", "ClusterRole"),
        Gvk.From("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
        Gvk.From("rbac.authorization.k8s.io/v1beta1", "ClusterRole"),
        Gvk.From("rbac.authorization.k8s.io/v1beta1", "ClusterRoleBinding"),
        Gvk.From("scheduling.k8s.io/v1", "PriorityClass"),
        Gvk.From("scheduling.k8s.io/v1beta1", "PriorityClass"),
        Gvk.From("storage.k8s.io/v1", "CSIDriver"),
        Gvk.From("storage.k8s.io/v1", "CSINode"),
        Gvk.From("storage.k8s.io/v1", "StorageClass"),
        Gvk.From("storage.k8s.io/v1", "VolumeAttachment"),
        Gvk.From("storage.k8s.io/v1beta1", "CSIDriver"),
        Gvk.From("storage.k8s.io/v1beta1", "CSINode"),
        Gvk.From("storage.k8s.io/v1beta1", "StorageClass"),
        Gvk.From("storage.k8s.io/v1beta1", "VolumeAttachment"),
        Gvk.From("v1", "ComponentStatus"),
        Gvk.From("v1", "Namespace"),
        Gvk.From("v1", "Node"),
        Gvk.From("v1", "NodeProxyOptions"),
        Gvk.From("v1", "PersistentVolume"),
    }.ToFrozenSet();

    // Asked for every resource many times, and most kinds are not there by their name already.
    private static readonly FrozenSet<string> Names = Kinds.Select(k => k.Kind).ToFrozenSet(StringComparer.Ordinal);

    public static bool Contains(in Gvk gvk) => Names.Contains(gvk.Kind) && Kinds.Contains(gvk);
}
