using Capstan.Containers.Containers;
using Capstan.Containers.Discovery;
using Capstan.Containers.Images;
using Capstan.Containers.Networks;
using Docker.DotNet;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.Containers;

/// <summary>
/// A container engine as one owner uses it: what it makes carries the owner's label, what it lists, takes over and removes is the owner's
/// alone. Several owners (two data folders, the node and the runner of workflows) share an engine without seeing each other.
/// </summary>
public sealed class ContainerEngine : IDisposable
{
    private readonly DockerClient _client;

    private ContainerEngine(DockerClient client, EngineInfo info, string owner, TimeProvider time)
    {
        _client = client;
        Info = info;
        Owner = owner;
        var call = new EngineCall(info.Address, time);
        Images = new EngineImages(client, call, info, owner);
        Networks = new EngineNetworks(client, call, owner);
        Containers = new EngineContainers(client, call, info, owner);
    }

    /// <summary>What it is.</summary>
    public EngineInfo Info { get; }

    /// <summary>Whose containers, networks and images are seen through this.</summary>
    public string Owner { get; }

    /// <summary>The owner's containers.</summary>
    public EngineContainers Containers { get; }

    /// <summary>The images in the engine's store.</summary>
    public EngineImages Images { get; }

    /// <summary>The owner's networks.</summary>
    public EngineNetworks Networks { get; }

    /// <summary>Opens an engine that is running.</summary>
    /// <param name="address"><c>unix:///path</c>, <c>tcp://host:port</c> or <c>npipe://…</c>.</param>
    /// <param name="owner">Who owns what is made through it: a name that is the same after a restart and differs from everybody else's.</param>
    /// <param name="time">The clock of time limits.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="ContainerEngineException">Nothing answers there.</exception>
    public static async Task<ContainerEngine> ConnectAsync(Uri address, string owner, TimeProvider time, CancellationToken cancellation)
    {
        var client = Client(address);
        try
        {
            var info = await EngineProbe.AskAsync(client, address, new EngineCall(address, time), cancellation).ConfigureAwait(false);
            return new ContainerEngine(client, info, owner, time);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    // Time limits are those of each call: a wait or a stream of logs may take days.
    internal static DockerClient Client(Uri address) =>
        new DockerClientBuilder().WithEndpoint(address).WithTimeout(Timeout.InfiniteTimeSpan).WithLogger(NullLogger.Instance).Build();
}
