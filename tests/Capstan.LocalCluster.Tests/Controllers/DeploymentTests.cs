using Capstan.LocalCluster.Controllers;
using Capstan.LocalCluster.Controllers.Workloads;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Tests.Controllers;

public class DeploymentTests
{
    [Fact]
    public void A_deployment_gets_a_replica_set_and_its_pods_and_says_that_it_is_available()
    {
        var world = new ControllerWorld();
        world.Put(Web("v1", replicas: 3));

        world.Settle();

        var status = world.Only(Kinds.Deployment).Status;
        Assert.Equal(3, status.Int(0, "readyReplicas"));
        Assert.Equal(3, status.Int(0, "updatedReplicas"));
        Assert.Equal("NewReplicaSetAvailable", world.Only(Kinds.Deployment).Condition("Progressing")!.Text("reason"));
        Assert.Equal("True", world.Only(Kinds.Deployment).Condition("Available")!.Text("status"));
        Assert.Equal(3, world.All(Kinds.Pod).Count());
    }

    [Fact]
    public void A_rolling_update_never_leaves_its_limits()
    {
        var world = new ControllerWorld();
        world.Put(Web("v1", replicas: 8));
        world.Settle();
        world.Watch();

        world.Put(Web("v2", replicas: 8));
        world.Settle();

        // 25 % of 8: two pods more than wanted at most, two fewer available at most.
        Assert.InRange(world.MostPods, 8, 10);
        Assert.InRange(world.FewestAvailable, 6, 8);
        Assert.All(world.All(Kinds.Pod), pod => Assert.Equal("web:v2", Image(pod)));
        Assert.Equal("2", world.Only(Kinds.Deployment).Annotation(DeploymentController.RevisionAnnotation));
    }

    [Fact]
    public void Recreate_ends_all_old_pods_before_it_starts_new_ones()
    {
        var world = new ControllerWorld();
        world.Put(Web("v1", replicas: 3, strategy: "Recreate"));
        world.Settle();
        world.Watch();

        world.Put(Web("v2", replicas: 3, strategy: "Recreate"));
        world.Settle();

        Assert.Equal(3, world.MostPods);
        Assert.Equal(0, world.FewestAvailable);
        Assert.All(world.All(Kinds.Pod), pod => Assert.Equal("web:v2", Image(pod)));
    }

    [Fact]
    public void Going_back_to_an_old_template_takes_its_replica_set_up_again_as_the_newest_revision()
    {
        var world = new ControllerWorld();
        world.Put(Web("v1", replicas: 2));
        world.Settle();
        world.Put(Web("v2", replicas: 2));
        world.Settle();

        world.Put(Web("v1", replicas: 2));
        world.Settle();

        Assert.Equal(2, world.All(Kinds.ReplicaSet).Count());
        Assert.Equal("3", world.Only(Kinds.Deployment).Annotation(DeploymentController.RevisionAnnotation));
        Assert.All(world.All(Kinds.Pod), pod => Assert.Equal("web:v1", Image(pod)));
    }

    [Fact]
    public void Old_replica_sets_beyond_the_history_limit_are_forgotten()
    {
        var world = new ControllerWorld();
        for (var version = 1; version <= 5; version++)
        {
            world.Put(Web($"v{version}", replicas: 1, history: 2));
            world.Settle();
        }

        Assert.Equal(3, world.All(Kinds.ReplicaSet).Count());
    }

    [Fact]
    public void Pods_that_never_get_ready_miss_the_progress_deadline()
    {
        var world = new ControllerWorld(withNode: false);
        world.Put(Web("v1", replicas: 1));
        world.Settle();
        Assert.Equal("True", world.Only(Kinds.Deployment).Condition("Progressing")!.Text("status"));

        world.Now = world.Now.AddSeconds(601);
        world.Settle();

        Assert.Equal("ProgressDeadlineExceeded", world.Only(Kinds.Deployment).Condition("Progressing")!.Text("reason"));
        Assert.Equal("False", world.Only(Kinds.Deployment).Condition("Available")!.Text("status"));
    }

    [Fact]
    public void A_paused_deployment_does_not_roll()
    {
        var world = new ControllerWorld();
        world.Put(Web("v1", replicas: 2));
        world.Settle();

        world.Put(Web("v2", replicas: 2, paused: true));
        world.Settle();

        Assert.All(world.All(Kinds.Pod), pod => Assert.Equal("web:v1", Image(pod)));
        Assert.Equal("DeploymentPaused", world.Only(Kinds.Deployment).Condition("Progressing")!.Text("reason"));
    }

    [Fact]
    public void Deleting_a_deployment_takes_its_replica_sets_and_pods_along()
    {
        var world = new ControllerWorld();
        world.Put(Web("v1", replicas: 2));
        world.Settle();

        world.Delete(world.Only(Kinds.Deployment));
        world.Settle();

        Assert.Empty(world.All(Kinds.ReplicaSet));
        Assert.Empty(world.All(Kinds.Pod));
    }

    [Fact]
    public void A_deleted_pod_comes_back()
    {
        var world = new ControllerWorld();
        world.Put(Web("v1", replicas: 2));
        world.Settle();
        var victim = world.All(Kinds.Pod).First();

        world.Delete(victim);
        world.Settle();

        Assert.Equal(2, world.All(Kinds.Pod).Count());
        Assert.DoesNotContain(world.All(Kinds.Pod), p => p.Uid == victim.Uid);
    }

    private static string Image(Capstan.Resources.KubernetesObject pod) => ((YamlMap)((YamlList)pod.Spec["containers"]!)[0]).Text("image");

    private static string Web(string version, int replicas, string strategy = "RollingUpdate", int history = 10, bool paused = false) => $$$$$"""
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop"},
         "spec":{"replicas":{{{{{replicas}}}}},"revisionHistoryLimit":{{{{{history}}}}},"paused":{{{{{(paused ? "true" : "false")}}}}},
          "progressDeadlineSeconds":600,"strategy":{"type":"{{{{{strategy}}}}}"},
          "selector":{"matchLabels":{"app":"web"}},
          "template":{"metadata":{"labels":{"app":"web"}},
           "spec":{"restartPolicy":"Always","containers":[{"name":"web","image":"web:{{{{{version}}}}}"}]}}}}
        """;
}
