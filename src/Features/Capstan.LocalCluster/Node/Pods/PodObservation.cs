using Capstan.Containers;
using Capstan.Containers.Containers;

namespace Capstan.LocalCluster.Node.Pods;

/// <summary>What the engine has of a pod.</summary>
/// <param name="Sandbox">The container that holds its network; null when there is none.</param>
/// <param name="Containers">The attempts at each container, the newest first.</param>
internal sealed record PodObservation(ContainerStatus? Sandbox, IReadOnlyDictionary<string, IReadOnlyList<ContainerStatus>> Containers)
{
    public static readonly PodObservation Nothing = new(null, new Dictionary<string, IReadOnlyList<ContainerStatus>>());

    /// <summary>The newest attempt at a container; null before the first.</summary>
    public ContainerStatus? Last(string name) => Containers.TryGetValue(name, out var attempts) ? attempts[0] : null;

    /// <summary>The attempt before the newest.</summary>
    public ContainerStatus? Previous(string name) => Containers.TryGetValue(name, out var attempts) && attempts.Count > 1 ? attempts[1] : null;

    public bool IsRunning(string name) => Last(name)?.Phase is ContainerPhase.Running or ContainerPhase.Paused;

    /// <summary>Everything there is, the sandbox last.</summary>
    public IEnumerable<ContainerStatus> All => Containers.Values.SelectMany(c => c).Concat(Sandbox is null ? [] : [Sandbox]);

    /// <summary>Asks the engine.</summary>
    public static async Task<PodObservation> OfAsync(ContainerEngine engine, string podUid, CancellationToken cancellation)
    {
        ContainerStatus? sandbox = null;
        var containers = new Dictionary<string, List<ContainerStatus>>(StringComparer.Ordinal);
        foreach (var summary in await engine.Containers.ListAsync(new Dictionary<string, string> { [PodLabels.Uid] = podUid }, cancellation).ConfigureAwait(false))
        {
            if (await engine.Containers.InspectAsync(summary.Id, cancellation).ConfigureAwait(false) is not { } found)
            {
                continue;
            }

            var name = found.Read(PodLabels.Container);
            if (name == PodLabels.Sandbox)
            {
                // A running one counts before what is left of an old one.
                sandbox = sandbox is { Phase: ContainerPhase.Running } ? sandbox : found;
                continue;
            }

            if (!containers.TryGetValue(name, out var attempts))
            {
                containers[name] = attempts = [];
            }

            attempts.Add(found);
        }

        return new PodObservation(sandbox, containers.ToDictionary(c => c.Key, c => (IReadOnlyList<ContainerStatus>)[.. c.Value.OrderByDescending(a => a.AttemptOf())], StringComparer.Ordinal));
    }
}
