using Capstan.Delivery.Applications;
using Capstan.Sources.Git.Reading;
using Capstan.Yaml;

namespace Capstan.Delivery.Controllers;

/// <summary>Begins and ends operations: what was asked for, what was begun and not ended, and what goes into the history.</summary>
internal sealed class OperationDesk(RepositoryReader repositories, StatusPublisher publisher, DeliveryMetrics metrics, TimeProvider time)
{
    private const int FailedKept = 10;
    private static readonly string[] ServedSyncFields =
        ["revision", "revisions", "prune", "dryRun", "syncOptions", "source", "syncStrategy", "autoHealAttemptsCount", "resources"];

    /// <summary>A new operation, not on record yet.</summary>
    public OperationState Begin(Application application, string revision, Initiator initiator) =>
        new(OperationPhase.Running, "", revision, initiator, time.GetUtcNow(), null, [])
        {
            Prune = application.Policy.Automated?.Prune == true,
            Source = application.SourceBody,
        };

    /// <summary>The operation that is to be run or finished; null when there is none.</summary>
    public async Task<OperationState?> PendingAsync(ApplicationState state, Application application, CancellationToken cancellation)
    {
        var stored = state.Status.Operation;
        if (application.Object.Status.At("operationState", "phase")?.AsString() == nameof(OperationPhase.Terminating) && stored is { IsFinished: false })
        {
            await StopAsync(state, application, stored, "Operation terminated", cancellation).ConfigureAwait(false);
            return null;
        }

        if (application.Operation is { } asked && application.Object.ResourceVersion != state.TakenVersion)
        {
            return await AskedAsync(state, application, asked, cancellation).ConfigureAwait(false);
        }

        // Commits of other sources than there are now lead nowhere.
        if (stored is { IsFinished: false } && !application.CanBeAt(stored.Revision))
        {
            await StopAsync(state, application, stored, "superseded: the Application has other sources now", cancellation).ConfigureAwait(false);
            return null;
        }

        // It was running when the process ended, or it waits: it goes on at the commit at which it began.
        return stored is { IsFinished: false } ? stored : null;
    }

    /// <summary>Answers an operation that cannot be carried out.</summary>
    public async Task RefuseAsync(ApplicationState state, Application application, string message, CancellationToken cancellation)
    {
        var operation = Begin(application, "", InitiatorOf(application.Operation));
        state.Status = state.Status with { Operation = operation with { Phase = OperationPhase.Error, Message = message, FinishedAt = time.GetUtcNow() } };
        await publisher.WriteNowAsync(state, takeOperation: true, cancellation).ConfigureAwait(false);
        state.TakenVersion = application.Object.ResourceVersion;
    }

