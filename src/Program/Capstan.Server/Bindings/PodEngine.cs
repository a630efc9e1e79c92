using Capstan.Containers;
using Capstan.Containers.Discovery;
using Capstan.LocalCluster;
using Capstan.Server.Hosting;

namespace Capstan.Server.Bindings;

/// <summary>The engine whose containers the embedded cluster's pods become: the one that the user's own docker or podman would use.</summary>
internal sealed class PodEngine : IDisposable
{
    private PodEngine(ContainerEngine? engine, string explanation) => (Engine, Explanation) = (engine, explanation);

    /// <summary>The engine; null when pods are simulated.</summary>
    public ContainerEngine? Engine { get; }

    /// <summary>What becomes of pods, for people.</summary>
    public string Explanation { get; }

    public static async Task<PodEngine> FindAsync(ServerSettings settings, TimeProvider time, CancellationToken cancellation)
    {
        if (settings.SimulatePods)
        {
            return new PodEngine(null, "its nodes are simulated: no container runs");
        }

        var search = await EngineFinder.ForThisProcess(time).FindAsync(Owner(settings.Data), cancellation).ConfigureAwait(false);
        return search.Engine is { } engine
            ? new PodEngine(engine, $"its pods are containers of {engine.Info}")
            : new PodEngine(null, $"its nodes are simulated, no container runs: {search.Explanation}");
    }

    /// <summary>The options of the cluster; null when pods are simulated.</summary>
    public ContainerNodeOptions? Options(ServerSettings settings, IImageArchives? images) =>
        Engine is null ? null : new ContainerNodeOptions { Engine = Engine, AllowPrivilegedPods = settings.AllowPrivilegedPods, Images = images };

    public void Dispose() => Engine?.Dispose();

    // Made once and kept with the data: a folder that is moved keeps its containers, and no two folders have the same.
    private static string Owner(string data)
    {
        var file = Path.Combine(data, "containers.owner");
        if (!File.Exists(file))
        {
            File.WriteAllText(file, Guid.NewGuid().ToString("N") + "\n");
        }

        return File.ReadAllText(file).Trim();
    }
}
