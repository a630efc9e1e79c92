using Capstan.Kubernetes;
using Capstan.Workflows.Keeping;
using Capstan.Workflows.Linting;
using System.Collections.Concurrent;
using Capstan.Workflows.Logs;
using Capstan.Workflows.Running;
using Capstan.Workflows.Runs;
using Microsoft.Extensions.Logging;

namespace Capstan.Workflows.Controlling;

/// <summary>Workflows as the program uses them: told of events, asked for runs, and running until stopped.</summary>
public sealed partial class WorkflowEngine : IAsyncDisposable
{
    private const string Lost = "The server ended while this job ran, and the job was lost; `capstan run RUN --again` runs it anew";
    private readonly ConcurrentDictionary<string, ActiveRun> _active = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private readonly RunServices _services;
    private readonly RunStore _store;
    private readonly IRunTokens _tokens;
    private readonly ILogger _log;
    private readonly SemaphoreSlim _turns;
    private readonly ConcurrencyGroups _groups = new();
    private readonly EventDesk _events;
    private readonly RunReleasing _releasing;
    private readonly RunRecords _records;
    private readonly ConcurrentDictionary<string, bool> _pruning = new(StringComparer.Ordinal);
    private Task _watching = Task.CompletedTask;

    /// <summary>Makes it; <see cref="StartAsync"/> starts it.</summary>
    public WorkflowEngine(RunServices services, RunStore store, IRunTokens tokens, IReleases releases, ILogger log)
    {
        _releasing = new RunReleasing(releases, services.Repositories, store, services.Time, log);
        (_services, _store, _tokens, _log) = (services, store, tokens, log);
        _records = new RunRecords(services, store, releases, log);
        _turns = new SemaphoreSlim(services.Options.MostJobs);
        _events = new EventDesk(services, store, Start, log);
    }

    /// <summary>Cleans up after a process before this one, goes on with what it left, and looks for events that were missed.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        await _services.Backend.CleanAsync(cancellation).ConfigureAwait(false);
        var jobs = Path.Combine(_services.Options.Folder, "jobs");
        if (Directory.Exists(jobs))
        {
            foreach (var left in Directory.EnumerateDirectories(jobs)) new JobFolder(left).Delete();
        }

