using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Server.Hosting;
using Capstan.Yaml;

namespace Capstan.Server.Platform;

/// <summary>What has to be in a cluster before Applications can be: namespaces, Argo CD's kinds, the project <c>default</c>, and the
/// Application over the platform repository. What is there already is left alone.</summary>
internal static class FirstObjects
{
    public const string OwnNamespace = "capstan";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly WriteOptions Writing = new() { FieldManager = "capstan" };

    public static async Task EnsureAsync(ClusterClient cluster, ServerSettings settings, string? platformUrl, CancellationToken cancellation)
    {
        var spaces = settings.UsesLocalCluster ? settings.AppNamespaces.Append(OwnNamespace).Distinct() : [OwnNamespace];
        foreach (var space in spaces) await CreateAsync(cluster, Namespace(space), cancellation).ConfigureAwait(false);
        var objects = YamlText.ReadAll(Text()).OfType<YamlMap>().Select(m => new KubernetesObject(m)).ToList();
        foreach (var wanted in objects) await CreateAsync(cluster, wanted, cancellation).ConfigureAwait(false);
        await ServedAsync(cluster, objects, cancellation).ConfigureAwait(false);
        if (platformUrl is not null) await cluster.ApplyAsync(Root(platformUrl), new ApplyOptions { Force = true }, cancellation).ConfigureAwait(false);
    }

    /// <summary>A kind that was defined a moment ago may not be served yet.</summary>
    private static async Task CreateAsync(ClusterClient cluster, KubernetesObject wanted, CancellationToken cancellation)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                if (await cluster.FindAsync(wanted.Key, cancellation).ConfigureAwait(false) is null) await cluster.CreateAsync(wanted, Writing, cancellation).ConfigureAwait(false);
                return;
            }
            catch (KubernetesException e) when (e.IsAlreadyExists)
            {
                return;
            }
            catch (Exception e) when (IsTooEarly(e) && TimeProvider.System.GetElapsedTime(started) < Patience)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Waits until every kind that was defined is served: a data folder of an earlier version lacks some, and what follows asks for them.</summary>
    private static async Task ServedAsync(ClusterClient cluster, IEnumerable<KubernetesObject> objects, CancellationToken cancellation)
    {
        var kinds = objects.Where(o => o.Kind == "CustomResourceDefinition")
            .Select(o => new GroupKind(o.Spec["group"]?.AsString() ?? "", o.Spec.At("names", "kind")?.AsString() ?? "")).ToList();
        var started = TimeProvider.System.GetTimestamp();
        for (var refresh = false; ; refresh = true)
        {
            var discovery = await cluster.DiscoverAsync(refresh, cancellation).ConfigureAwait(false);
            if (kinds.TrueForAll(k => discovery.Find(k) is not null) || TimeProvider.System.GetElapsedTime(started) >= Patience) return;
            if (refresh) await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellation).ConfigureAwait(false);
        }
    }

    private static bool IsTooEarly(Exception e) => e is UnknownKindException or KubernetesException { IsNotFound: true };

    private static KubernetesObject Namespace(string name) =>
        new(YamlMap.Of(("apiVersion", "v1"), ("kind", "Namespace"), ("metadata", YamlMap.Of(("name", name)))));

    private static KubernetesObject Root(string url) => new(YamlMap.Of(
        ("apiVersion", "argoproj.io/v1alpha1"),
        ("kind", "Application"),
        ("metadata", YamlMap.Of(("name", PlatformRepository.Name), ("namespace", OwnNamespace))),
        ("spec", YamlMap.Of(
            ("project", "default"),
            ("source", YamlMap.Of(("repoURL", url), ("path", PlatformRepository.Folder), ("targetRevision", PlatformRepository.Branch))),
            ("destination", YamlMap.Of(("server", "https://kubernetes.default.svc"), ("namespace", OwnNamespace))),
            ("syncPolicy", YamlMap.Of(("automated", YamlMap.Of(("prune", true), ("selfHeal", true), ("allowEmpty", true)))))))));

    private static byte[] Text()
    {
        using var stream = typeof(FirstObjects).Assembly.GetManifestResourceStream("platform/first.yaml")!;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
