using System.Collections.Concurrent;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Testing;

/// <summary>
/// A node without a kubelet for real API servers: binds every pod, says that it runs and is ready, lets the pods of Jobs succeed, and
/// removes the ones that are deleted. Link this file into a test project by Compile Include.
/// </summary>
public sealed class TestNode : IAsyncDisposable
{
    private readonly ClusterClient _client;
    private readonly string _name;
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<string, bool> _unready = new();
    private int _address;
    private Task _work = Task.CompletedTask;

    private TestNode(ClusterClient client, string name) => (_client, _name) = (client, name);

    /// <summary>What went wrong in the loop, for the message of a failing test.</summary>
    public ConcurrentQueue<string> Errors { get; } = new();

    /// <summary>Registers a node and begins to run pods.</summary>
    public static async Task<TestNode> StartAsync(ClusterClient client, string name = "test-node", CancellationToken cancellation = default)
    {
        var node = new TestNode(client, name);
        var nodes = await client.ResolveAsync(new GroupVersionKind("", "v1", "Node"), cancellation);
        var created = (YamlMap)JsonText.Read($$$$"""
            {"apiVersion":"v1","kind":"Node","metadata":{"name":"{{{{name}}}}","labels":{"kubernetes.io/hostname":"{{{{name}}}}","kubernetes.io/os":"linux"}}}
            """);
        await client.ApplyAsync(new KubernetesObject(created), new ApplyOptions { FieldManager = "test-node", Force = true }, cancellation);
        var now = Now();
        await client.PatchAsync(nodes, "", name, PatchKind.Merge, JsonText.Read($$$$"""
            {"status":{"capacity":{"cpu":"64","memory":"256Gi","pods":"10000"},"allocatable":{"cpu":"64","memory":"256Gi","pods":"10000"},
            "conditions":[{"type":"Ready","status":"True","reason":"TestNode","lastHeartbeatTime":"{{{{now}}}}","lastTransitionTime":"{{{{now}}}}"}]}}
            """), subresource: "status", cancellation: cancellation);
        await client.PatchAsync(nodes, "", name, PatchKind.Merge, JsonText.Read("""{"spec":{"taints":null}}"""), cancellation: cancellation);
        node._work = Task.Run(() => node.RunAsync(node._end.Token), CancellationToken.None);
        return node;
    }

    /// <summary>Pods whose name begins so run but never become ready.</summary>
    public void KeepUnready(string namePrefix) => _unready[namePrefix] = true;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _work;
        _end.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error) when (error is KubernetesException or ClusterUnreachableException)
            {
                Errors.Enqueue(error.Message);
                await Task.Delay(200, CancellationToken.None);
            }
        }
    }

    private async Task FollowAsync(CancellationToken cancellation)
    {
        var pods = await _client.ResolveAsync(new GroupVersionKind("", "v1", "Pod"), cancellation);
        var list = await _client.ListAsync(pods, cancellation: cancellation);
        foreach (var pod in list.Items)
        {
            await StepAsync(pods, pod, cancellation);
        }

        var version = list.ResourceVersion;
        while (true)
        {
            await foreach (var change in _client.WatchAsync(pods, version, cancellation: cancellation))
            {
                version = change.Object.ResourceVersion;
                if (change.Kind is WatchEventKind.Added or WatchEventKind.Modified)
                {
                    await StepAsync(pods, change.Object, cancellation);
                }
            }
        }
    }

    private async Task StepAsync(ApiResource pods, KubernetesObject pod, CancellationToken cancellation)
    {
        try
        {
            await StepOnceAsync(pods, pod, cancellation);
        }
        catch (KubernetesException error) when (error.IsNotFound || error.IsConflict || error.IsAlreadyExists)
        {
            // It changed or went meanwhile; its next event brings it again.
        }
    }

    private async Task StepOnceAsync(ApiResource pods, KubernetesObject pod, CancellationToken cancellation)
    {
        if (pod.DeletionTimestamp is not null)
        {
            await _client.DeleteAsync(pods, pod.Namespace, pod.Name, new DeleteOptions { GracePeriodSeconds = 0, Uid = pod.Uid }, cancellation);
        }
        else if (pod.Spec["nodeName"]?.AsString() is not { Length: > 0 } node)
        {
            await BindAsync(pod, cancellation);
        }
        else if (node == _name && pod.Status["phase"]?.AsString() is null or "" or "Pending")
        {
            await _client.PatchAsync(pods, pod.Namespace, pod.Name, PatchKind.Merge, Status(pod), subresource: "status", cancellation: cancellation);
        }
    }

    private async Task BindAsync(KubernetesObject pod, CancellationToken cancellation)
    {
        var bindings = new ApiResource(new GroupVersionKind("", "v1", "Binding"), "bindings", true, ResourceVerbs.Create);
        var binding = JsonText.Read($$$$"""
            {"apiVersion":"v1","kind":"Binding","metadata":{"name":"{{{{pod.Name}}}}","namespace":"{{{{pod.Namespace}}}}","uid":"{{{{pod.Uid}}}}"},
            "target":{"apiVersion":"v1","kind":"Node","name":"{{{{_name}}}}"}}
            """);
        await _client.CreateAsync(bindings, new KubernetesObject((YamlMap)binding), cancellation: cancellation);
    }

    private YamlMap Status(KubernetesObject pod)
    {
        var isOfJob = (pod.Metadata["ownerReferences"] as YamlList)?.OfType<YamlMap>().Any(o => o["kind"]?.AsString() == "Job") == true;
        var isReady = !isOfJob && !_unready.Keys.Any(prefix => pod.Name.StartsWith(prefix, StringComparison.Ordinal));
        var now = Now();
        var state = isOfJob
            ? $$$$"""{"terminated":{"exitCode":0,"reason":"Completed","startedAt":"{{{{now}}}}","finishedAt":"{{{{now}}}}"}}"""
            : $$$$"""{"running":{"startedAt":"{{{{now}}}}"}}""";
        var containers = (pod.Spec["containers"] as YamlList ?? YamlList.Empty).OfType<YamlMap>().Select(c => $$$$"""
            {"name":{{{{JsonText.Write(c["name"]!)}}}},"image":{{{{JsonText.Write(c["image"] ?? "")}}}},"imageID":"","ready":{{{{(isReady ? "true" : "false")}}}},"restartCount":0,"started":true,"state":{{{{state}}}}}
            """);
        var number = Interlocked.Increment(ref _address);
        var conditions = string.Join(',', new[] { "Initialized", "Ready", "ContainersReady", "PodScheduled" }.Select(type =>
            $$$$"""{"type":"{{{{type}}}}","status":"{{{{(isReady || type is "Initialized" or "PodScheduled" ? "True" : "False")}}}}","lastTransitionTime":"{{{{now}}}}"}"""));
        return (YamlMap)JsonText.Read($$$$"""
            {"status":{"phase":"{{{{(isOfJob ? "Succeeded" : "Running")}}}}","startTime":"{{{{now}}}}","hostIP":"127.0.0.1","podIP":"10.1.{{{{number / 250 % 250}}}}.{{{{(number % 250) + 1}}}}",
            "conditions":[{{{{conditions}}}}],"containerStatuses":[{{{{string.Join(',', containers)}}}}]}}
            """);
    }

    private static string Now() => DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
}
