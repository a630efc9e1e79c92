using System.Threading.Channels;
using Docker.DotNet.Models;

namespace Capstan.Containers.Containers;

/// <summary>Something happened to a container of the owner.</summary>
/// <param name="Action">The engine's word: <c>start</c>, <c>die</c>, <c>oom</c>, <c>died</c> (Podman) …</param>
/// <param name="Id">The container.</param>
/// <param name="Labels">Its labels, as far as the engine tells them.</param>
public sealed record ContainerHappening(string Action, string Id, IReadOnlyDictionary<string, string> Labels);

/// <summary>What happens to containers, as it happens.</summary>
public sealed partial class EngineContainers
{
    /// <summary>Tells what happens from now on until cancelled, or until the engine breaks off. A reader that falls far behind misses some.</summary>
    /// <exception cref="ContainerEngineException">The engine broke off.</exception>
    public async IAsyncEnumerable<ContainerHappening> FollowAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var told = Channel.CreateBounded<ContainerHappening>(new BoundedChannelOptions(1000) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var following = FollowIntoAsync(told.Writer, ending.Token);
        try
        {
            await foreach (var happening in told.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                yield return happening;
            }
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task FollowIntoAsync(ChannelWriter<ContainerHappening> told, CancellationToken cancellation)
    {
        var parameters = new ContainerEventsParameters
        {
            Filters = new Dictionary<string, IDictionary<string, bool>> { ["type"] = new Dictionary<string, bool> { ["container"] = true } },
        };
        try
        {
            await _call.LongAsync("following what happens", async token =>
            {
                await _client.System.MonitorEventsAsync(parameters, new Teller(_owner, told), token).ConfigureAwait(false);
                return true;
            }, cancellation).ConfigureAwait(false);
            told.TryComplete(new ContainerEngineException(EngineProblem.Unreachable, "following what happens: the engine ended its answer"));
        }
        catch (Exception failure) when (failure is ContainerEngineException or OperationCanceledException)
        {
            told.TryComplete(failure);
        }
    }

    private sealed class Teller(string owner, ChannelWriter<ContainerHappening> told) : IProgress<Message>
    {
        public void Report(Message value)
        {
            var labels = value.Actor?.Attributes;
            if (value.Actor?.ID is { } id && OwnershipLabels.IsOwn(owner, labels))
            {
                told.TryWrite(new ContainerHappening(value.Action ?? "", id, new Dictionary<string, string>(labels!, StringComparer.Ordinal)));
            }
        }
    }
}
