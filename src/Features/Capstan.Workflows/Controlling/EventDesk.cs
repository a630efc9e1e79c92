using System.Globalization;
using System.Threading.Channels;
using Capstan.Expressions;
using Capstan.Workflows.Files;
using Capstan.Workflows.Planning;
using Capstan.Workflows.Running;
using Capstan.Workflows.Runs;
using Microsoft.Extensions.Logging;

namespace Capstan.Workflows.Controlling;

/// <summary>
/// Makes runs of events. What moved in a repository is found by comparing its branches and tags with those that were dealt with before, so an
/// event that was lost is found by the next look, and one that is told twice makes nothing twice.
/// </summary>
internal sealed class EventDesk(RunServices services, RunStore store, Action<WorkflowRun> start, ILogger log) : IDisposable
{
    // What a job's own token pushes starts nothing, as at GitHub: else a workflow that commits would start itself without end.
    private const string RunActor = "run:";
    private const string Folder = ".github/workflows";
    /// <summary>What a run says that waits for an approval.</summary>
    public const string NeedsApproval = "It comes from somebody who may not push here: it waits until somebody who may has looked at this very commit and approves it (`capstan run RUN --approve`)";
    private const int MostWaiting = 10_000;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(2);
    private readonly Channel<(string Repository, string Actor)> _waiting = Channel.CreateBounded<(string, string)>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly SemaphoreSlim _numbering = new(1);

    // The last number of each workflow, once it is known: nobody else makes runs.
    private readonly Dictionary<string, long> _numbers = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public void Dispose() => _numbering.Dispose();

    /// <summary>The time tables of all repositories' default branches.</summary>
    public ScheduleBook Schedules { get; } = new();

    /// <summary>A repository may have moved.</summary>
    public void Notify(string repository, string actor) => _waiting.Writer.TryWrite((repository, actor));

    /// <summary>Deals with events until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        NotifyAll();
        using var timer = new PeriodicTimer(LookEvery, services.Time);
        var looking = LookAsync(timer, cancellation);
        await foreach (var (repository, actor) in _waiting.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            try
            {
                await PushedAsync(repository, actor, cancellation).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                log.EventsFailed(failure, repository);
            }
        }

