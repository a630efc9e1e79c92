using Capstan.Access.Rights;
using Capstan.GitHost.Repositories;
using Capstan.Sources.Git;

namespace Capstan.GitHost.Pushes;

/// <summary>Branches and tags of a hosted repository that moved.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Updates">What moved.</param>
/// <param name="Principal">Who moved it.</param>
public sealed record PushEvent(RepositoryName Repository, IReadOnlyList<RefUpdate> Updates, Principal Principal);

/// <summary>
/// Told of pushes after they are on disk. A hint only: a crash between the push and this call loses it, so who listens also looks by
/// itself from time to time. What it throws is logged and does not fail the push, which has happened already.
/// </summary>
public interface IPushObserver
{
    /// <summary>A push happened. The client's request waits for this, so long work belongs in a queue.</summary>
    ValueTask OnPushAsync(PushEvent push, CancellationToken cancellation);
}