        var runs = (await _store.ListAsync(null, cancellation).ConfigureAwait(false)).Reverse().ToList();
        foreach (var run in runs.Where(r => r.Status.Phase is not (Phases.Completed or Phases.Waiting))) Start(MarkLost(run));
        _watching = Task.WhenAll(
            _events.RunAsync(_stopping.Token), new ScheduleDesk(_events, _services.Time, _log).RunAsync(_stopping.Token), FinishAsync([.. runs.Where(r => RunReleasing.IsWanted(r) || _records.IsOpen(r))]), LookAfterAsync(_stopping.Token));
    }

    /// <summary>Branches and tags of a repository may have moved. A hint only: what it misses is found by the next look.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="actor">Who moved them.</param>
    public void NotifyPush(string repository, string actor) => _events.Notify(repository, actor);

    /// <summary>Starts a workflow by hand.</summary>
    /// <exception cref="WorkflowException">There is no such workflow, or it may not be started so.</exception>
    public Task<WorkflowRun> DispatchAsync(string repository, string workflow, string? gitRef, IReadOnlyDictionary<string, string> inputs, string actor, CancellationToken cancellation) =>
        _events.DispatchAsync(repository, workflow, gitRef, inputs, actor, cancellation);

    /// <summary>Tells that something happened outside (<c>repository_dispatch</c>).</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="type">What happened.</param>
    /// <param name="payload">What workflows get as <c>github.event.client_payload</c>: a JSON object.</param>
    /// <param name="actor">Who tells it.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <returns>The runs that it started.</returns>
    /// <exception cref="WorkflowException">There is no such repository.</exception>
    public Task<IReadOnlyList<WorkflowRun>> HappenedAsync(string repository, string type, string payload, string actor, CancellationToken cancellation) =>
        _events.HappenedAsync(repository, type, Expressions.ExpressionJson.Read(payload), actor, cancellation);

    /// <summary>Tells what another host reports of a pull request.</summary>
    /// <param name="repository">The repository that its commits are in.</param>
    /// <param name="report">What is reported.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <returns>The runs that it started; of a fork they wait for an approval.</returns>
    /// <exception cref="WorkflowException">There is no such repository.</exception>
    public Task<IReadOnlyList<WorkflowRun>> PullRequestAsync(string repository, Planning.PullRequestReport report, CancellationToken cancellation) =>
        _events.PullRequestAsync(repository, report, cancellation);

    /// <summary>Lets a run go on that waits for an approval.</summary>
    /// <param name="run">The run.</param>
    /// <param name="approver">Who answers for it.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="WorkflowException">It does not wait.</exception>
    public async Task<WorkflowRun> ApproveAsync(WorkflowRun run, string approver, CancellationToken cancellation)
    {
        if (run.Status.Phase != Phases.Waiting) throw new WorkflowException($"run {run.Name}: waits for no approval");
        var approved = run with { Status = run.Status with { Phase = Phases.Queued, Message = "", ApprovedBy = approver } };
        await _store.UpdateAsync(approved, cancellation).ConfigureAwait(false);
        Start(approved);
        return approved;
    }

    /// <summary>What is wrong with the workflows of a commit, and how many there are.</summary>
    public async Task<(int Files, IReadOnlyList<Files.Finding> Findings)> LintAsync(string repository, string commit, CancellationToken cancellation)
    {
        var files = await _events.FilesAsync(repository, commit, cancellation).ConfigureAwait(false);
        var actions = await RunProcess.CatalogsAsync(_services.Repositories, cancellation).ConfigureAwait(false);
        return (files.Count, [.. files.SelectMany(f => WorkflowLinter.Lint(f.Path, f.Text, actions))]);
    }

    /// <summary>The checks of a commit: the jobs of its runs, and what others said of it.</summary>
    public async Task<CommitChecks> ChecksAsync(string repository, string commit, CancellationToken cancellation)
    {
        var runs = (await ListAsync(repository, cancellation).ConfigureAwait(false)).Where(r => r.Repository == repository && r.Event.Sha == commit);
        return CommitChecks.Of([.. runs], await _store.StatusesAsync(repository, commit, cancellation).ConfigureAwait(false));
    }

    /// <summary>The whole name of a commit of a repository; null when there is none.</summary>
    public Task<string?> CommitAsync(string repository, string revision, CancellationToken cancellation) =>
        _services.Repositories.Exists(repository) ? _services.Repositories.ResolveAsync(repository, revision, cancellation) : Task.FromResult<string?>(null);

    /// <summary>Keeps what somebody says of a commit; the last word under a name counts.</summary>
    public Task TellStatusAsync(string repository, string commit, CommitStatus status, CancellationToken cancellation) => _store.PutStatusAsync(repository, commit, status, cancellation);

    /// <summary>All runs, or those of a repository, the newest first.</summary>
    public async Task<IReadOnlyList<WorkflowRun>> ListAsync(string? repository, CancellationToken cancellation) =>
        [.. (await _store.ListAsync(repository, cancellation).ConfigureAwait(false)).Select(Now)];

    /// <summary>One run; null when it is not there.</summary>
    public async Task<WorkflowRun?> FindAsync(string name, CancellationToken cancellation) =>
        await _store.FindAsync(name, cancellation).ConfigureAwait(false) is { } found ? Now(found) : null;

    /// <summary>Ends a run, also one that waits for an approval.</summary>
    /// <returns>False when it has ended already.</returns>
    public async Task<bool> CancelAsync(WorkflowRun run, CancellationToken cancellation)
    {
        if (_active.TryGetValue(run.Name, out var active))
        {
            active.Cancel();
            return true;
        }

        if (run.Status.Phase != Phases.Waiting) return false;
        await _store.UpdateAsync(run with { Status = run.Status with { Phase = Phases.Completed, Conclusion = Conclusions.Cancelled, Message = "" } }, cancellation).ConfigureAwait(false);
        return true;
    }

    /// <summary>Runs a run again: all of it, or what did not succeed.</summary>
    /// <exception cref="WorkflowException">It runs.</exception>
    public async Task<WorkflowRun> RerunAsync(WorkflowRun run, bool failedOnly, CancellationToken cancellation)
    {
        if (_active.ContainsKey(run.Name) || run.Status.Phase != Phases.Completed) throw new WorkflowException($"run {run.Name}: has not ended; cancel it first");
        await _records.EnsureLogAsync(run, cancellation).ConfigureAwait(false);
        if (failedOnly) await _records.EnsureArtifactsAsync(run, null, cancellation).ConfigureAwait(false);
        var kept = failedOnly ? run.Status.Jobs.Where(j => j.Conclusion == Conclusions.Success).ToList() : [];
        var again = run with { Status = new RunStatus { Attempt = run.Status.Attempt + 1, Title = run.Status.Title, Jobs = kept, ApprovedBy = run.Status.ApprovedBy } };
        // Running again is no way around an approval that nobody gave.
        if (run.Event.IsUntrusted && run.Status.ApprovedBy.Length == 0) again = again with { Status = again.Status with { Phase = Phases.Waiting, Message = EventDesk.NeedsApproval } };
        await _store.UpdateAsync(again, cancellation).ConfigureAwait(false);
        if (again.Status.Phase != Phases.Waiting) Start(again);
        return again;
    }

    /// <summary>The lines of a run's log behind a number, and those that come while it runs.</summary>
    public IAsyncEnumerable<LogLine> LogAsync(string name, long after, CancellationToken cancellation) =>
        _active.TryGetValue(name, out var active) ? active.Log.FollowAsync(after, cancellation) : Stored(name, after, cancellation);

    /// <summary>The lines of a run's log behind a number that are there now.</summary>
    public IAsyncEnumerable<LogLine> LogSoFarAsync(string name, long after, CancellationToken cancellation) => Stored(name, after, cancellation);

    /// <summary>The names of a run's artifacts.</summary>
    public IReadOnlyList<string> Artifacts(WorkflowRun run) => _records.Artifacts(run);

    /// <summary>Copies the files of an artifact into a folder.</summary>
    /// <returns>False when there is no such artifact.</returns>
    /// <exception cref="WorkflowException">The name is none.</exception>
    public async Task<bool> FetchArtifactAsync(WorkflowRun run, string artifact, string into, CancellationToken cancellation)
    {
        if (!_active.ContainsKey(run.Name)) await _records.EnsureArtifactsAsync(run, artifact, cancellation).ConfigureAwait(false);
        return await _services.Artifacts.FetchAsync(run.Name, artifact, into, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_active.Values.Select(a => a.Ended)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
        _turns.Dispose();
        _events.Dispose();
        _records.Dispose();
    }

    private WorkflowRun Now(WorkflowRun stored) => _active.TryGetValue(stored.Name, out var active) ? active.Progress.Run : stored;

    private async IAsyncEnumerable<LogLine> Stored(string name, long after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        if (!File.Exists(_records.LogPath(name)) && await _store.FindAsync(name, cancellation).ConfigureAwait(false) is { } run) await _records.EnsureLogAsync(run, cancellation).ConfigureAwait(false);
        using var reader = new LogReader(_records.LogPath(name));
        foreach (var line in reader.Next().Where(l => l.Number > after)) yield return line;
    }

    // Jobs that ran when the server ended are lost, and say so; what was not begun yet still runs, by the rules of its needs.
    private WorkflowRun MarkLost(WorkflowRun run)
    {
        if (run.Status.Phase != Phases.Running) return run;
        _log.RunContinues(run.Name);
        return run with
        {
            Status = run.Status with
            {
                Jobs = [.. run.Status.Jobs.Select(j => j.Phase != Phases.Running ? j
                    : j.Calls.Length > 0 ? j with { Phase = Phases.Queued }
                    : j with { Phase = Phases.Completed, Conclusion = Conclusions.Failure, Message = Lost })],
            },
        };
    }

    private void Start(WorkflowRun run)
    {
        var active = new ActiveRun(run, new RunLog(_records.LogPath(run.Name), _services.Options.MostLogBytes, _services.Time), _store, _services.Time);
        if (!_active.TryAdd(run.Name, active))
        {
            active.Dispose();
            return;
        }

        foreach (var lost in run.Status.Jobs.Where(j => j.Conclusion == Conclusions.Failure && j.Message == Lost)) active.Log.Append(lost.Key, $"##[error]{Lost}");
        active.Ended = RunAsync(active);
    }

    private async Task RunAsync(ActiveRun active)
    {
        var name = active.Progress.Run.Name;
        try
        {
            await Task.Yield();
            await new RunProcess(_services, _store, _tokens, _turns, _groups).RunAsync(active, _stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The server stops; the run goes on, or is marked as lost, at its next start.
            return;
        }
        catch (Exception failure)
        {
            _log.RunFailed(failure, name);
        }
        finally
        {
            _active.TryRemove(name, out _);
            active.Dispose();
        }

        if (active.Progress.Run.Status.Phase == Phases.Completed) await EndedAsync(active.Progress.Run).ConfigureAwait(false);
    }

    // Of runs that ended a moment before the server did.
    private async Task FinishAsync(IReadOnlyList<WorkflowRun> runs)
    {
        foreach (var run in runs)
        {
            await _releasing.MakeAsync(run, _stopping.Token).ConfigureAwait(false);
            await _records.KeepAsync(run, _stopping.Token).ConfigureAwait(false);
        }
    }

    // What is not to be kept any longer goes within the hour; so do files that the registry has.
    private async Task LookAfterAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await Task.Delay(TimeSpan.FromHours(1) * (0.9 + (0.2 * Random.Shared.NextDouble())), _services.Time, cancellation).ConfigureAwait(false);
            await PruneAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Removes what the operator's settings do not keep any longer, and files that the registry has too.</summary>
    public async Task PruneAsync(CancellationToken cancellation)
    {
        try
        {
            var runs = await _store.ListAsync(null, cancellation).ConfigureAwait(false);
            foreach (var repository in runs.Select(r => r.Repository).Distinct(StringComparer.Ordinal).ToList()) await _records.PruneAsync(repository, runs, cancellation).ConfigureAwait(false);
            _records.Sweep(runs, _active.ContainsKey);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or WorkflowException or KubernetesException or ClusterUnreachableException or UnknownKindException)
        {
            _log.RunsNotPruned(failure);
        }
    }

    private async Task EndedAsync(WorkflowRun run)
    {
        try
        {
            await _events.EndedAsync(run, _stopping.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            _log.EventsFailed(failure, run.Repository);
        }

        await _releasing.MakeAsync(run, _stopping.Token).ConfigureAwait(false);
        await _records.KeepAsync(run, _stopping.Token).ConfigureAwait(false);
        await PruneAsync(run.Repository).ConfigureAwait(false);
    }

    // Of many runs that end at once each asks for it, and it is done once more after the last of them.
    private async Task PruneAsync(string repository)
    {
        while (!_pruning.TryAdd(repository, false))
        {
            if (_pruning.TryUpdate(repository, newValue: true, comparisonValue: false) || _pruning.GetValueOrDefault(repository)) return;
        }

        do
        {
            await PruneOnceAsync(repository).ConfigureAwait(false);
        }
        while (_pruning.TryUpdate(repository, newValue: false, comparisonValue: true) || !_pruning.TryRemove(new(repository, false)));
    }

    private async Task PruneOnceAsync(string repository)
    {
        try
        {
            await _records.PruneAsync(repository, await _store.ListAsync(repository, _stopping.Token).ConfigureAwait(false), _stopping.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or WorkflowException or KubernetesException or ClusterUnreachableException or UnknownKindException)
        {
            _log.RunsNotPruned(failure);
        }
    }
}
