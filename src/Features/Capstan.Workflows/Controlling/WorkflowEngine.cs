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
    private Task _watching = Task.CompletedTask;

    /// <summary>Makes it; <see cref="StartAsync"/> starts it.</summary>
    public WorkflowEngine(RunServices services, RunStore store, IRunTokens tokens, IReleases releases, ILogger log)
    {
        _releasing = new RunReleasing(releases, services.Repositories, store, services.Time, log);
        (_services, _store, _tokens, _log) = (services, store, tokens, log);
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
        foreach (var run in runs.Where(r => r.Status.Phase != Phases.Completed)) Start(MarkLost(run));
        _watching = Task.WhenAll(_events.RunAsync(_stopping.Token), ReleaseAsync([.. runs.Where(RunReleasing.IsWanted)]));
    }

    /// <summary>Branches and tags of a repository may have moved. A hint only: what it misses is found by the next look.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="actor">Who moved them.</param>
    public void NotifyPush(string repository, string actor) => _events.Notify(repository, actor);

    /// <summary>Starts a workflow by hand.</summary>
    /// <exception cref="WorkflowException">There is no such workflow, or it may not be started so.</exception>
    public Task<WorkflowRun> DispatchAsync(string repository, string workflow, string? gitRef, IReadOnlyDictionary<string, string> inputs, string actor, CancellationToken cancellation) =>
        _events.DispatchAsync(repository, workflow, gitRef, inputs, actor, cancellation);

    /// <summary>All runs, or those of a repository, the newest first.</summary>
    public async Task<IReadOnlyList<WorkflowRun>> ListAsync(string? repository, CancellationToken cancellation) =>
        [.. (await _store.ListAsync(repository, cancellation).ConfigureAwait(false)).Select(Now)];

    /// <summary>One run; null when it is not there.</summary>
    public async Task<WorkflowRun?> FindAsync(string name, CancellationToken cancellation) =>
        await _store.FindAsync(name, cancellation).ConfigureAwait(false) is { } found ? Now(found) : null;

    /// <summary>Ends a run.</summary>
    /// <returns>False when it does not run.</returns>
    public bool Cancel(string name)
    {
        if (!_active.TryGetValue(name, out var active)) return false;
        active.Cancel();
        return true;
    }

    /// <summary>Runs a run again: all of it, or what did not succeed.</summary>
    /// <exception cref="WorkflowException">It runs.</exception>
    public async Task<WorkflowRun> RerunAsync(WorkflowRun run, bool failedOnly, CancellationToken cancellation)
    {
        if (_active.ContainsKey(run.Name) || run.Status.Phase != Phases.Completed) throw new WorkflowException($"run {run.Name}: has not ended; cancel it first");
        var kept = failedOnly ? run.Status.Jobs.Where(j => j.Conclusion == Conclusions.Success).ToList() : [];
        var again = run with { Status = new RunStatus { Attempt = run.Status.Attempt + 1, Title = run.Status.Title, Jobs = kept } };
        await _store.UpdateAsync(again, cancellation).ConfigureAwait(false);
        Start(again);
        return again;
    }

    /// <summary>The lines of a run's log behind a number, and those that come while it runs.</summary>
    public IAsyncEnumerable<LogLine> LogAsync(string name, long after, CancellationToken cancellation) =>
        _active.TryGetValue(name, out var active) ? active.Log.FollowAsync(after, cancellation) : Stored(name, after);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_active.Values.Select(a => a.Ended)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
        _turns.Dispose();
        _events.Dispose();
    }

    private WorkflowRun Now(WorkflowRun stored) => _active.TryGetValue(stored.Name, out var active) ? active.Progress.Run : stored;

    private string LogPath(string name) => Path.Combine(_services.Options.Folder, "logs", $"{name}.log");

    private async IAsyncEnumerable<LogLine> Stored(string name, long after)
    {
        await Task.Yield();
        using var reader = new LogReader(LogPath(name));
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
                Jobs = [.. run.Status.Jobs.Select(j => j.Phase == Phases.Running
                    ? j with { Phase = Phases.Completed, Conclusion = Conclusions.Failure, Message = Lost }
                    : j)],
            },
        };
    }

    private void Start(WorkflowRun run)
    {
        var active = new ActiveRun(run, new RunLog(LogPath(run.Name), _services.Options.MostLogBytes, _services.Time), _store, _services.Time);
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
    private async Task ReleaseAsync(IReadOnlyList<WorkflowRun> runs)
    {
        foreach (var run in runs) await _releasing.MakeAsync(run, _stopping.Token).ConfigureAwait(false);
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
    }
}
