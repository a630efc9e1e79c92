using Docker.DotNet;
using Docker.DotNet.Models;

namespace Capstan.Containers.Networks;

/// <summary>A network of containers.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Subnet">Its addresses (<c>10.89.0.0/24</c>); empty when the engine does not tell.</param>
/// <param name="Gateway">The machine's own address in it; empty when the engine does not tell.</param>
/// <param name="Labels">All of its labels.</param>
public sealed record NetworkDetails(string Id, string Name, string Subnet, string Gateway, IReadOnlyDictionary<string, string> Labels);

/// <summary>A network as it shall be.</summary>
/// <param name="Name">Its name.</param>
public sealed record NetworkSpec(string Name)
{
    /// <summary>Its addresses; empty for the engine's choice.</summary>
    public string Subnet { get; init; } = "";

    /// <summary>Whether its containers reach nothing outside.</summary>
    public bool Internal { get; init; }

    /// <summary>Labels besides the owner's.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>The driver's own options.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();
}

/// <summary>The networks of one owner: bridges on which containers find each other by name.</summary>
public sealed class EngineNetworks
{
    private readonly DockerClient _client;
    private readonly EngineCall _call;
    private readonly string _owner;

    internal EngineNetworks(DockerClient client, EngineCall call, string owner) => (_client, _call, _owner) = (client, call, owner);

    /// <summary>A network by name; null when there is none of the owner's.</summary>
    public async Task<NetworkDetails?> InspectAsync(string name, CancellationToken cancellation)
    {
        try
        {
            var said = await _call.QuickAsync($"network {name}: looking at it", token => _client.Networks.InspectNetworkAsync(name, token), cancellation).ConfigureAwait(false);
            return OwnershipLabels.IsOwn(_owner, said.Labels) ? Details(said) : null;
        }
        catch (ContainerEngineException gone) when (gone.Problem == EngineProblem.NotFound)
        {
            return null;
        }
    }

    /// <summary>Makes a network, or takes the owner's own of that name.</summary>
    /// <exception cref="ContainerEngineException">Conflict: somebody else has a network of that name.</exception>
    public async Task<NetworkDetails> EnsureAsync(NetworkSpec spec, CancellationToken cancellation)
    {
        if (await InspectAsync(spec.Name, cancellation).ConfigureAwait(false) is { } known)
        {
            return known;
        }

        var parameters = new NetworksCreateParameters
        {
            Name = spec.Name,
            Driver = "bridge",
            Internal = spec.Internal,
            IPAM = spec.Subnet.Length == 0 ? null : new IPAM { Config = [new IPAMConfig { Subnet = spec.Subnet }] },
            Labels = OwnershipLabels.With(_owner, spec.Labels),
            Options = spec.Options.ToDictionary(),
        };
        await _call.QuickAsync($"network {spec.Name}: making it", token => _client.Networks.CreateNetworkAsync(parameters, token), cancellation).ConfigureAwait(false);
        return await InspectAsync(spec.Name, cancellation).ConfigureAwait(false)
            ?? throw new ContainerEngineException(EngineProblem.Conflict, $"network {spec.Name}: it belongs to somebody else");
    }

    /// <summary>Removes a network; nothing happens when it is gone.</summary>
    /// <exception cref="ContainerEngineException">A container is still in it.</exception>
    public async Task RemoveAsync(string name, CancellationToken cancellation)
    {
        try
        {
            await _call.QuickAsync($"network {name}: removing it", token => _client.Networks.DeleteNetworkAsync(name, token), cancellation).ConfigureAwait(false);
        }
        catch (ContainerEngineException gone) when (gone.Problem == EngineProblem.NotFound)
        {
            return;
        }
    }

    /// <summary>The owner's networks.</summary>
    /// <param name="labels">Only those with all of these labels; null for all.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    public async Task<IReadOnlyList<NetworkDetails>> ListAsync(IReadOnlyDictionary<string, string>? labels, CancellationToken cancellation)
    {
        var wanted = labels ?? new Dictionary<string, string>();
        var parameters = new NetworksListParameters { Filters = OwnershipLabels.Filter(_owner, wanted) };
        var listed = await _call.QuickAsync("listing networks", token => _client.Networks.ListNetworksAsync(parameters, token), cancellation).ConfigureAwait(false);
        return [.. listed.Where(n => OwnershipLabels.IsOwn(_owner, n.Labels) && wanted.All(l => n.Labels.TryGetValue(l.Key, out var v) && v == l.Value)).Select(Details)];
    }

    private static NetworkDetails Details(NetworkResponse said)
    {
        var first = said.IPAM?.Config?.FirstOrDefault(c => !string.IsNullOrEmpty(c.Subnet) && c.Subnet.Contains('.', StringComparison.Ordinal));
        return new NetworkDetails(said.ID, said.Name, first?.Subnet ?? "", first?.Gateway ?? "", new Dictionary<string, string>(said.Labels ?? new Dictionary<string, string>(), StringComparer.Ordinal));
    }
}
