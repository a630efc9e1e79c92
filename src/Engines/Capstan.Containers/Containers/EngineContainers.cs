using Capstan.Containers.Discovery;
using Docker.DotNet;
using Docker.DotNet.Models;

namespace Capstan.Containers.Containers;

/// <summary>The containers of one owner. What is not the owner's is neither listed nor removed.</summary>
public sealed partial class EngineContainers
{
    private static readonly Dictionary<string, string> NoLabels = [];
    private readonly DockerClient _client;
    private readonly EngineCall _call;
    private readonly EngineInfo _info;
    private readonly string _owner;
    private readonly SpecTranslation _translation;

    internal EngineContainers(DockerClient client, EngineCall call, EngineInfo info, string owner) =>
        (_client, _call, _info, _owner, _translation) = (client, call, info, owner, new SpecTranslation(info, owner));

    /// <summary>Makes a container; it does not run yet.</summary>
    /// <returns>Its id.</returns>
    /// <exception cref="ContainerEngineException">
    /// ImageNotFound, Conflict (the name is taken), Refused (a mount holds the engine's socket), Invalid (a folder is not there).
    /// </exception>
    public async Task<string> CreateAsync(ContainerSpec spec, CancellationToken cancellation)
    {
        var wanted = _translation.Translate(spec);
        var made = await _call.QuickAsync($"container {spec.Name}: making it", token => _client.Containers.CreateContainerAsync(wanted, token), cancellation).ConfigureAwait(false);
        return made.ID;
    }

    /// <summary>Starts a container; nothing happens when it runs already.</summary>
    /// <exception cref="ContainerEngineException">Invalid: the program is not in the image.</exception>
    public Task StartAsync(string id, CancellationToken cancellation) =>
        _call.QuickAsync($"container {Short(id)}: starting it", token => _client.Containers.StartContainerAsync(id, new ContainerStartParameters(), token), cancellation);

    /// <summary>Waits until a container has ended.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> WaitAsync(string id, CancellationToken cancellation)
    {
        var ended = await _call.LongAsync($"container {Short(id)}: waiting for its end", token => _client.Containers.WaitContainerAsync(id, token), cancellation).ConfigureAwait(false);
        return (int)ended.StatusCode;
    }

    /// <summary>Sends a signal to a container's first process; nothing happens when it has ended or is gone.</summary>
    /// <param name="id">The container.</param>
    /// <param name="signal">The signal, such as <c>TERM</c>; empty for the one that its image asks to be stopped with.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    public Task KillAsync(string id, string signal, CancellationToken cancellation) => UnlessGoneAsync(
        $"container {Short(id)}: sending {signal}", token => _client.Containers.KillContainerAsync(id, new ContainerKillParameters { Signal = signal }, token), cancellation);

    /// <summary>Asks a container to end and kills it when it has not within the time; nothing happens when it has ended or is gone.</summary>
    public Task StopAsync(string id, TimeSpan grace, CancellationToken cancellation) => UnlessGoneAsync(
        $"container {Short(id)}: stopping it",
        token => _client.Containers.StopContainerAsync(id, new ContainerStopParameters { WaitBeforeKillSeconds = (uint)Math.Ceiling(grace.TotalSeconds) }, token), cancellation, grace);

    /// <summary>Removes a container with its anonymous volumes, running or not; nothing happens when it is gone.</summary>
    public Task RemoveAsync(string id, CancellationToken cancellation) => UnlessGoneAsync(
        $"container {Short(id)}: removing it",
        token => _client.Containers.RemoveContainerAsync(id, new ContainerRemoveParameters { Force = true, RemoveVolumes = true }, token), cancellation);

    /// <summary>Makes an image of what a container's files are now.</summary>
    public Task CommitAsync(string id, string repository, string tag, CancellationToken cancellation) => _call.LongAsync(
        $"image {repository}:{tag}: making it of a container",
        token => _client.Images.CommitContainerChangesAsync(new CommitContainerChangesParameters { ContainerID = id, RepositoryName = repository, Tag = tag }, token), cancellation);

    /// <summary>What a container is doing; null when there is none of the owner's with this id or name.</summary>
    public async Task<ContainerStatus?> InspectAsync(string idOrName, CancellationToken cancellation)
    {
        try
        {
            var said = await _call.QuickAsync($"container {Short(idOrName)}: looking at it", token => _client.Containers.InspectContainerAsync(idOrName, token), cancellation).ConfigureAwait(false);
            return OwnershipLabels.IsOwn(_owner, said.Config?.Labels) ? StatusTranslation.Status(said, _info.SharesKernel) : null;
        }
        catch (ContainerEngineException gone) when (gone.Problem == EngineProblem.NotFound)
        {
            return null;
        }
    }

    /// <summary>The owner's containers, running or not.</summary>
    /// <param name="labels">Only those with all of these labels; null for all.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    public async Task<IReadOnlyList<ContainerSummary>> ListAsync(IReadOnlyDictionary<string, string>? labels, CancellationToken cancellation)
    {
        var parameters = new ContainersListParameters { All = true, Filters = OwnershipLabels.Filter(_owner, labels ?? NoLabels) };
        var listed = await _call.QuickAsync("listing containers", token => _client.Containers.ListContainersAsync(parameters, token), cancellation).ConfigureAwait(false);

        // Engines differ in how they read several labels; what is not asked for must never slip in.
        return [.. listed.Where(c => OwnershipLabels.IsOwn(_owner, c.Labels) && (labels ?? NoLabels).All(l => c.Labels.TryGetValue(l.Key, out var v) && v == l.Value)).Select(StatusTranslation.Summary)];
    }

    /// <summary>Removes those of the owner's containers that nobody needs.</summary>
    /// <param name="labels">Only those with all of these labels are looked at; null for all.</param>
    /// <param name="keep">Whether one stays.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <returns>What was removed.</returns>
    public async Task<IReadOnlyList<ContainerSummary>> ReapAsync(IReadOnlyDictionary<string, string>? labels, Func<ContainerSummary, bool> keep, CancellationToken cancellation)
    {
        var removed = new List<ContainerSummary>();
        var waiting = (await ListAsync(labels, cancellation).ConfigureAwait(false)).Where(c => !keep(c)).ToList();
        while (waiting.Count > 0)
        {
            // Podman does not remove a container while another lives in its network: those come in a later round.
            var inUse = new List<ContainerSummary>();
            ContainerEngineException? refused = null;
            foreach (var container in waiting)
            {
                try
                {
                    await RemoveAsync(container.Id, cancellation).ConfigureAwait(false);
                    removed.Add(container);
                }
                catch (ContainerEngineException failure) when (!failure.IsTransient)
                {
                    refused = failure;
                    inUse.Add(container);
                }
            }

            waiting = inUse.Count < waiting.Count ? inUse : throw refused!;
        }

        return removed;
    }

    private async Task UnlessGoneAsync(string what, Func<CancellationToken, Task> ask, CancellationToken cancellation, TimeSpan patience = default)
    {
        try
        {
            if (patience > TimeSpan.FromMinutes(1))
            {
                await _call.LongAsync(what, async token =>
                {
                    await ask(token).ConfigureAwait(false);
                    return true;
                }, cancellation).ConfigureAwait(false);
            }
            else
            {
                await _call.QuickAsync(what, ask, cancellation).ConfigureAwait(false);
            }
        }
        catch (ContainerEngineException gone) when (gone.Problem is EngineProblem.NotFound or EngineProblem.Conflict)
        {
            // It has ended or is gone: what was to be achieved is so.
            return;
        }
    }

    private static string Short(string id) => id.Length == 64 ? id[..12] : id;
}
