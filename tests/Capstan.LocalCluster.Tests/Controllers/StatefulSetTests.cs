using Capstan.LocalCluster.Controllers;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Tests.Controllers;

public class StatefulSetTests
{
    private readonly ControllerWorld _world = new();

    [Fact]
    public void Pods_are_numbered_named_and_have_their_own_claims()
    {
        _world.Put(Database(3));

        _world.Settle();

        Assert.Equal(["db-0", "db-1", "db-2"], _world.All(Kinds.Pod).Select(p => p.Name));
        Assert.Equal(["data-db-0", "data-db-1", "data-db-2"], _world.All(Kinds.Claim).Select(c => c.Name).Order());
        var pod = _world.All(Kinds.Pod).Last();
        Assert.Equal(("db-2", "db", "db-2"), (pod.Spec.Text("hostname"), pod.Spec.Text("subdomain"), pod.Label("statefulset.kubernetes.io/pod-name")));
        var volume = (YamlMap)((YamlList)pod.Spec["volumes"]!)[0];
        Assert.Equal("data-db-2", volume.Text("persistentVolumeClaim", "claimName"));
        var status = _world.Only(Kinds.StatefulSet).Status;
        Assert.Equal((3, 3, 3), (status.Int(0, "replicas"), status.Int(0, "readyReplicas"), status.Int(0, "updatedReplicas")));
    }

    [Fact]
    public void An_ordered_set_waits_for_a_pod_before_it_makes_the_next_one()
    {
        var world = new ControllerWorld(withNode: false);
        world.Put(Database(3));

        world.Settle();

        Assert.Equal("db-0", world.Only(Kinds.Pod).Name);
    }

    [Fact]
    public void A_parallel_set_makes_all_at_once()
    {
        var world = new ControllerWorld(withNode: false);
        world.Put(Database(3, """ "podManagementPolicy":"Parallel", """));

        world.Settle();

        Assert.Equal(3, world.All(Kinds.Pod).Count());
    }

    [Fact]
    public void A_smaller_set_loses_its_highest_pods_and_keeps_their_claims()
    {
        _world.Put(Database(3));
        _world.Settle();

        _world.Put(Database(1));
        _world.Settle();

        Assert.Equal("db-0", _world.Only(Kinds.Pod).Name);
        Assert.Equal(3, _world.All(Kinds.Claim).Count());
    }

    [Fact]
    public void Claims_go_with_their_pods_where_the_set_says_so()
    {
        _world.Put(Database(3, """ "persistentVolumeClaimRetentionPolicy":{"whenScaled":"Delete"}, """));
        _world.Settle();

        _world.Put(Database(1, """ "persistentVolumeClaimRetentionPolicy":{"whenScaled":"Delete"}, """));
        _world.Settle();

        Assert.Equal("data-db-0", _world.Only(Kinds.Claim).Name);
    }

    [Fact]
    public void A_new_template_rolls_down_to_the_partition_and_no_further()
    {
        const string Partition = """ "updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"partition":2}}, """;
        _world.Put(Database(4, Partition));
        _world.Settle();

        _world.Put(Database(4, Partition, image: "db:2"));
        _world.Settle();

        Assert.Equal(["db:1", "db:1", "db:2", "db:2"], Images());
        var status = _world.Only(Kinds.StatefulSet).Status;
        Assert.NotEqual(status.Text("currentRevision"), status.Text("updateRevision"));

        _world.Put(Database(4, image: "db:2"));
        _world.Settle();

        Assert.Equal(["db:2", "db:2", "db:2", "db:2"], Images());
        status = _world.Only(Kinds.StatefulSet).Status;
        Assert.Equal(status.Text("currentRevision"), status.Text("updateRevision"));
    }

    [Fact]
    public void An_old_template_that_comes_back_is_the_newest_revision_again()
    {
        foreach (var image in new[] { "db:1", "db:2", "db:1" })
        {
            _world.Put(Database(2, image: image));
            _world.Settle();
        }

        Assert.Equal([2, 3], _world.All(Kinds.ControllerRevision).Select(r => r.Body.Int(0, "revision")).Order());
        Assert.Equal(["db:1", "db:1"], Images());
    }

    private IEnumerable<string> Images() => _world.All(Kinds.Pod).OrderBy(p => p.Name, StringComparer.Ordinal)
        .Select(p => ((YamlMap)((YamlList)p.Spec["containers"]!)[0]).Text("image"));

    private static string Database(int replicas, string more = "", string image = "db:1") => """
        {"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"db","namespace":"default"},"spec":{"replicas":REPLICAS,"serviceName":"db",MORE
         "selector":{"matchLabels":{"app":"db"}},"template":{"metadata":{"labels":{"app":"db"}},"spec":{"containers":[{"name":"c","image":"IMAGE"}]}},
         "volumeClaimTemplates":[{"metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}]}}
        """.Replace("REPLICAS", replicas.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal).Replace("MORE", more, StringComparison.Ordinal).Replace("IMAGE", image, StringComparison.Ordinal);
}
