using Capstan.LocalCluster.Controllers;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Tests.Controllers;

public class NetworkAndVolumeTests
{
    private readonly ControllerWorld _world = new();

    [Fact]
    public void A_service_has_the_addresses_and_named_ports_of_its_ready_pods()
    {
        _world.Put(Pod("a", 8080));
        _world.Put(Pod("b", 9090));
        _world.Put("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"default"},"spec":{"selector":{"app":"web"},"ports":[{"name":"http","port":80,"targetPort":"http"}]}}""");

        _world.Settle();

        var subsets = (YamlList)_world.Only(Kinds.Endpoints).Body["subsets"]!;
        Assert.Equal([8080, 9090], subsets.Select(s => ((YamlMap)((YamlList)((YamlMap)s)["ports"]!)[0]).Int(0, "port")).Order());
        var slices = _world.All(Kinds.EndpointSlice).ToList();
        Assert.Equal(2, slices.Count);
        Assert.All(slices, s => Assert.Equal("web", s.Label("kubernetes.io/service-name")));
    }

    [Fact]
    public void A_service_that_was_just_made_waits_for_its_pods_and_is_told_of_once()
    {
        _world.Put("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"default"},"spec":{"selector":{"app":"web"},"ports":[{"port":80}]}}""");
        _world.Settle();
        Assert.Empty(_world.All(Kinds.Endpoints));

        _world.Now += TimeSpan.FromSeconds(1);
        _world.Put(Pod("a", 8080));
        _world.Settle();

        Assert.NotNull(_world.Only(Kinds.Endpoints).Body["subsets"]);
        Assert.Single((YamlList)_world.Only(Kinds.EndpointSlice).Body["endpoints"]!);
    }

    [Fact]
    public void A_service_without_pods_soon_has_empty_endpoints_and_one_slice()
    {
        _world.Put("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"default"},"spec":{"selector":{"app":"web"},"ports":[{"port":80}]}}""");

        _world.Settle();
        _world.Now += TimeSpan.FromSeconds(2);
        _world.Settle();

        Assert.Null(_world.Only(Kinds.Endpoints).Body["subsets"]);
        Assert.Empty((YamlList)_world.Only(Kinds.EndpointSlice).Body["endpoints"]!);
    }

    [Fact]
    public void Endpoints_that_somebody_wrote_are_mirrored()
    {
        _world.Put("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"far","namespace":"default"},"spec":{"ports":[{"port":80}]}}""");
        _world.Put("""{"apiVersion":"v1","kind":"Endpoints","metadata":{"name":"far","namespace":"default"},"subsets":[{"addresses":[{"ip":"192.0.2.1"}],"ports":[{"port":80,"protocol":"TCP"}]}]}""");

        _world.Settle();

        var endpoint = (YamlMap)((YamlList)_world.Only(Kinds.EndpointSlice).Body["endpoints"]!)[0];
        Assert.Equal("192.0.2.1", ((YamlList)endpoint["addresses"]!)[0].AsString());
    }

    [Fact]
    public void A_claim_without_a_class_gets_a_folder_of_the_default_one()
    {
        _world.Put(Class);
        _world.Put(Claim);

        _world.Settle();

        var claim = _world.Only(Kinds.Claim);
        Assert.Equal(("Bound", "standard"), (claim.Status.Text("phase"), claim.Spec.Text("storageClassName")));
        var volume = _world.Only(Kinds.Volume);
        Assert.Equal((claim.Spec.Text("volumeName"), "Bound", "1Gi"), (volume.Name, volume.Status.Text("phase"), volume.Spec.Text("capacity", "storage")));
        Assert.StartsWith("/volumes/default_data_", volume.Spec.Text("hostPath", "path"));
    }

    [Fact]
    public void A_folder_goes_with_its_claim_and_a_claim_waits_for_its_pods()
    {
        _world.Put(Class);
        _world.Put(Claim);
        _world.Put("""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"user","namespace":"default"},"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","persistentVolumeClaim":{"claimName":"data"}}]}}""");
        _world.Settle();

        _world.Delete(_world.Only(Kinds.Claim));
        _world.Settle();
        Assert.NotNull(_world.Only(Kinds.Claim).DeletionTimestamp);

        _world.Delete(_world.Only(Kinds.Pod), now: true);
        _world.Settle();
        Assert.Empty(_world.All(Kinds.Claim));
        Assert.Empty(_world.All(Kinds.Volume));
    }

    [Fact]
    public void A_claim_takes_the_smallest_volume_that_is_large_enough()
    {
        foreach (var (name, size) in new[] { ("large", "10Gi"), ("right", "2Gi"), ("small", "500Mi") })
        {
            _world.Put($$$$"""{"apiVersion":"v1","kind":"PersistentVolume","metadata":{"name":"{{{{name}}}}"},"spec":{"storageClassName":"manual","accessModes":["ReadWriteOnce"],"capacity":{"storage":"{{{{size}}}}"},"persistentVolumeReclaimPolicy":"Retain"}}""");
        }

        _world.Put(Claim.Replace("\"accessModes\"", "\"storageClassName\":\"manual\",\"accessModes\"", StringComparison.Ordinal));

        _world.Settle();

        Assert.Equal("right", _world.Only(Kinds.Claim).Spec.Text("volumeName"));
        _world.Release(_world.Only(Kinds.Claim).Key);
        _world.Delete(_world.Only(Kinds.Claim));
        _world.Settle();
        Assert.Equal("Released", _world.Get(new ObjectKey(Kinds.Volume, "", "right"))!.Status.Text("phase"));
    }

    private const string Class = """
        {"apiVersion":"storage.k8s.io/v1","kind":"StorageClass","metadata":{"name":"standard","annotations":{"storageclass.kubernetes.io/is-default-class":"true"}},"provisioner":"capstan.dev/folder","reclaimPolicy":"Delete"}
        """;

    private const string Claim = """
        {"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"data","namespace":"default","finalizers":["kubernetes.io/pvc-protection"]},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}
        """;

    private static string Pod(string name, int port) => $$$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{name}}}","namespace":"default","labels":{"app":"web"}},"spec":{"containers":[{"name":"c","image":"i","ports":[{"name":"http","containerPort":{{{port}}}}]}]}}
        """;
}