    /// <summary>Ends an operation before its time; its hooks that run are deleted.</summary>
    public async Task StopAsync(ApplicationState state, Application application, OperationState operation, string message, CancellationToken cancellation)
    {
        if (state.Cluster is { } cluster)
        {
            await cluster.Hooks.StopAsync(operation.Results, operation.Id, cancellation).ConfigureAwait(false);
        }

        await FinishAsync(state, application, operation, OperationPhase.Failed, message, cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// Ends an operation and records it. It is written together with what the next look at the cluster tells: lost in a crash, the operation is
    /// run again and finds nothing to do.
    /// </summary>
    public async Task FinishAsync(ApplicationState state, Application application, OperationState operation, OperationPhase phase, string message, CancellationToken cancellation)
    {
        var finished = operation with { Phase = phase, Message = message, FinishedAt = time.GetUtcNow() };
        state.Status = state.Status with { Operation = finished };
        metrics.Synced(phase);

        // Undoing drift, a dry run and a sync of some objects deploy nothing new.
        if (finished is { SelfHeal: false, DryRun: false, Only.Count: 0, Revision.Length: > 0 })
        {
            var commit = await DescribeAsync(application, state.Status.Deployments, finished.Revision, cancellation).ConfigureAwait(false);
            state.Status = state.Status with { Deployments = Record(state.Status.Deployments, finished, commit?.AuthorName ?? "", commit?.Subject ?? "", application.HistoryLimit) };
        }
    }

    // Of several sources it is the first one that moved.
    private async Task<CommitInfo?> DescribeAsync(Application application, IReadOnlyList<Deployment> before, string revision, CancellationToken cancellation)
    {
        string[] last = before.Count > 0 ? SourceRevisions.Split(before[^1].Revision) : [];
        string[] now = application.HasSources ? SourceRevisions.Split(revision) : [revision];
        var repositoriesOf = application.Sources.Zip(now).Where(s => s.First.Chart.Length == 0).ToList();
        var moved = repositoriesOf.Where(s => !last.Contains(s.Second)).Concat(repositoriesOf).Select(s => ((ApplicationSource Source, string Commit)?)s).FirstOrDefault();
        return moved is { } source ? await repositories.DescribeAsync(source.Source.RepoUrl, source.Commit, cancellation).ConfigureAwait(false) : null;
    }

    internal static IReadOnlyList<Deployment> Record(IReadOnlyList<Deployment> before, OperationState finished, string author, string subject, int limit)
    {
        // A retry is the same deployment, now with another outcome.
        var last = before.Count > 0 ? before[^1] : null;
        var again = finished.RetryCount > 0 && last is not null && last.Revision == finished.Revision && last.Outcome != OperationPhase.Succeeded;
        var deployment = new Deployment(
            again ? last!.Id : (last?.Id ?? -1) + 1, finished.Revision, author, subject, finished.StartedAt, finished.FinishedAt ?? finished.StartedAt,
            finished.Initiator, finished.Phase, finished.Message, finished.Source);
        var all = (again ? before.SkipLast(1) : before).Append(deployment).ToList();
        var keep = all.Where(d => d.Outcome == OperationPhase.Succeeded).TakeLast(Math.Max(limit, 1))
            .Concat(all.Where(d => d.Outcome != OperationPhase.Succeeded).TakeLast(FailedKept)).ToHashSet();
        return [.. all.Where(keep.Contains)];
    }

    private async Task<OperationState?> AskedAsync(ApplicationState state, Application application, YamlMap asked, CancellationToken cancellation)
    {
        var sync = asked["sync"] as YamlMap ?? YamlMap.Empty;
        var unserved = sync.Keys.Where(k => !ServedSyncFields.Contains(k)).ToList();
        if (unserved.Count > 0 || asked["sync"] is not YamlMap)
        {
            var what = unserved.Count > 0 ? string.Join(", ", unserved.Select(u => $"operation.sync.{u}")) : "an operation other than sync";
            await RefuseAsync(state, application, $"{what} is not supported yet", cancellation).ConfigureAwait(false);
            return null;
        }

        var revision = StatusReader.Revision(sync);
        if (!application.CanBeAt(revision))
        {
            await RefuseAsync(state, application, $"operation.sync names the revisions {revision}, and the Application has {application.Sources.Count} sources; name one for each", cancellation).ConfigureAwait(false);
            return null;
        }

        // A running operation gives way to what a person asks for.
        if (state.Status.Operation is { IsFinished: false } running)
        {
            await StopAsync(state, application, running, "superseded by a sync that was asked for", cancellation).ConfigureAwait(false);
        }

        return Begin(application, revision, InitiatorOf(asked)) with
        {
            Prune = sync["prune"] is YamlScalar { Text: "true" },
            DryRun = sync["dryRun"] is YamlScalar { Text: "true" },
            Only = StatusReader.Selectors(sync["resources"]),
        };
    }

    private static Initiator InitiatorOf(YamlMap? operation) => new(
        operation?.At("initiatedBy", "automated") is YamlScalar { Text: "true" }, operation?.At("initiatedBy", "username")?.AsString() ?? "");
}
