namespace Capstan.LocalCluster.ApiServer.Catalog;

/// <summary>The kinds that come with Kubernetes, one line each.</summary>
internal static class BuiltInResources
{
    private const Traits N = Traits.Namespaced;
    private const Traits S = Traits.Status;
    private const Traits G = Traits.Generation;
    private const Traits A = Traits.InAll;
    private const Traits X = Traits.Scale;
    private const Traits R = Traits.Review;

    [Flags]
    private enum Traits
    {
        None = 0,
        Namespaced = 1,
        Status = 2,
        Generation = 4,
        InAll = 8,
        Scale = 16,
        Review = 32,
    }

    public static readonly IReadOnlyList<ServedResource> All =
    [
        Of("", "v1", "namespaces", "Namespace", S, "ns"),
        Of("", "v1", "pods", "Pod", N | S | A | G, "po"),
        Of("", "v1", "services", "Service", N | S | A, "svc"),
        Of("", "v1", "configmaps", "ConfigMap", N, "cm"),
        Of("", "v1", "secrets", "Secret", N),
        Of("", "v1", "serviceaccounts", "ServiceAccount", N, "sa"),
        Of("", "v1", "events", "Event", N, "ev"),
        Of("", "v1", "nodes", "Node", S, "no"),
        Of("", "v1", "persistentvolumes", "PersistentVolume", S, "pv"),
        Of("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", N | S, "pvc"),
        Of("", "v1", "endpoints", "Endpoints", N, "ep") with { Singular = "endpoints" },
        Of("", "v1", "replicationcontrollers", "ReplicationController", N | S | A | X | G, "rc"),
        Of("", "v1", "limitranges", "LimitRange", N, "limits"),
        Of("", "v1", "resourcequotas", "ResourceQuota", N | S, "quota"),
        Of("", "v1", "podtemplates", "PodTemplate", N | G),
        Of("apps", "v1", "deployments", "Deployment", N | S | G | A | X, "deploy"),
        Of("apps", "v1", "replicasets", "ReplicaSet", N | S | G | A | X, "rs"),
        Of("apps", "v1", "statefulsets", "StatefulSet", N | S | G | A | X, "sts"),
        Of("apps", "v1", "daemonsets", "DaemonSet", N | S | G | A, "ds"),
        Of("apps", "v1", "controllerrevisions", "ControllerRevision", N),
        Of("batch", "v1", "jobs", "Job", N | S | G | A),
        Of("batch", "v1", "cronjobs", "CronJob", N | S | G | A, "cj"),
        Of("networking.k8s.io", "v1", "ingresses", "Ingress", N | S | G, "ing"),
        Of("networking.k8s.io", "v1", "ingressclasses", "IngressClass", G),
        Of("networking.k8s.io", "v1", "ipaddresses", "IPAddress", Traits.None, "ip"),
        Of("networking.k8s.io", "v1", "servicecidrs", "ServiceCIDR", S),
        Of("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", N | G, "netpol"),
        Of("rbac.authorization.k8s.io", "v1", "roles", "Role", N),
        Of("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", N),
        Of("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", Traits.None),
        Of("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", Traits.None),
        Of("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", N | S | A, "hpa") with { Versions = ["v2", "v1"] },
        Of("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", N | S | G, "pdb"),
        Of("coordination.k8s.io", "v1", "leases", "Lease", N),
        Of("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", N | G),
        Of("events.k8s.io", "v1", "events", "Event", N, "ev") with { StoredAs = "events" },
        Of("storage.k8s.io", "v1", "storageclasses", "StorageClass", Traits.None, "sc"),
        Of("storage.k8s.io", "v1", "csidrivers", "CSIDriver", Traits.None),
        Of("storage.k8s.io", "v1", "csinodes", "CSINode", Traits.None),
        Of("storage.k8s.io", "v1", "csistoragecapacities", "CSIStorageCapacity", N),
        Of("storage.k8s.io", "v1", "volumeattachments", "VolumeAttachment", S),
        Of("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", G, "pc"),
        Of("node.k8s.io", "v1", "runtimeclasses", "RuntimeClass", Traits.None),
        Of("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", S | G, "crd", "crds")
            with { Categories = ["api-extensions"] },
        Of("apiregistration.k8s.io", "v1", "apiservices", "APIService", S) with { Categories = ["api-extensions"] },
        Of("admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration", G)
            with { Categories = ["api-extensions"] },
        Of("admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration", G)
            with { Categories = ["api-extensions"] },
        Of("admissionregistration.k8s.io", "v1", "validatingadmissionpolicies", "ValidatingAdmissionPolicy", S | G)
            with { Categories = ["api-extensions"] },
        Of("admissionregistration.k8s.io", "v1", "validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding", G)
            with { Categories = ["api-extensions"] },
        Of("certificates.k8s.io", "v1", "certificatesigningrequests", "CertificateSigningRequest", S, "csr"),
        Of("authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", R),
        Of("authorization.k8s.io", "v1", "selfsubjectrulesreviews", "SelfSubjectRulesReview", R),
        Of("authorization.k8s.io", "v1", "subjectaccessreviews", "SubjectAccessReview", R),
        Of("authorization.k8s.io", "v1", "localsubjectaccessreviews", "LocalSubjectAccessReview", R | N),
        Of("authentication.k8s.io", "v1", "tokenreviews", "TokenReview", R),
        Of("authentication.k8s.io", "v1", "selfsubjectreviews", "SelfSubjectReview", R),
    ];

    private static ServedResource Of(string group, string version, string plural, string kind, Traits traits, params string[] shortNames) => new()
    {
        Group = group,
        Versions = [version],
        StorageVersion = version,
        Plural = plural,
        Singular = kind.ToLowerInvariant(),
        Kind = kind,
        ListKind = kind + "List",
        Namespaced = traits.HasFlag(N),
        HasStatus = traits.HasFlag(S),
        CountsGenerations = traits.HasFlag(G),
        Categories = traits.HasFlag(A) ? ["all"] : [],
        Scale = traits.HasFlag(X) ? ScalePaths.Usual : null,
        CreateOnly = traits.HasFlag(R),
        ShortNames = shortNames,
    };
}
