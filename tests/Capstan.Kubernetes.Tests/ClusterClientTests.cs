using Capstan.Resources;
using Capstan.Testing;
using Capstan.Yaml;

namespace Capstan.Kubernetes.Tests;

public sealed class ClusterClientTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Discovery_knows_kinds_by_all_their_names()
    {
        using var client = await Clusters.ClientAsync();
        var discovery = await client.DiscoverAsync(cancellation: Cancel);
        Assert.Empty(discovery.Failures);
        Assert.All(
            new[] { "deployments", "deployment", "deploy", "Deployment", "deployments.apps", "deployments.v1.apps" },
            name => Assert.Equal(Clusters.Deployment, discovery.FindByName(name)?.Kind));
        Assert.Equal(Clusters.ConfigMap, discovery.FindByName("cm")?.Kind);
        Assert.False(discovery.Find(new GroupVersionKind("", "v1", "Namespace"))!.Namespaced);
        Assert.Contains("scale", discovery.Find(Clusters.Deployment)!.Subresources);
    }

    [Fact]
    public async Task An_unknown_kind_is_named_with_a_hint()
    {
        using var client = await Clusters.ClientAsync();
        var error = await Assert.ThrowsAsync<UnknownKindException>(() => client.ApplyAsync(
            Clusters.Object("""{"apiVersion":"example.com/v1","kind":"Nothing","metadata":{"name":"x"}}"""), cancellation: Cancel));
        Assert.Equal("example.com/v1, Kind=Nothing: cluster real-cluster has no such kind. Is the CustomResourceDefinition of Nothing.example.com installed?", error.Message);
        var old = await Assert.ThrowsAsync<UnknownKindException>(() => client.ResolveAsync(new GroupVersionKind("apps", "v1beta1", "Deployment"), Cancel));
        Assert.Contains("serves Deployment as apps/v1 only", old.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_object_is_applied_read_patched_and_deleted()
    {
        using var client = await Clusters.ClientAsync();
        var space = await Clusters.NamespaceAsync(client);
        var maps = await client.ResolveAsync(Clusters.ConfigMap, Cancel);
        var first = await client.ApplyAsync(Clusters.Config(space, "a"), cancellation: Cancel);
        var again = await client.ApplyAsync(Clusters.Config(space, "a"), cancellation: Cancel);
        Assert.True(first.Created);
        Assert.False(again.Created);
        Assert.Equal(first.Object.ResourceVersion, again.Object.ResourceVersion);

        var patched = await client.PatchAsync(maps, space, "a", PatchKind.Merge, JsonText.Read("""{"data":{"value":"2"}}"""), cancellation: Cancel);
        Assert.Equal("2", patched.Object.Body.At("data", "value")?.AsString());
        Assert.Equal("2", (await client.FindAsync(patched.Object.Key, Cancel))!.Body.At("data", "value")?.AsString());

        var successor = await Assert.ThrowsAsync<KubernetesException>(() => client.DeleteAsync(maps, space, "a", new DeleteOptions { Uid = "another" }, Cancel));
        Assert.True(successor.IsConflict);
        Assert.True(await client.DeleteAsync(maps, space, "a", new DeleteOptions { Uid = patched.Object.Uid }, Cancel));
        Assert.False(await client.DeleteAsync(maps, space, "a", null, Cancel));
        Assert.Null(await client.FindAsync(patched.Object.Key, Cancel));
    }

    [Fact]
    public async Task A_field_of_another_manager_is_a_conflict_that_names_it()
    {
        using var client = await Clusters.ClientAsync();
        var space = await Clusters.NamespaceAsync(client);
        await client.ApplyAsync(Clusters.Config(space, "a"), new ApplyOptions { FieldManager = "first" }, Cancel);
        var error = await Assert.ThrowsAsync<KubernetesException>(() =>
            client.ApplyAsync(Clusters.Config(space, "a", "2"), new ApplyOptions { FieldManager = "second" }, Cancel));
        Assert.True(error.IsConflict);
        Assert.Equal(".data.value", Assert.Single(error.Causes).Field);
        Assert.Contains("first", error.Causes[0].Message, StringComparison.Ordinal);
        var forced = await client.ApplyAsync(Clusters.Config(space, "a", "2"), new ApplyOptions { FieldManager = "second", Force = true }, Cancel);
        Assert.Equal("2", forced.Object.Body.At("data", "value")?.AsString());
    }

    [Fact]
    public async Task A_dry_run_changes_nothing()
    {
        using var client = await Clusters.ClientAsync();
        var space = await Clusters.NamespaceAsync(client);
        var result = await client.ApplyAsync(Clusters.Config(space, "a"), new ApplyOptions { DryRun = true }, Cancel);
        Assert.Equal("a", result.Object.Name);
        Assert.Null(await client.FindAsync(result.Object.Key, Cancel));
    }

    [Fact]
    public async Task An_invalid_object_tells_every_field_and_a_secret_value_is_not_told()
    {
        using var client = await Clusters.ClientAsync();
        var space = await Clusters.NamespaceAsync(client);
        var invalid = await Assert.ThrowsAsync<KubernetesException>(() => client.CreateAsync(
            Clusters.Object($$$$"""{"apiVersion":"v1","kind":"Service","metadata":{"name":"UPPER","namespace":"{{{{space}}}}"},"spec":{"ports":[{"port":99999}]} }"""), cancellation: Cancel));
        Assert.True(invalid.IsInvalid, invalid.ToString());
        Assert.Equal(["metadata.name", "spec.ports[0].port", "spec.ports[0].targetPort"], invalid.Causes.Select(c => c.Field).Distinct().Order());

        var secret = await Assert.ThrowsAsync<KubernetesException>(() => client.CreateAsync(
            Clusters.Object($$$$"""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s","namespace":"{{{{space}}}}"},"data":{"p":"hunter2-is-no-base64!"} }"""), cancellation: Cancel));
        Assert.DoesNotContain("hunter2", secret.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_of_many_pages_is_whole_and_items_know_their_kind()
    {
        using var client = await Clusters.ClientAsync();
        var space = await Clusters.NamespaceAsync(client);
        await Task.WhenAll(Enumerable.Range(0, 25).Select(i => client.ApplyAsync(Clusters.Config(space, $"c{i}"), cancellation: Cancel)));
        var maps = await client.ResolveAsync(Clusters.ConfigMap, Cancel);
        var list = await client.ListAsync(maps, new ListOptions { Namespace = space, PageSize = 10, FieldSelector = "metadata.name!=kube-root-ca.crt" }, Cancel);
        Assert.Equal(25, list.Items.Count);
        Assert.All(list.Items, item => Assert.Equal(Clusters.ConfigMap, item.GroupVersionKind));
    }

    [Fact]
    public async Task A_watch_tells_changes_in_order_and_an_old_version_is_gone_or_served()
    {
        using var client = await Clusters.ClientAsync();
        var space = await Clusters.NamespaceAsync(client);
        var maps = await client.ResolveAsync(Clusters.ConfigMap, Cancel);
        var options = new ListOptions { Namespace = space, FieldSelector = "metadata.name=a" };
        var start = (await client.ListAsync(maps, options, Cancel)).ResourceVersion;
        await client.ApplyAsync(Clusters.Config(space, "a"), cancellation: Cancel);
        await client.ApplyAsync(Clusters.Config(space, "a", "2"), cancellation: Cancel);
        await client.DeleteAsync(maps, space, "a", null, Cancel);
        var seen = new List<WatchEventKind>();
        await foreach (var change in client.WatchAsync(maps, start, options, Cancel))
        {
            seen.Add(change.Kind);
            if (change.Kind == WatchEventKind.Deleted)
            {
                break;
            }
        }

        Assert.Equal([WatchEventKind.Added, WatchEventKind.Modified, WatchEventKind.Deleted], seen);
    }

    [Fact]
    public async Task A_deployment_becomes_available_on_the_test_node()
    {
        using var client = await Clusters.ClientAsync();
        var space = await Clusters.NamespaceAsync(client);
        await using var node = await TestNode.StartAsync(client, cancellation: Cancel);
        await client.ApplyAsync(
            Clusters.Object($$$$"""
                {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"{{{{space}}}}"},"spec":{"replicas":2,"selector":{"matchLabels":{"app":"web"}},
                "template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"web","image":"example/web:1"}]} }}}
                """),
            cancellation: Cancel);
        await client.ApplyAsync(
            Clusters.Object($$$$"""
                {"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"job","namespace":"{{{{space}}}}"},
                "spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"job","image":"example/job:1"}]} }}}
                """),
            cancellation: Cancel);
        var (web, job) = (Clusters.Object("{}"), Clusters.Object("{}"));
        await Clusters.EventuallyAsync(
            async () =>
            {
                web = (await client.FindAsync(new ObjectKey(Clusters.Deployment.GroupKind, space, "web"), Cancel))!;
                job = (await client.FindAsync(new ObjectKey(new GroupKind("batch", "Job"), space, "job"), Cancel))!;
                return web.Status["availableReplicas"]?.ToString() == "2" && job.Status["succeeded"]?.ToString() == "1";
            },
            () => $"{web.Status} {job.Status} {string.Join('\n', node.Errors)}");
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_unreachable_and_says_how()
    {
        using var client = Clusters.Client(ClusterConnection.From("nowhere", "http://127.0.0.1:1", ServerTrust.System));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var error = await Assert.ThrowsAsync<ClusterUnreachableException>(() => client.DiscoverAsync(cancellation: limit.Token));
        Assert.True(error.NeverSent);
        Assert.StartsWith("cluster nowhere (http://127.0.0.1:1) is not reachable: no connection: ", error.Message, StringComparison.Ordinal);
    }
}
