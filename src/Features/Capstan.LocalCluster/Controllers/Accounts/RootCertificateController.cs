using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Controllers.Accounts;

/// <summary>Gives each namespace the ConfigMap by which its pods trust the API server.</summary>
internal sealed class RootCertificateController(string authority) : IObserver
{
    public const string Name = "kube-root-ca.crt";

    public GroupKind Kind => Kinds.Namespace;

    public IReadOnlyList<GroupKind> Owns { get; } = [];

    public IReadOnlyList<GroupKind> Observes { get; } = [Kinds.ConfigMap];

    public IEnumerable<ObjectKey> Concerned(KubernetesObject changed, IClusterView view) => changed.Name == Name ? [new ObjectKey(Kinds.Namespace, "", changed.Namespace)] : [];

    public ControllerPlan Plan(KubernetesObject subject, IClusterView view, DateTimeOffset now)
    {
        if (subject.DeletionTimestamp is not null)
        {
            return ControllerPlan.Nothing;
        }

        var data = YamlMap.Of(("ca.crt", authority));
        if (view.Get(new ObjectKey(Kinds.ConfigMap, subject.Name, Name)) is { } known)
        {
            return data.Equals(known.Body["data"]) ? ControllerPlan.Nothing : new ControllerPlan([new ObjectWrite.Update(known.With(["data"], data))]);
        }

        return new ControllerPlan([new ObjectWrite.Create(new KubernetesObject(YamlMap.Of(
            ("apiVersion", "v1"),
            ("kind", "ConfigMap"),
            ("metadata", YamlMap.Of(("name", Name), ("namespace", subject.Name), ("annotations", YamlMap.Of(
                ("kubernetes.io/description", "Contains the certificate authority that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP."))))),
            ("data", data))))]);
    }
}
