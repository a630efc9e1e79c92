using System.Diagnostics;
using Capstan.Resources;
using Capstan.Testing;
using Capstan.Yaml;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.Kubernetes.Tests;

/// <summary>What the tests against a real API server share.</summary>
internal static class Clusters
{
    public static readonly GroupVersionKind ConfigMap = new("", "v1", "ConfigMap");
    public static readonly GroupVersionKind Deployment = new("apps", "v1", "Deployment");

    public static async Task<ClusterClient> ClientAsync() => Client(ClusterConnection.FromKubeconfig(await RealCluster.KubeconfigAsync()));

    public static ClusterClient Client(ClusterConnection connection) => new(connection, TimeProvider.System, NullLogger.Instance);

    public static KubernetesObject Object(string json) => new((YamlMap)JsonText.Read(json));

    public static KubernetesObject Config(string space, string name, string value = "1") => Object(
        $$$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{{name}}}}","namespace":"{{{{space}}}}"},"data":{"value":"{{{{value}}}}"}}""");

    public static async Task<string> NamespaceAsync(ClusterClient client)
    {
        var name = $"t-{Guid.NewGuid():N}"[..12];
        await client.CreateAsync(Object($$$$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{{{name}}}}"}}"""));
        return name;
    }

    /// <summary>Asks until the answer is yes, or fails with what the caller saw last.</summary>
    public static async Task EventuallyAsync(Func<Task<bool>> ask, Func<string> seen, int seconds = 30)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await ask())
        {
            Assert.True(Stopwatch.GetElapsedTime(started).TotalSeconds < seconds, $"not within {seconds} s: {seen()}");
            await Task.Delay(25, TestContext.Current.CancellationToken);
        }
    }

    public static Task EventuallyAsync(Func<bool> ask, Func<string> seen, int seconds = 30) => EventuallyAsync(() => Task.FromResult(ask()), seen, seconds);
}
