namespace Capstan.Resources;

/// <summary>cert-manager: certificates and issuers are Ready or not; orders and challenges of ACME have a state.</summary>
internal static class CertManagerHealth
{
    public static IEnumerable<KeyValuePair<GroupKind, Func<KubernetesObject, HealthAssessment?>>> Rules =>
    [
        .. ConditionHealth.For("cert-manager.io", Certificate, "Certificate"),
        .. ConditionHealth.For("cert-manager.io", Request, "CertificateRequest"),
        .. ConditionHealth.For("cert-manager.io", static live => ConditionHealth.Of(live, "Ready"), "Issuer", "ClusterIssuer"),
        .. ConditionHealth.For("acme.cert-manager.io", Acme, "Order", "Challenge"),
    ];

    // One that is being issued is not ready and yet nothing is wrong; after a failure it waits with Issuing False.
    private static HealthAssessment? Certificate(KubernetesObject live)
    {
        if (live.Condition("Issuing") is { } issuing)
        {
            if (issuing.Text("status") == "True")
            {
                return HealthAssessment.Progressing(ConditionHealth.Message(issuing));
            }

            if (issuing.Text("reason") == "Failed")
            {
                return HealthAssessment.Degraded(ConditionHealth.Message(issuing));
            }
        }

        return ConditionHealth.Of(live, "Ready", "DoesNotExist", "Issuing", "InProgress", "Pending");
    }

    private static HealthAssessment? Request(KubernetesObject live) =>
        live.Condition("Denied") is { } denied && denied.Text("status") == "True" ? HealthAssessment.Degraded(ConditionHealth.Message(denied))
        : live.Condition("InvalidRequest") is { } invalid && invalid.Text("status") == "True" ? HealthAssessment.Degraded(ConditionHealth.Message(invalid))
        : ConditionHealth.Of(live, "Ready", "Pending");

    private static HealthAssessment? Acme(KubernetesObject live) =>
        ConditionHealth.OfWord(live.Status.Text("state"), live.Status.Text("reason"), ["valid", "ready"], ["invalid", "expired", "errored"]);
}
