using System.Collections.Concurrent;
using k8s;
using k8s.Autorest;
using k8s.LeaderElection;
using k8s.LeaderElection.ResourceLock;
using k8s.Models;

namespace Capstan.LocalCluster.Tests;

/// <summary>The official client library for .NET, which knows nothing of the embedded cluster: its types, watches, patches and leader election.</summary>
public sealed class ClientLibraryTests(ServerFixture fixture) : IClassFixture<ServerFixture>, IDisposable
{
    private readonly k8s.Kubernetes _client = new(KubernetesClientConfiguration.BuildConfigFromConfigFile(fixture.Server.KubeconfigPath));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task Typed_objects_are_created_read_replaced_patched_and_deleted()
    {
        var space = await NamespaceAsync("typed");
        var made = await _client.CreateNamespacedDeploymentAsync(Deployment("web"), space, cancellationToken: Cancellation);
        Assert.Equal("25%", made.Spec.Strategy.RollingUpdate.MaxSurge.Value);
        Assert.NotNull(made.Metadata.CreationTimestamp);
        Assert.Null(made.Status.AvailableReplicas);

        var read = await UntilAsync(() => _client.ReadNamespacedDeploymentAsync("web", space, cancellationToken: Cancellation), d => d.Status.AvailableReplicas == 2);
        read.Spec.Replicas = 3;
        var replaced = await _client.ReplaceNamespacedDeploymentAsync(read, "web", space, cancellationToken: Cancellation);
        Assert.Equal(made.Metadata.Generation + 1, replaced.Metadata.Generation);
        var stale = await Assert.ThrowsAsync<HttpOperationException>(() => _client.ReplaceNamespacedDeploymentAsync(read, "web", space, cancellationToken: Cancellation));
        Assert.Equal(System.Net.HttpStatusCode.Conflict, stale.Response.StatusCode);

        var patch = new V1Patch("""[{"op": "replace", "path": "/spec/replicas", "value": 1}]""", V1Patch.PatchType.JsonPatch);
        Assert.Equal(1, (await _client.PatchNamespacedDeploymentScaleAsync(patch, "web", space, cancellationToken: Cancellation)).Spec.Replicas);
        await _client.DeleteNamespacedDeploymentAsync("web", space, cancellationToken: Cancellation);
        var gone = await Assert.ThrowsAsync<HttpOperationException>(() => _client.ReadNamespacedDeploymentAsync("web", space, cancellationToken: Cancellation));
        Assert.Equal(System.Net.HttpStatusCode.NotFound, gone.Response.StatusCode);
    }

    [Fact]
    public async Task A_list_and_the_watch_from_it_tell_every_change_once_and_in_order()
    {
        var space = await NamespaceAsync("watched");
        await _client.CreateNamespacedConfigMapAsync(Map("before", "0"), space, cancellationToken: Cancellation);
        var list = await _client.ListNamespacedConfigMapAsync(space, cancellationToken: Cancellation);
        var seen = new BlockingCollection<string>();
        using var watch = _client.WatchListNamespacedConfigMap(space, resourceVersion: list.Metadata.ResourceVersion,
            onEvent: (type, map) => seen.Add($"{type} {map.Metadata.Name} {map.Data?["count"]}"), onError: e => seen.Add($"the watch failed: {e}"), onClosed: () => seen.Add("the watch was closed"));
        await _client.CreateNamespacedConfigMapAsync(Map("a", "1"), space, cancellationToken: Cancellation);
        for (var i = 2; i <= 20; i++)
        {
            await _client.ReplaceNamespacedConfigMapAsync(Map("a", $"{i}"), "a", space, cancellationToken: Cancellation);
        }

        await _client.DeleteNamespacedConfigMapAsync("a", space, cancellationToken: Cancellation);
        string[] expected = ["Added a 1", .. Enumerable.Range(2, 19).Select(i => $"Modified a {i}"), "Deleted a 20"];
        Assert.Equal(expected, expected.Select(_ => seen.TryTake(out var one, TimeSpan.FromSeconds(30)) ? one : "nothing").ToList());
    }

    [Fact]
    public async Task Of_two_that_want_to_lead_one_does_and_the_other_follows_when_it_goes()
    {
        var space = await NamespaceAsync("led");
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        using var first = new CancellationTokenSource();
        var leaders = new BlockingCollection<string>();
        var one = RunAsync("one", first.Token);
        Assert.True(leaders.TryTake(out var leader, TimeSpan.FromSeconds(30)));
        var two = RunAsync("two", ending.Token);
        Assert.Equal("one", leader);
        Assert.Equal("one", (await _client.ReadNamespacedLeaseAsync("lead", space, cancellationToken: Cancellation)).Spec.HolderIdentity);
        Assert.False(leaders.TryTake(out _, TimeSpan.FromMilliseconds(500)));

        await first.CancelAsync();
        await EndedAsync(one);
        Assert.True(leaders.TryTake(out leader, TimeSpan.FromSeconds(30)));
        Assert.Equal("two", leader);
        await ending.CancelAsync();
        await EndedAsync(two);

        async Task RunAsync(string name, CancellationToken cancellation)
        {
            var config = new LeaderElectionConfig(new LeaseLock(_client, space, "lead", name))
            {
                LeaseDuration = TimeSpan.FromSeconds(3),
                RenewDeadline = TimeSpan.FromSeconds(2),
                RetryPeriod = TimeSpan.FromMilliseconds(200),
            };
            using var elector = new LeaderElector(config);
            elector.OnStartedLeading += () => leaders.Add(name);
            await elector.RunUntilLeadershipLostAsync(cancellation);
        }
    }

    private static async Task EndedAsync(Task elector) => await elector.WaitAsync(TimeSpan.FromSeconds(30), Cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task<string> NamespaceAsync(string name)
    {
        await _client.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = name } }, cancellationToken: Cancellation);
        return name;
    }

    private static async Task<T> UntilAsync<T>(Func<Task<T>> read, Func<T, bool> wanted)
    {
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while (true)
        {
            var now = await read();
            if (wanted(now)) return now;
            Assert.True(DateTime.UtcNow < deadline, KubernetesJson.Serialize(now));
            await Task.Delay(100, Cancellation);
        }
    }

    private static V1ConfigMap Map(string name, string count) => new() { Metadata = new V1ObjectMeta { Name = name }, Data = new Dictionary<string, string> { ["count"] = count } };

    private static V1Deployment Deployment(string name) => new()
    {
        Metadata = new V1ObjectMeta { Name = name },
        Spec = new V1DeploymentSpec
        {
            Replicas = 2,
            Selector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = name } },
            Template = new V1PodTemplateSpec
            {
                Metadata = new V1ObjectMeta { Labels = new Dictionary<string, string> { ["app"] = name } },
                Spec = new V1PodSpec { Containers = [new V1Container { Name = "c", Image = "example/any:1" }] },
            },
        },
    };
}
