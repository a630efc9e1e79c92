using System.Net;
using Capstan.LocalCluster.Controllers;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Tests.Controllers;

/// <summary>The controllers in a running server: what they want is written, seen by watches, and goes on after a restart.</summary>
public sealed class RunningControllersTests : IAsyncDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("capstan-controllers-").FullName;
    private LocalClusterServer? _server;

    [Fact]
    public async Task A_deployment_becomes_available_and_its_pods_say_that_they_are_simulated()
    {
        var client = await StartAsync();

        await client.CreateAsync(Parse(Web(2)), TestContext.Current.CancellationToken);

        var deployment = await UntilAsync(client, Kinds.Deployment, "web", d => d.Status.Int(0, "availableReplicas") == 2);
        Assert.Equal("True", deployment.Condition("Available")!.Text("status"));
        var pod = client.List(Kinds.Pod, "default").Items[0];
        Assert.Equal("simulated: no container is run", pod.Status.Text("message"));
        Assert.Equal("simulated", pod.Spec.Text("nodeName"));
    }

    [Fact]
    public async Task A_server_that_was_stopped_in_the_middle_goes_on_where_it_was()
    {
        var client = await StartAsync();
        await client.CreateAsync(Parse(Web(40)), TestContext.Current.CancellationToken);
        await _server!.DisposeAsync();

        client = await StartAsync();

        await UntilAsync(client, Kinds.Deployment, "web", d => d.Status.Int(0, "availableReplicas") == 40);
        Assert.Equal(40, client.List(Kinds.Pod, "default").Items.Count);
        Assert.Single(client.List(Kinds.ReplicaSet, "default").Items);
    }

    [Fact]
    public async Task Deleting_a_namespace_ends_with_nothing_left_in_it()
    {
        var client = await StartAsync();
        await client.CreateAsync(Parse("""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop"}}"""), TestContext.Current.CancellationToken);
        await client.CreateAsync(Parse(Web(3)).WithNamespace("shop"), TestContext.Current.CancellationToken);
        await UntilAsync(client, Kinds.Deployment, "web", d => d.Status.Int(0, "availableReplicas") == 3, "shop");

        await client.DeleteAsync(new ObjectKey(Kinds.Namespace, "", "shop"), null, null, null, TestContext.Current.CancellationToken);

        await GoneAsync(client, new ObjectKey(Kinds.Namespace, "", "shop"));
        Assert.Empty(client.List(Kinds.Pod, "shop").Items);
        Assert.Empty(client.List(Kinds.ServiceAccount, "shop").Items);
    }

    [Fact]
    public async Task Controllers_at_rest_write_nothing()
    {
        var client = await StartAsync();
        await client.CreateAsync(Parse(Web(2)), TestContext.Current.CancellationToken);
        await UntilAsync(client, Kinds.Deployment, "web", d => d.Condition("Progressing")?.Text("reason") == "NewReplicaSetAvailable");
        await _server!.DisposeAsync();

        client = await StartAsync();
        var started = client.Revision;
        await client.CreateAsync(Parse(Web(1)).With(["metadata", "name"], "other"), TestContext.Current.CancellationToken);
        await UntilAsync(client, Kinds.Deployment, "other", d => d.Status.Int(0, "availableReplicas") == 1);

        var web = client.List(Kinds.Pod, "default").Items.Where(p => p.Name.StartsWith("web-", StringComparison.Ordinal));
        Assert.All(web, pod => Assert.True(long.Parse(pod.ResourceVersion, System.Globalization.CultureInfo.InvariantCulture) <= started));
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        Directory.Delete(_data, recursive: true);
    }

    private async Task<ClusterClient> StartAsync()
    {
        var options = new LocalClusterOptions { DataFolder = _data, Listen = new IPEndPoint(IPAddress.Loopback, 0) };
        _server = await LocalClusterServer.StartAsync(options, TimeProvider.System, new TestLog(), TestContext.Current.CancellationToken);
        return _server.Client;
    }

    private static async Task<KubernetesObject> UntilAsync(
        ClusterClient client, GroupKind kind, string name, Func<KubernetesObject, bool> condition, string ns = "default")
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            if (client.Get(new ObjectKey(kind, ns, name)) is { } found && condition(found))
            {
                return found;
            }

            await Task.Delay(10, deadline.Token);
        }
    }

    private static async Task GoneAsync(ClusterClient client, ObjectKey key)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (client.Get(key) is not null)
        {
            await Task.Delay(10, deadline.Token);
        }
    }

    private static KubernetesObject Parse(string json) => new((YamlMap)JsonText.Read(json));

    private static string Web(int replicas) => $$$"""
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"default"},
         "spec":{"replicas":{{{replicas}}},"selector":{"matchLabels":{"app":"web"}},
          "template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"web","image":"web:1"}]} } } }
        """;
}
