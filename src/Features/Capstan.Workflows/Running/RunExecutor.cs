using System.Globalization;
using Capstan.Expressions;
using Capstan.Workflows.Commands;
using Capstan.Workflows.Files;
using Capstan.Workflows.Logs;
using Capstan.Workflows.Planning;
using Capstan.Workflows.Runs;

namespace Capstan.Workflows.Running;

/// <summary>Runs the jobs of one workflow file of a run in the order of their needs: the run's own, or one that a job of it calls.</summary>
/// <param name="services">What jobs need of the world.</param>
/// <param name="progress">The run's status.</param>
/// <param name="scope">The file, and what its jobs share.</param>
/// <param name="log">The run's log.</param>
/// <param name="desk">Turns of jobs, groups and tokens.</param>
internal sealed class RunExecutor(RunServices services, RunProgress progress, WorkflowScope scope, RunLog log, RunDesk desk)
{
    private readonly WorkflowFile file = scope.File;

    private const int MostJobs = 1_000;

    /// <summary>Runs what has not run yet.</summary>
    /// <param name="cancellation">Somebody ends the run.</param>
    /// <param name="stopping">The server stops.</param>
    public async Task RunAsync(CancellationToken cancellation, CancellationToken stopping)
    {
        var running = new Dictionary<string, Task>(StringComparer.Ordinal);
        try
        {
            while (true)
            {
                foreach (var job in file.Jobs.Where(j => !running.ContainsKey(j.Id) && Result(j.Id) is null && j.Needs.All(n => Result(n.Text) is not null)))
                {
                    running[job.Id] = JobAsync(job, cancellation, stopping);
                }

                var open = running.Values.Where(t => !t.IsCompleted).ToList();
                if (open.Count == 0 && file.Jobs.All(j => running.TryGetValue(j.Id, out var task) && task.IsCompleted || Result(j.Id) is not null)) break;
                if (open.Count > 0) await (await Task.WhenAny(open).ConfigureAwait(false)).ConfigureAwait(false);
            }

            await Task.WhenAll(running.Values).ConfigureAwait(false);
        }
        finally
        {
            await Task.WhenAll(running.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task JobAsync(Job job, CancellationToken cancellation, CancellationToken stopping)
    {
        await Task.Yield();
        try
        {
            var needs = JobGraph.Needs(progress.Run.Status, scope.Prefix, job);
            var context = RunContexts.OfRun(progress.Run, scope.Inputs, scope.Variables, needs);
            if (!new NodeEvaluator(file.Path, Language(job, cancellation.IsCancellationRequested), context).Holds(job.If, Succeeded(job) && !cancellation.IsCancellationRequested))
            {
                Place(job, [ObjectValue.Empty], cancellation.IsCancellationRequested ? Conclusions.Cancelled : Conclusions.Skipped);
                return;
            }

            var evaluator = new NodeEvaluator(file.Path, Places.Place.Anywhere.Language, context);
            var strategy = evaluator.Value(job.Strategy) as ObjectValue ?? ObjectValue.Empty;
            var combinations = MatrixPlan.Expand(strategy.TryGet("matrix", out var matrix) ? matrix : ExpressionValue.Null, job.Id);
            var states = Place(job, combinations, null);
            await MatrixAsync(job, combinations, states, strategy, needs, cancellation, stopping).ConfigureAwait(false);
        }
        catch (WorkflowException wrong)
        {
            var key = scope.Prefix + job.Id;
            log.Append(key, $"##[error]{wrong.Message}");
            if (progress.Run.Status.Jobs.All(j => j.Id != key)) Place(job, [ObjectValue.Empty], Conclusions.Failure);
            progress.Change(status => status with { Jobs = [.. status.Jobs.Select(j => j.Id != key || j.Phase == Phases.Completed && j.Key != key ? j : Failed(j, wrong.Message, job))] });
        }
    }

    private async Task MatrixAsync(Job job, IReadOnlyList<ObjectValue> combinations, List<JobState> states, ObjectValue strategy, ObjectValue needs, CancellationToken cancellation, CancellationToken stopping)
    {
        using var failFast = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var failsFast = combinations.Count > 1 && !(strategy.TryGet("fail-fast", out var flag) && flag is { Kind: ValueKind.Boolean, IsTruthy: false });
        var most = strategy.TryGet("max-parallel", out var number) && number.Number >= 1 ? (int)Math.Min(number.Number, combinations.Count) : combinations.Count;
        using var turns = new SemaphoreSlim(most);
        async Task OneAsync(int index)
        {
            await turns.WaitAsync(stopping).ConfigureAwait(false);
            try
            {
                var state = states[index];
                if (state.Phase == Phases.Completed) return;
                var plan = new JobPlan
                {
                    Run = progress.Run,
                    Scope = scope,
                    Job = job,
                    Key = state.Key,
                    Matrix = combinations[index],
                    Needs = needs,
                    Strategy = ObjectValue.Of(
                        ("fail-fast", ExpressionValue.Of(failsFast)), ("job-index", ExpressionValue.Of(index)), ("job-total", ExpressionValue.Of(combinations.Count)), ("max-parallel", ExpressionValue.Of(most))),
                };
                var conclusion = await InstanceAsync(plan, failFast.Token, stopping).ConfigureAwait(false);
                if (failsFast && conclusion is Conclusions.Failure or Conclusions.TimedOut) await failFast.CancelAsync().ConfigureAwait(false);
            }
            finally
            {
                turns.Release();
            }
        }

        await Task.WhenAll(Enumerable.Range(0, combinations.Count).Select(OneAsync)).ConfigureAwait(false);
    }

    private async Task<string> InstanceAsync(JobPlan plan, CancellationToken cancellation, CancellationToken stopping)
    {
        var evaluator = new NodeEvaluator(file.Path, Places.Place.Anywhere.Language, RunContexts.OfJob(plan));
        if (cancellation.IsCancellationRequested) return End(plan.Key, new JobOutcome(Conclusions.Cancelled), "");
        using var own = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var group = ConcurrencyKey.Of(evaluator.Value(plan.Job.Concurrency));
        IDisposable? turn = null;
        try
        {
            if (group is { } wanted)
            {
                turn = await desk.Groups.EnterAsync($"{plan.Run.Repository}\njob\n{wanted.Key}", wanted.CancelRunning, own.Cancel, own.Token).ConfigureAwait(false);
                if (turn is null) return End(plan.Key, new JobOutcome(Conclusions.Cancelled, $"A newer job of the group '{wanted.Key}' took its place"), "");
            }

            if (plan.Job.Uses is not null) return await CallAsync(plan, own.Token, stopping).ConfigureAwait(false);
            await desk.Turns.WaitAsync(own.Token).ConfigureAwait(false);
            try
            {
                using var token = desk.Tokens.Issue($"{plan.Run.Name}/{plan.Key}", plan.Run.Repository, PermissionsOf(plan.Job));
                plan = plan with { Token = token.Text };
                progress.Change(plan.Key, j => j with { Phase = Phases.Running, StartedAt = desk.Now() });
                await progress.StoreAsync(stopping).ConfigureAwait(false);
                var (outcome, summary) = await new JobRunner(services).RunAsync(plan, log, steps => progress.Change(plan.Key, j => j with { Steps = steps }), a => Annotate(plan.Key, a), own.Token, stopping).ConfigureAwait(false);
                if (outcome.Conclusion is Conclusions.Failure && evaluator.Text(plan.Job.ContinueOnError) == "true") outcome = outcome with { Conclusion = Conclusions.Success, Message = "The job failed, and may" };
                return End(plan.Key, outcome, summary);
            }
            finally
            {
                desk.Turns.Release();
            }
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return End(plan.Key, new JobOutcome(Conclusions.Cancelled), "");
        }
        finally
        {
            turn?.Dispose();
        }
    }

    // A call takes no turn of its own: the jobs that it calls do.
    private async Task<string> CallAsync(JobPlan plan, CancellationToken cancellation, CancellationToken stopping)
    {
        try
        {
            var called = await new WorkflowCalls(services.Repositories).OpenAsync(plan, PermissionsOf(plan.Job), cancellation).ConfigureAwait(false);
            if (progress.Run.Status.Jobs.Count + called.File.Jobs.Count > MostJobs) throw new WorkflowException($"{file.Path}:{plan.Job.Uses!.Position}: the run has more than the {MostJobs} jobs allowed");
            progress.Change(plan.Key, j => j with { Phase = Phases.Running, StartedAt = desk.Now(), Calls = called.File.Path });
            log.Append(plan.Key, $"Calls {called.File.Path} of {called.Repository} at {called.Commit}");
            await new RunExecutor(services, progress, called with { Title = $"{progress.Run.Status.Jobs.First(j => j.Key == plan.Key).Name} / " }, log, desk).RunAsync(cancellation, stopping).ConfigureAwait(false);
            return End(plan.Key, WorkflowCalls.OutcomeOf(progress.Run, called), "");
        }
        catch (WorkflowException wrong)
        {
            log.Append(plan.Key, $"##[error]{wrong.Message}");
            progress.Change(plan.Key, j => Failed(j, wrong.Message, plan.Job));
            return Conclusions.Failure;
        }
    }

    private JobState Failed(JobState state, string message, Job job) => state with
    {
        Phase = Phases.Completed,
        Conclusion = Conclusions.Failure,
        Message = message,
        FinishedAt = desk.Now(),
        Annotations = [new("error", message, file.Path, job.Position.Line, job.Position.Column)],
    };

    private RunPermissions PermissionsOf(Job job)
    {
        var written = RunPermissions.Of(job.Permissions) ?? RunPermissions.Of(file.Permissions) ?? RunPermissions.Usual;
        return written.Within(scope.Permissions);
    }

    private string? Result(string id) => JobGraph.Result(progress.Run.Status, scope.Prefix + id);

    private string End(string key, JobOutcome outcome, string summary)
    {
        progress.Change(key, j => j with { Phase = Phases.Completed, Conclusion = outcome.Conclusion, Message = outcome.Message, Outputs = outcome.Outputs, Images = outcome.Images, Tests = outcome.Tests, Summary = summary, FinishedAt = desk.Now() });
        log.Append(key, $"Job ended: {outcome.Conclusion}{(outcome.Message.Length == 0 ? "" : $" ({outcome.Message})")}");
        return outcome.Conclusion;
    }

    private void Annotate(string key, Annotation annotation) => progress.Change(key, j => j.Annotations.Count >= 50 ? j : j with { Annotations = [.. j.Annotations, annotation] });

    // The states of a job's combinations; those of a run that goes on after a restart are there already.
    private List<JobState> Place(Job job, IReadOnlyList<ObjectValue> combinations, string? conclusion)
    {
        var states = combinations.Select((c, i) => new JobState(scope.Prefix + (combinations.Count == 1 ? job.Id : $"{job.Id}-{(i + 1).ToString(CultureInfo.InvariantCulture)}"), scope.Prefix + job.Id, scope.Title + Name(job, c))
        {
            Phase = conclusion is null ? Phases.Queued : Phases.Completed,
            Conclusion = conclusion ?? "",
            FinishedAt = conclusion is null ? "" : desk.Now(),
        }).ToList();
        progress.Change(status => status with { Jobs = [.. status.Jobs, .. states.Where(s => status.Jobs.All(j => j.Key != s.Key))] });
        var now = progress.Run.Status.Jobs;
        return [.. states.Select(s => now.First(j => j.Key == s.Key))];
    }

    private string Name(Job job, ObjectValue combination)
    {
        if (job.Name is null) return job.Id + MatrixPlan.Suffix(combination);
        var context = new EvaluationContext([new("github", new ObjectValue(GitHubContext.Of(progress.Run, ""))), new("matrix", combination), new("inputs", scope.Inputs), new("vars", ObjectValue.Of(scope.Variables))]);
        return new NodeEvaluator(file.Path, Places.Place.Anywhere.Language, context).Text(job.Name);
    }

    private bool Succeeded(Job job) => JobGraph.Before(file, job).All(id => Result(id) is Conclusions.Success);

    private ExpressionLanguage Language(Job job, bool cancelled)
    {
        bool Failed(FunctionCall call) => (call.Arguments.Count > 0 ? call.Arguments.Select(a => a.Text) : JobGraph.Before(file, job)).Any(id => Result(id) is Conclusions.Failure);
        return new ExpressionLanguage(Places.Place.JobCondition.Language.Contexts,
        [
            new("success", 0, int.MaxValue, call => ExpressionValue.Of(!cancelled && (call.Arguments.Count > 0 ? call.Arguments.All(a => Result(a.Text) is Conclusions.Success) : Succeeded(job)))),
            new("failure", 0, int.MaxValue, call => ExpressionValue.Of(!cancelled && Failed(call))),
            new("always", 0, 0, _ => ExpressionValue.Of(true)),
            new("cancelled", 0, 0, _ => ExpressionValue.Of(cancelled)),
        ]);
    }
}
