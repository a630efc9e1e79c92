using Capstan.Containers;
using Capstan.Containers.Discovery;
using Capstan.Containers.Podman;
using Capstan.LocalCluster;
using Capstan.Server.Hosting;
using System.Security.Cryptography;
using System.Text;

namespace Capstan.Server.Bindings;

/// <summary>
/// The engine whose containers the embedded cluster's pods become: the one that the user's own docker or podman would use; where none answers and the server was started
/// with containers of its own, a Podman service in the data folder.
/// </summary>
internal sealed class PodEngine : IAsyncDisposable
{
    private static readonly TimeSpan Ending = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(300);
    private readonly PodmanService? _podman;
    private readonly bool _endsWithServer;

    private PodEngine(ContainerEngine? engine, string explanation, PodmanService? podman = null, bool endsWithServer = false) =>
        (Engine, Explanation, _podman, _endsWithServer) = (engine, explanation, podman, endsWithServer);

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

        var owner = Owner(settings.Data);
        var search = await EngineFinder.ForThisProcess(time).FindAsync(owner, cancellation).ConfigureAwait(false);
        if (search.Engine is { } engine) return new PodEngine(engine, $"its pods are containers of {engine.Info}", endsWithServer: settings.OwnContainers);
        if (!settings.OwnContainers || search.Tried.Count > 0) return new PodEngine(null, $"its nodes are simulated, no container runs: {search.Explanation}");
        try
        {
            // Short, for the socket's path, and emptied by a restart of the machine, as what is in it describes processes.
            var run = Path.Combine("/run", "capstan-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(settings.Data)))[..12]);
            var podman = await PodmanService.StartAsync(new PodmanOptions { DataFolder = Path.Combine(settings.Data, "podman"), RunFolder = run }, time, cancellation).ConfigureAwait(false);
            var own = await ContainerEngine.ConnectAsync(podman.Options.Address, owner, time, cancellation).ConfigureAwait(false);
            return new PodEngine(own, $"its pods are containers of {own.Info}, a service of its own", podman, endsWithServer: true);
        }
        catch (Exception e) when (e is ContainerEngineException or IOException or UnauthorizedAccessException)
        {
            return new PodEngine(null, $"its nodes are simulated, no container runs: {e.Message}");
        }
    }

    /// <summary>The options of the cluster; null when pods are simulated.</summary>
    public ContainerNodeOptions? Options(ServerSettings settings, IImageArchives? images) =>
        Engine is null ? null : new ContainerNodeOptions { Engine = Engine, AllowPrivilegedPods = settings.AllowPrivilegedPods, Images = images };

    public async ValueTask DisposeAsync()
    {
        if (Engine is { } engine)
        {
            if (_endsWithServer) await EndAsync(engine).ConfigureAwait(false);
            engine.Dispose();
        }

        if (_podman is not null) await _podman.RemoveAsync().ConfigureAwait(false);
    }

    // A container that was being started or stopped when the cluster ended refuses for a moment. What cannot be removed in time is found by its owner's label at the next start.
    private static async Task EndAsync(ContainerEngine engine)
    {
        using var limit = new CancellationTokenSource(Ending);
        while (!limit.IsCancellationRequested)
        {
            try
            {
                await engine.Containers.ReapAsync(null, _ => false, limit.Token).ConfigureAwait(false);
                if ((await engine.Containers.ListAsync(null, limit.Token).ConfigureAwait(false)).Count > 0)
                {
                    // One that is being stopped at this moment counts as removed, and is there.
                    await Task.Delay(Again, TimeProvider.System, limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    continue;
                }

                foreach (var network in await engine.Networks.ListAsync(null, limit.Token).ConfigureAwait(false)) await engine.Networks.RemoveAsync(network.Name, limit.Token).ConfigureAwait(false);
                return;
            }
            catch (ContainerEngineException)
            {
                await Task.Delay(Again, TimeProvider.System, limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

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