        await looking.ConfigureAwait(false);
    }

    /// <summary>Starts a workflow by hand.</summary>
    public async Task<WorkflowRun> DispatchAsync(string repository, string workflow, string? gitRef, IReadOnlyDictionary<string, string> inputs, string actor, CancellationToken cancellation)
    {
        if (!services.Repositories.Exists(repository)) throw new WorkflowException($"repository {repository}: is not on this Git host");
        var name = await FullNameAsync(repository, gitRef, cancellation).ConfigureAwait(false);
        var commit = await services.Repositories.ResolveAsync(repository, name, cancellation).ConfigureAwait(false) ?? throw new WorkflowException($"repository {repository}: has no '{name}'");
        var files = await FilesAsync(repository, commit, cancellation).ConfigureAwait(false);
        var (path, text) = files.FirstOrDefault(f => f.Path == workflow || Path.GetFileName(f.Path) == workflow || Path.GetFileNameWithoutExtension(f.Path) == workflow || WorkflowReader.Read(f.Path, f.Text).File?.Name == workflow);
        if (path is null) throw new WorkflowException($"repository {repository}: has no workflow '{workflow}' at {name}; it has {string.Join(", ", files.Select(f => Path.GetFileName(f.Path)))}");
        var reading = WorkflowReader.Read(path, text);
        if (reading.File is not { } file) throw new WorkflowException(string.Join('\n', reading.Findings));
        var trigger = file.On.FirstOrDefault(t => t.Event == "workflow_dispatch") ?? throw new WorkflowException($"{path}: is not started by hand: it has no 'workflow_dispatch' in 'on'");
        Check(path, trigger, inputs);
        var happened = new WorkflowEvent("workflow_dispatch", repository, name, commit, actor)
        {
            Inputs = inputs,
            Payload = ObjectValue.Of(
                ("inputs", ObjectValue.Of(inputs)), ("ref", ExpressionValue.Of(name)), ("workflow", ExpressionValue.Of(path)),
                ("repository", Repository(repository)), ("sender", ObjectValue.Of(("login", ExpressionValue.Of(actor))))),
        };
        return await MakeAsync(path, file, happened, Guid.NewGuid().ToString("N"), cancellation).ConfigureAwait(false)
            ?? throw new WorkflowException($"{path}: could not be started");
    }

    /// <summary>Somebody outside says that something happened (<c>repository_dispatch</c>).</summary>
    /// <param name="repository">The repository; its default branch says which workflows want it.</param>
    /// <param name="type">What happened, as <c>types</c> names it.</param>
    /// <param name="payload">What workflows get as <c>github.event.client_payload</c>.</param>
    /// <param name="actor">Who says it.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <returns>The runs that it started.</returns>
    public async Task<IReadOnlyList<WorkflowRun>> HappenedAsync(string repository, string type, ExpressionValue payload, string actor, CancellationToken cancellation)
    {
        if (!services.Repositories.Exists(repository)) throw new WorkflowException($"repository {repository}: is not on this Git host");
        var branch = await services.Repositories.DefaultBranchAsync(repository, cancellation).ConfigureAwait(false);
        var commit = await services.Repositories.ResolveAsync(repository, branch, cancellation).ConfigureAwait(false) ?? throw new WorkflowException($"repository {repository}: has no commit yet");
        var happened = new WorkflowEvent("repository_dispatch", repository, branch, commit, actor)
        {
            Activity = type,
            Payload = ObjectValue.Of(
                ("action", ExpressionValue.Of(type)), ("branch", ExpressionValue.Of(branch["refs/heads/".Length..])), ("client_payload", payload),
                ("repository", Repository(repository)), ("sender", ObjectValue.Of(("login", ExpressionValue.Of(actor))))),
        };
        return await StartAllAsync(happened, Guid.NewGuid().ToString("N"), cancellation).ConfigureAwait(false);
    }

    /// <summary>Another host reports something of a pull request: the workflows of its last commit run. A newer commit, and its end, take the place of what waits for an approval.</summary>
    /// <param name="repository">The repository that its commits are in.</param>
    /// <param name="report">What is reported.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <returns>The runs that it started.</returns>
    public async Task<IReadOnlyList<WorkflowRun>> PullRequestAsync(string repository, PullRequestReport report, CancellationToken cancellation)
    {
        if (!services.Repositories.Exists(repository)) throw new WorkflowException($"repository {repository}: is not on this Git host");
        var payload = ExpressionJson.Read(report.Payload) as ObjectValue ?? ObjectValue.Empty;
        if (report.Action is "synchronize" or "closed") await SupersedeAsync(repository, report, cancellation).ConfigureAwait(false);
        var happened = new WorkflowEvent("pull_request", repository, report.Ref, report.Head, report.Actor)
        {
            Activity = report.Action,
            BaseBranch = report.BaseBranch,
            IsUntrusted = report.IsFork,
            ChangedPaths = report.MergeBase is null ? null : await services.Repositories.ChangedAsync(repository, report.MergeBase, report.Head, cancellation).ConfigureAwait(false),
            Payload = payload,
        };
        // The host's own time tells a second reopening of the same commit from a delivery that came twice.
        var at = payload.TryGet("pull_request", out var pull) && pull is ObjectValue asked && asked.TryGet("updated_at", out var updated) ? updated.Text : "";
        return await StartAllAsync(happened, $"{report.Action}/{at}", cancellation).ConfigureAwait(false);
    }

    private async Task SupersedeAsync(string repository, PullRequestReport report, CancellationToken cancellation)
    {
        var why = report.Action == "closed" ? "The pull request was closed" : "A newer commit of the pull request took its place";
        var waiting = (await store.ListAsync(repository, cancellation).ConfigureAwait(false)).Where(r => r.Repository == repository && r.Status.Phase == Phases.Waiting && r.Event.Ref == report.Ref);
        foreach (var run in waiting.Where(r => report.Action == "closed" || r.Event.Sha != report.Head))
        {
            await store.UpdateAsync(run with { Status = run.Status with { Phase = Phases.Completed, Conclusion = Conclusions.Cancelled, Message = why } }, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>A time table is due.</summary>
    public async Task DueAsync(DueSchedule due, CancellationToken cancellation)
    {
        var happened = new WorkflowEvent("schedule", due.Repository, due.Branch, due.Commit, "capstan")
        {
            Payload = ObjectValue.Of(("schedule", ExpressionValue.Of(due.Cron)), ("repository", Repository(due.Repository))),
        };
        await MakeAsync(due.File.Path, due.File, happened, $"{due.Cron}/{due.At.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)}", cancellation).ConfigureAwait(false);
    }

    /// <summary>A run has ended, which may start others.</summary>
    public async Task EndedAsync(WorkflowRun run, CancellationToken cancellation)
    {
        if (run.Event.Name == "workflow_run" || run.Event.IsUntrusted || !services.Repositories.Exists(run.Repository)) return;
        var branch = await services.Repositories.DefaultBranchAsync(run.Repository, cancellation).ConfigureAwait(false);
        if (await services.Repositories.ResolveAsync(run.Repository, branch, cancellation).ConfigureAwait(false) is not { } commit) return;
        var happened = new WorkflowEvent("workflow_run", run.Repository, branch, commit, run.Event.Actor)
        {
            Activity = "completed",
            Workflow = run.Workflow,
            BaseBranch = run.Event.RefName,
            Payload = ObjectValue.Of(
                ("action", ExpressionValue.Of("completed")), ("repository", Repository(run.Repository)),
                ("workflow_run", ObjectValue.Of(
                    ("id", ExpressionValue.Of(run.Name)), ("name", ExpressionValue.Of(run.Workflow)), ("conclusion", ExpressionValue.Of(run.Status.Conclusion)), ("event", ExpressionValue.Of(run.Event.Name)),
                    ("head_branch", ExpressionValue.Of(run.Event.RefName)), ("head_sha", ExpressionValue.Of(run.Event.Sha)), ("path", ExpressionValue.Of(run.Path))))),
        };
        await StartAllAsync(happened, $"{run.Name}/{run.Status.Attempt.ToString(CultureInfo.InvariantCulture)}", cancellation).ConfigureAwait(false);
    }

    private async Task LearnSchedulesAsync(string repository, Dictionary<string, string> refs, IReadOnlyDictionary<string, string> seen, CancellationToken cancellation)
    {
        var branch = await services.Repositories.DefaultBranchAsync(repository, cancellation).ConfigureAwait(false);
        var files = refs.TryGetValue(branch, out var commit) ? await FilesAsync(repository, commit, cancellation).ConfigureAwait(false) : [];
        // What was due while the server was away is caught up; what was due before the file came is not.
        var now = services.Time.GetUtcNow();
        var since = now;
        if (commit is not null && seen.GetValueOrDefault(branch) == commit)
        {
            var made = (await services.Repositories.CommitAsync(repository, commit, cancellation).ConfigureAwait(false)).Time;
            since = DateTimeOffset.TryParse(made, CultureInfo.InvariantCulture, out var time) && time > now - ScheduleDesk.CatchUp ? time : now - ScheduleDesk.CatchUp;
        }

        Schedules.Learn(repository, branch, commit ?? "", files.Select(f => WorkflowReader.Read(f.Path, f.Text).File).OfType<WorkflowFile>(), since);
    }

    private void NotifyAll()
    {
        foreach (var repository in services.Repositories.List()) Notify(repository, "");
    }

    private async Task LookAsync(PeriodicTimer timer, CancellationToken cancellation)
    {
        while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false)) NotifyAll();
    }

    private async Task PushedAsync(string repository, string actor, CancellationToken cancellation)
    {
        if (!services.Repositories.Exists(repository)) return;
        var refs = (await services.Repositories.RefsAsync(repository, cancellation).ConfigureAwait(false))
            .Where(r => r.Key.StartsWith("refs/heads/", StringComparison.Ordinal) || r.Key.StartsWith("refs/tags/", StringComparison.Ordinal)).ToDictionary(StringComparer.Ordinal);
        var seen = await store.SeenAsync(repository, cancellation).ConfigureAwait(false) ?? new Dictionary<string, string>();
        if (!Schedules.IsKnown(repository, refs)) await LearnSchedulesAsync(repository, refs, seen, cancellation).ConfigureAwait(false);
        if (refs.Count == seen.Count && refs.All(r => seen.GetValueOrDefault(r.Key) == r.Value)) return;
        foreach (var (name, commit) in actor.StartsWith(RunActor, StringComparison.Ordinal) ? [] : refs.Where(r => seen.GetValueOrDefault(r.Key) != r.Value))
        {
            var before = seen.GetValueOrDefault(name);
            var summary = await services.Repositories.CommitAsync(repository, commit, cancellation).ConfigureAwait(false);
            var happened = new WorkflowEvent("push", repository, name, commit, actor.Length > 0 ? actor : summary.AuthorName)
            {
                ChangedPaths = await services.Repositories.ChangedAsync(repository, before, commit, cancellation).ConfigureAwait(false),
                Payload = PushPayload(repository, name, before, commit, actor, summary),
            };
            await StartAllAsync(happened, "", cancellation).ConfigureAwait(false);
        }

        await store.RememberAsync(repository, refs, cancellation).ConfigureAwait(false);
    }

    // A file with mistakes gets a run too, which says what they are; only what says plainly that it does not want the event has none.
    private async Task<IReadOnlyList<WorkflowRun>> StartAllAsync(WorkflowEvent happened, string identity, CancellationToken cancellation)
    {
        var made = new List<WorkflowRun?>();
        foreach (var (path, text) in await FilesAsync(happened.Repository, happened.Sha, cancellation).ConfigureAwait(false))
        {
            var reading = WorkflowReader.Read(path, text);
            if (reading.File is { } file)
            {
                if (TriggerMatch.Starts(file, happened)) made.Add(await MakeAsync(path, file, happened, identity, cancellation).ConfigureAwait(false));
            }
            else if (happened.Name is "push" or "pull_request")
            {
                made.Add(await MakeAsync(path, new WorkflowFile(path), happened, identity, cancellation).ConfigureAwait(false));
            }
        }

        return [.. made.OfType<WorkflowRun>()];
    }

    private async Task<WorkflowRun?> MakeAsync(string path, WorkflowFile file, WorkflowEvent happened, string identity, CancellationToken cancellation)
    {
        var name = RunNames.Of(happened.Repository, path, happened.Name, happened.Ref, happened.Sha, identity);
        var title = (await services.Repositories.CommitAsync(happened.Repository, happened.Sha, cancellation).ConfigureAwait(false)).Message.Split('\n')[0];
        await _numbering.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            var workflow = $"{happened.Repository}\n{path}";
            if (!_numbers.TryGetValue(workflow, out var last))
            {
                last = (await store.ListAsync(happened.Repository, cancellation).ConfigureAwait(false)).Where(r => r.Path == path).Select(r => r.Number).DefaultIfEmpty().Max();
            }

            var number = last + 1;
            var created = services.Time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
            var status = happened.IsUntrusted ? new RunStatus { Title = title, Phase = Phases.Waiting, Message = NeedsApproval } : new RunStatus { Title = title };
            var run = new WorkflowRun(name, path, file.Name, number, happened, created) { Status = status };
            if (!await store.CreateAsync(run, cancellation).ConfigureAwait(false)) return null;
            _numbers[workflow] = number;
            log.RunStarted(happened.Name, happened.Repository, happened.Sha, name);
            if (!happened.IsUntrusted) start(run);
            return run;
        }
        finally
        {
            _numbering.Release();
        }
    }

    /// <summary>The workflow files of a commit.</summary>
    public async Task<IReadOnlyList<(string Path, string Text)>> FilesAsync(string repository, string commit, CancellationToken cancellation)
    {
        var files = new List<(string, string)>();
        foreach (var path in await services.Repositories.FilesAsync(repository, commit, Folder, cancellation).ConfigureAwait(false))
        {
            if (!path.EndsWith(".yml", StringComparison.Ordinal) && !path.EndsWith(".yaml", StringComparison.Ordinal)) continue;
            if (await services.Repositories.ReadAsync(repository, commit, path, cancellation).ConfigureAwait(false) is { } text) files.Add((path, text));
        }

        return files;
    }

    private async Task<string> FullNameAsync(string repository, string? gitRef, CancellationToken cancellation)
    {
        if (string.IsNullOrEmpty(gitRef)) return await services.Repositories.DefaultBranchAsync(repository, cancellation).ConfigureAwait(false);
        if (gitRef.StartsWith("refs/", StringComparison.Ordinal))
        {
            // The commits of a pull request are under refs/pull: started by hand they would run as if somebody who may push had written them.
            return gitRef.StartsWith("refs/heads/", StringComparison.Ordinal) || gitRef.StartsWith("refs/tags/", StringComparison.Ordinal) ? gitRef
                : throw new WorkflowException($"repository {repository}: '{gitRef}' is neither a branch nor a tag (refs/heads/…, refs/tags/…)");
        }

        var refs = await services.Repositories.RefsAsync(repository, cancellation).ConfigureAwait(false);
        return refs.ContainsKey($"refs/heads/{gitRef}") ? $"refs/heads/{gitRef}" : $"refs/tags/{gitRef}";
    }

    private static void Check(string path, Trigger trigger, IReadOnlyDictionary<string, string> inputs)
    {
        foreach (var name in inputs.Keys.Where(n => trigger.Inputs.All(i => i.Name != n))) throw new WorkflowException($"{path}: has no input '{name}'; it has {string.Join(", ", trigger.Inputs.Select(i => i.Name))}");
        foreach (var input in trigger.Inputs)
        {
            var given = inputs.GetValueOrDefault(input.Name);
            if (given is null && input.Required && input.Default is null) throw new WorkflowException($"{path}: needs the input '{input.Name}'");
            if (given is not null && input.Type == "choice" && !input.Options.Contains(given)) throw new WorkflowException($"{path}: the input '{input.Name}' is one of {string.Join(", ", input.Options)}, and not '{given}'");
            if (given is not null && input.Type == "boolean" && given is not ("true" or "false")) throw new WorkflowException($"{path}: the input '{input.Name}' is true or false, and not '{given}'");
        }
    }

    private static ObjectValue PushPayload(string repository, string name, string? before, string after, string actor, CommitSummary summary)
    {
        var author = ObjectValue.Of(("name", ExpressionValue.Of(summary.AuthorName)), ("email", ExpressionValue.Of(summary.AuthorEmail)));
        var head = ObjectValue.Of(("id", ExpressionValue.Of(after)), ("message", ExpressionValue.Of(summary.Message)), ("timestamp", ExpressionValue.Of(summary.Time)), ("author", author), ("committer", author));
        return ObjectValue.Of(
            ("ref", ExpressionValue.Of(name)), ("before", ExpressionValue.Of(before ?? new string('0', after.Length))), ("after", ExpressionValue.Of(after)),
            ("created", ExpressionValue.Of(before is null)), ("deleted", ExpressionValue.Of(false)), ("repository", Repository(repository)),
            ("pusher", ObjectValue.Of(("name", ExpressionValue.Of(actor)))), ("sender", ObjectValue.Of(("login", ExpressionValue.Of(actor)))),
            ("head_commit", head), ("commits", new ArrayValue([head])));
    }

    private static ObjectValue Repository(string name) => ObjectValue.Of(
        ("name", ExpressionValue.Of(name[(name.LastIndexOf('/') + 1)..])), ("full_name", ExpressionValue.Of(name)), ("owner", ObjectValue.Of(("login", ExpressionValue.Of(name.Contains('/', StringComparison.Ordinal) ? name.Split('/')[0] : "capstan")))));
}
