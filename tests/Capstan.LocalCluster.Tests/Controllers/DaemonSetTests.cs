using Capstan.LocalCluster.Controllers;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Tests.Controllers;

public class DaemonSetTests
{
    private readonly ControllerWorld _world = new(withNode: false);

    [Fact]
    public void Every_node_that_fits_has_one_pod()
    {
        _world.Put(Node("a", "linux"));
        _world.Put(Node("b", "linux"));
        _world.Put(Node("c", "windows"));
        _world.Put(Agent("""{"kubernetes.io/os":"linux"}"""));

        _world.Settle();

        Assert.Equal(["a", "b"], _world.All(Kinds.Pod).Select(p => p.Spec.Text("nodeName")).Order());
        Assert.Equal(2, _world.Only(Kinds.DaemonSet).Status.Int(0, "desiredNumberScheduled"));
    }

    [Fact]
    public void A_tainted_node_has_no_pod_that_does_not_tolerate_it()
    {
        _world.Put("""{"apiVersion":"v1","kind":"Node","metadata":{"name":"t"},"spec":{"taints":[{"key":"k","effect":"NoSchedule"}]}}""");
        _world.Put(Agent("{}"));

        _world.Settle();

        Assert.Empty(_world.All(Kinds.Pod));
    }

    [Fact]
    public void A_node_that_joins_gets_a_pod_and_a_new_template_reaches_all()
    {
        var world = new ControllerWorld();
        world.Put(Node("simulated", "linux"));
        world.Put(Agent("{}"));
        world.Settle();
        world.Put(Agent("{}", "agent:2"));

        world.Settle();

        Assert.Equal("agent:2", ((YamlMap)((YamlList)world.Only(Kinds.Pod).Spec["containers"]!)[0]).Text("image"));
        var status = world.Only(Kinds.DaemonSet).Status;
        Assert.Equal((1, 1, 1), (status.Int(0, "updatedNumberScheduled"), status.Int(0, "numberAvailable"), status.Int(0, "numberReady")));
    }

    private static string Node(string name, string system) =>
        $$$$"""{"apiVersion":"v1","kind":"Node","metadata":{"name":"{{{{name}}}}","labels":{"kubernetes.io/os":"{{{{system}}}}"}},"spec":{}}""";

    private static string Agent(string selector, string image = "agent:1") => """
        {"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{"name":"agent","namespace":"default"},"spec":{"selector":{"matchLabels":{"app":"agent"}},
         "template":{"metadata":{"labels":{"app":"agent"}},"spec":{"nodeSelector":SELECTOR,"containers":[{"name":"c","image":"IMAGE"}]}}}}
        """.Replace("SELECTOR", selector, StringComparison.Ordinal).Replace("IMAGE", image, StringComparison.Ordinal);
}
