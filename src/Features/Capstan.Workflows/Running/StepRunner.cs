using Capstan.Workflows.Files;
using Capstan.Workflows.Runs;

namespace Capstan.Workflows.Running;

/// <summary>Runs the steps of a job, or of a composite action in it.</summary>
/// <param name="session">The job.</param>
/// <param name="actions">Runs what <c>uses</c> names.</param>
internal sealed class StepRunner(JobSession session, Func<StepRunner, ActionCall, CancellationToken, Task<bool>> actions)
{
    private static readonly string[] RefusedVariables = ["NODE_OPTIONS", "LD_PRELOAD", Backends.Host.JobProcesses.Variable];

    /// <summary>Runs one step.</summary>
    /// <param name="step">The step.</param>
    /// <param name="scope">The steps that it sees.</param>
    /// <param name="depth">How many actions are around it.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Its conclusion.</returns>
    public async Task<string> RunAsync(Step step, StepScope scope, int depth, CancellationToken cancellation)
    {
        var environment = new Dictionary<string, string>(session.Environment, StringComparer.Ordinal);
        var outputs = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var outcome = Conclusions.Failure;
        var continues = false;
        try
        {
            var before = session.Evaluator(scope, environment, cancellation);
            if (!before.Holds(step.If, !scope.Failed && !session.Cancelled))
            {
                scope.Record(step.Id?.Text, Conclusions.Skipped, Conclusions.Skipped, outputs);
                return Conclusions.Skipped;
            }

            session.OpenGroup();
            foreach (var (name, value) in before.Texts(step.Env)) environment[name] = value;
            var evaluator = session.Evaluator(scope, environment, cancellation);
            continues = evaluator.Text(step.ContinueOnError) == "true";
            outcome = await TimedAsync(evaluator.Text(step.TimeoutMinutes), async token => step.Run is not null
                ? await ScriptAsync(step, scope, evaluator, environment, outputs, token).ConfigureAwait(false)
                : await actions(this, new ActionCall(step, scope, evaluator, environment, outputs, depth), token).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        }
        catch (Exception wrong) when (wrong is WorkflowException or IOException or UnauthorizedAccessException)
        {
            session.OpenGroup();
            session.Log.Write($"##[error]{wrong.Message}");
            session.Annotate(new("error", session.Log.Mask(wrong.Message), scope.File, step.Position.Line, step.Position.Column));
        }

        var conclusion = outcome is Conclusions.Failure && continues ? Conclusions.Success : outcome;
        scope.Record(step.Id?.Text, outcome, conclusion, outputs);
        scope.Failed |= conclusion == Conclusions.Failure;
        return conclusion;
    }

    /// <summary>A program of a step: its output is followed, and what it appended to the runner's files is taken over.</summary>
    /// <returns>Its exit code.</returns>
    public Task<int> ProgramAsync(
        IReadOnlyList<string> arguments, string folder, StepScope scope, IReadOnlyDictionary<string, string> environment, Dictionary<string, string> outputs, CancellationToken cancellation) =>
        FollowAsync(scope, environment, outputs, (variables, output) => session.Machine.RunAsync(new(arguments, variables, folder), output, cancellation), cancellation);

    /// <summary>Whatever runs in a step: its output is followed, and what it appended to the runner's files is taken over.</summary>
    /// <param name="scope">The steps that it sees.</param>
    /// <param name="environment">Its environment besides the runner's.</param>
    /// <param name="outputs">Where its outputs go.</param>
    /// <param name="run">Runs it with its whole environment.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Its exit code.</returns>
    public async Task<int> FollowAsync(
        StepScope scope, IReadOnlyDictionary<string, string> environment, Dictionary<string, string> outputs,
        Func<Dictionary<string, string>, Action<ReadOnlyMemory<byte>>, Task<int>> run, CancellationToken cancellation)
    {
        var variables = session.VariablesOf(scope, environment);
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in new[] { "OUTPUT", "ENV", "PATH", "STEP_SUMMARY", "STATE" })
        {
            files[name] = session.NewFile(name.ToLowerInvariant());
            await File.WriteAllTextAsync(files[name], "", cancellation).ConfigureAwait(false);
            variables[$"GITHUB_{name}"] = session.Machine.Inner(files[name]);
        }

        var reader = new Commands.CommandReader(session.Log, session.Annotate);
        var cutter = new Logs.LineCutter(reader.Take);
        try
        {
            return await run(variables, bytes => cutter.Write(bytes.Span)).ConfigureAwait(false);
        }
        finally
        {
            cutter.End();
            TakeOver(files, outputs);
        }
    }

