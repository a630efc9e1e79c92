using Capstan.Workflows.Commands;
using Capstan.Workflows.Files;
using Capstan.Workflows.Linting;
using Capstan.Workflows.Places;
using Capstan.Workflows.Planning;
using Capstan.Workflows.Running;
using Capstan.Workflows.Runs;

namespace Capstan.Workflows.Controlling;

/// <summary>One run from its file to its end.</summary>
internal sealed class RunProcess(RunServices services, RunStore store, IRunTokens tokens, SemaphoreSlim turns, ConcurrencyGroups groups)
{
    /// <summary>Runs it and stores how it ended.</summary>
    public async Task RunAsync(ActiveRun active, CancellationToken stopping)
    {
        var progress = active.Progress;
        var run = progress.Run;
        var desk = new RunDesk(turns, groups, tokens, services.Time);
        using var storing = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var keeping = progress.KeepStoringAsync(storing.Token);
        IDisposable? turn = null;
        try
        {
            var text = await services.Repositories.ReadAsync(run.Repository, run.Event.Sha, run.Path, stopping).ConfigureAwait(false)
                ?? throw new WorkflowException($"{run.Path}: is not in commit {run.Event.Sha}");
            var findings = WorkflowLinter.Lint(run.Path, text, await CatalogsAsync(services.Repositories, stopping).ConfigureAwait(false));
            Tell(active, findings);
            if (WorkflowReader.Read(run.Path, text).File is not { } file || findings.Any(IsFatal)) throw new WorkflowException($"{run.Path}: the workflow has mistakes: {findings.First(f => f.Severity == Severity.Error)}");
            var variables = await store.VariablesAsync(run.Repository, stopping).ConfigureAwait(false);
            var secrets = run.Event.IsUntrusted ? new Dictionary<string, string>() : await store.SecretsAsync(run.Repository, stopping).ConfigureAwait(false);
            var evaluator = new NodeEvaluator(run.Path, Place.Anywhere.Language, RunContexts.OfRun(run, RunContexts.Inputs(file, run), variables));
            if (evaluator.Text(file.RunName) is { Length: > 0 } title) progress.Change(s => s with { Title = title });
            if (ConcurrencyKey.Of(evaluator.Value(file.Concurrency)) is { } group)
            {
                turn = await groups.EnterAsync($"{run.Repository}\nrun\n{group.Key}", group.CancelRunning, active.Cancel, active.Cancelled).ConfigureAwait(false);
                if (turn is null)
                {
                    Finish(progress, desk, Conclusions.Cancelled, $"A newer run of the group '{group.Key}' took its place");
                    return;
                }
            }

            progress.Change(s => s with { Phase = Phases.Running, StartedAt = desk.Now() });
            await progress.StoreAsync(stopping).ConfigureAwait(false);
            var scope = new WorkflowScope(file)
            {
                Inputs = RunContexts.Inputs(file, run),
                Secrets = secrets,
                Variables = variables,
                Permissions = run.Event.IsUntrusted ? RunPermissions.Untrusted : RunPermissions.All,
                Repository = run.Repository,
                Commit = run.Event.Sha,
                Callers = [run.Path],
            };
            await new RunExecutor(services, progress, scope, active.Log, desk).RunAsync(active.Cancelled, stopping).ConfigureAwait(false);
            Finish(progress, desk, ConclusionOf(progress.Run.Status, active.Cancelled.IsCancellationRequested), "");
        }
        catch (WorkflowException wrong)
        {
            active.Log.Append("", $"##[error]{wrong.Message}");
            Finish(progress, desk, Conclusions.Failure, wrong.Message);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            Finish(progress, desk, Conclusions.Cancelled, "");
        }
        finally
        {
            turn?.Dispose();
            await storing.CancelAsync().ConfigureAwait(false);
            await keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!stopping.IsCancellationRequested) await progress.StoreAsync(stopping).ConfigureAwait(false);
            active.Log.End();
        }
    }

    /// <summary>What actions there are: those built in, the repositories of the Git host, and public ones that may be fetched.</summary>
    public static async Task<ActionCatalogs> CatalogsAsync(IWorkflowRepositories repositories, CancellationToken cancellation)
    {
        var mayFetch = await repositories.PublicActionsAsync(cancellation).ConfigureAwait(false);
        return new(null, reference => repositories.Exists(reference.Repository) || mayFetch(reference.Repository) ? new(ActionState.Known) : new(ActionState.Missing));
    }

    // An action that is not there keeps its workflow from running at all; other findings of the rules do not.
    private static bool IsFatal(Finding finding) => finding.Severity == Severity.Error && finding.Rule is "yaml" or "syntax" or "ids" or "needs" or "schedule" or "inputs" or "container" or "actions" or "events" or "pattern";

    private static void Tell(ActiveRun active, IReadOnlyList<Finding> findings)
    {
        foreach (var finding in findings) active.Log.Append("", $"##[{(finding.Severity == Severity.Error ? "error" : "warning")}]{finding}");
        active.Progress.Change(s => s with
        {
            Annotations = [.. findings.Take(50).Select(f => new Annotation(f.Severity == Severity.Error ? "error" : "warning", f.Message, f.Path, f.Position.Line, f.Position.Column, f.Rule))],
        });
    }

    private static void Finish(RunProgress progress, RunDesk desk, string conclusion, string message) =>
        progress.Change(s => s with { Phase = Phases.Completed, Conclusion = conclusion, Message = message, FinishedAt = desk.Now() });

    private static string ConclusionOf(RunStatus status, bool cancelled)
    {
        if (status.Jobs.Any(j => j.Conclusion is Conclusions.Failure or Conclusions.TimedOut)) return Conclusions.Failure;
        if (cancelled || status.Jobs.Any(j => j.Conclusion == Conclusions.Cancelled)) return Conclusions.Cancelled;
        return status.Jobs.All(j => j.Conclusion == Conclusions.Skipped) ? Conclusions.Skipped : Conclusions.Success;
    }
}
