using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Controllers.Networking;

/// <summary>Gives Services of type LoadBalancer an address, as a cloud would: without one they never become healthy. Like the nodes it is
/// simulated; the address is this machine's own and nothing listens on it.</summary>
internal sealed class LoadBalancerController : IController
{
    private static readonly YamlMap Address = YamlMap.Of(("ingress", YamlList.Create([YamlMap.Of(("ip", "127.0.0.1"))])));

    public GroupKind Kind => Kinds.Service;

    public IReadOnlyList<GroupKind> Owns { get; } = [];

    public ControllerPlan Plan(KubernetesObject subject, IClusterView view, DateTimeOffset now)
    {
        var wanted = subject.Spec.Text("type") == "LoadBalancer" ? Address : YamlMap.Empty;
        var present = subject.Status["loadBalancer"] as YamlMap ?? YamlMap.Empty;
        return subject.DeletionTimestamp is not null || present.Equals(wanted)
            ? ControllerPlan.Nothing
            : new ControllerPlan([new ObjectWrite.UpdateStatus(subject.With(["status", "loadBalancer"], wanted))]);
    }
}