    private void TakeOver(Dictionary<string, string> files, Dictionary<string, string> outputs)
    {
        foreach (var (name, value) in Commands.CommandFile.Parse("GITHUB_OUTPUT", ReadBounded(files["OUTPUT"]))) outputs[name] = value;
        foreach (var (name, value) in Commands.CommandFile.Parse("GITHUB_STATE", ReadBounded(files["STATE"]))) outputs[$"\0state\0{name}"] = value;
        foreach (var (name, value) in Commands.CommandFile.Parse("GITHUB_ENV", ReadBounded(files["ENV"])))
        {
            if (RefusedVariables.Contains(name) || name.StartsWith("GITHUB_", StringComparison.Ordinal) || name.StartsWith("RUNNER_", StringComparison.Ordinal))
            {
                session.Log.Write($"##[error]GITHUB_ENV: {name} cannot be set for the steps behind; set it in the step's own env");
                continue;
            }

            session.Environment[name] = value;
        }

        foreach (var path in ReadBounded(files["PATH"]).Split('\n').Select(p => p.TrimEnd('\r')).Where(p => p.Length > 0)) session.Paths.Add(path);
        var summary = ReadBounded(files["STEP_SUMMARY"]);
        if (session.Summary.Length + summary.Length <= Commands.CommandFile.LargestFile) session.Summary.Append(session.Log.Mask(summary));
    }

    private static string ReadBounded(string path)
    {
        // The job may have put anything there; only a plain file counts.
        var file = new FileInfo(path);
        if (!file.Exists || file.LinkTarget is not null) return "";
        return file.Length <= Commands.CommandFile.LargestFile
            ? File.ReadAllText(path)
            : throw new WorkflowException($"{Path.GetFileName(path)}: has {file.Length:N0} bytes, more than the {Commands.CommandFile.LargestFile:N0} allowed");
    }

    private async Task<bool> ScriptAsync(Step step, StepScope scope, Planning.NodeEvaluator evaluator, Dictionary<string, string> environment, Dictionary<string, string> outputs, CancellationToken cancellation)
    {
        var script = evaluator.Text(step.Run);
        var defaults = session.Plan.Job.Defaults;
        var shell = evaluator.Text(step.Shell ?? defaults.Shell ?? session.Plan.File.Defaults.Shell);
        var folder = evaluator.Text(step.WorkingDirectory ?? defaults.WorkingDirectory ?? session.Plan.File.Defaults.WorkingDirectory);
        foreach (var line in script.TrimEnd().Split('\n').Take(30)) session.Log.Write($"  {line}");
        var file = session.NewFile("script") + (shell == "python" ? ".py" : ".sh");
        await File.WriteAllTextAsync(file, script + "\n", cancellation).ConfigureAwait(false);
        var workspace = session.Machine.Inner(session.Folder.Workspace);
        var exit = await ProgramAsync(Shells.Command(shell, session.Machine.Inner(file)), Path.Combine(workspace, folder), scope, environment, outputs, cancellation).ConfigureAwait(false);
        if (exit != 0) session.Log.Write($"##[error]Process completed with exit code {exit}.");
        return exit == 0;
    }

    private async Task<string> TimedAsync(string minutes, Func<CancellationToken, Task<bool>> run, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(Durations.OfMinutes(minutes) ?? Timeout.InfiniteTimeSpan, session.Services.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            return await run(both.Token).ConfigureAwait(false) ? Conclusions.Success : Conclusions.Failure;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            session.Log.Write($"##[error]The step took longer than {minutes} minutes and was ended");
            return Conclusions.Failure;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            session.Cancelled = true;
            session.Log.Write("##[error]The step was ended");
            return Conclusions.Cancelled;
        }
    }
}

/// <summary>A step that uses an action.</summary>
internal sealed record ActionCall(Step Step, StepScope Scope, Planning.NodeEvaluator Evaluator, Dictionary<string, string> Environment, Dictionary<string, string> Outputs, int Depth);
