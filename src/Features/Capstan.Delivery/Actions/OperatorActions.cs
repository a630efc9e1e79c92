using Capstan.Resources;

namespace Capstan.Delivery.Actions;

/// <summary>Flux, External Secrets and CloudNativePG: look now, rest, go on.</summary>
internal static class OperatorActions
{
    private static readonly GroupKind[] Flux =
    [
        new("source.toolkit.fluxcd.io", "GitRepository"), new("source.toolkit.fluxcd.io", "OCIRepository"), new("source.toolkit.fluxcd.io", "HelmRepository"),
        new("source.toolkit.fluxcd.io", "HelmChart"), new("source.toolkit.fluxcd.io", "Bucket"), new("kustomize.toolkit.fluxcd.io", "Kustomization"),
        new("helm.toolkit.fluxcd.io", "HelmRelease"), new("notification.toolkit.fluxcd.io", "Receiver"), new("image.toolkit.fluxcd.io", "ImageRepository"),
        new("image.toolkit.fluxcd.io", "ImageUpdateAutomation"),
    ];

    private static readonly GroupKind[] Secrets = [new("external-secrets.io", "ExternalSecret"), new("external-secrets.io", "PushSecret")];
    private static readonly GroupKind[] Postgres = [new("postgresql.cnpg.io", "Cluster")];
    private const string Hibernation = "cnpg.io/hibernation";

    public static readonly IReadOnlyList<BuiltInAction> All =
    [
        new("reconcile", Flux, live => !WorkloadActions.Flag(live, "suspend"), (live, inputs) => new(live.WithAnnotation("reconcile.fluxcd.io/requestedAt", inputs.Time))),
        new("suspend", Flux, live => !WorkloadActions.Flag(live, "suspend"), (live, _) => new(live.With(["spec", "suspend"], true))),
        new("resume", Flux, live => WorkloadActions.Flag(live, "suspend"), (live, _) => new(live.With(["spec", "suspend"], false))),
        new("refresh", Secrets, _ => true, (live, inputs) => new(live.WithAnnotation("force-sync", inputs.Time))),
        new("restart", Postgres, _ => true, (live, inputs) => new(live.WithAnnotation("kubectl.kubernetes.io/restartedAt", inputs.Time))),
        new("reload", Postgres, _ => true, (live, inputs) => new(live.WithAnnotation("cnpg.io/reloadedAt", inputs.Time))),
        new("suspend", Postgres, live => live.Annotation(Hibernation) != "on", (live, _) => new(live.WithAnnotation(Hibernation, "on"))),
        new("resume", Postgres, live => live.Annotation(Hibernation) == "on", (live, _) => new(live.WithAnnotation(Hibernation, "off"))),
    ];
}
