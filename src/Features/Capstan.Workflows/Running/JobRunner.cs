using System.Globalization;
using Capstan.Access.Secrets;
using Capstan.Expressions;
using Capstan.Workflows.Backends;
using Capstan.Workflows.Commands;
using Capstan.Workflows.Logs;
using Capstan.Workflows.Places;
using Capstan.Workflows.Planning;
using Capstan.Workflows.Runs;
using Capstan.Yaml;

namespace Capstan.Workflows.Running;

/// <summary>Runs one job from its machine to its outputs.</summary>
/// <param name="services">What it needs of the world.</param>
internal sealed class JobRunner(RunServices services)
{
    private static readonly TimeSpan AfterCancel = TimeSpan.FromMinutes(5);

    /// <summary>Runs a job.</summary>
    /// <param name="plan">The job.</param>
    /// <param name="log">The run's log.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="annotate">Gets annotations.</param>
    /// <param name="cancellation">Ends the job; its steps that want to run always still do.</param>
    /// <param name="stopping">Ends everything at once: the server stops.</param>
    public async Task<(JobOutcome Outcome, string Summary)> RunAsync(
        JobPlan plan, RunLog log, Action<IReadOnlyList<StepState>> progress, Action<Annotation> annotate, CancellationToken cancellation, CancellationToken stopping)
    {
        var jobLog = new JobLog(log, plan.Key, plan.Secrets.Values.Append(plan.Token).Where(s => s.Length > 0).Select(s => new SecretText(s)));
        var folder = new JobFolder(Path.Combine(services.Options.Folder, "jobs", $"{plan.Run.Name}-{plan.Key}"));
        folder.Create();
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.Files, "event.json"), ExpressionJson.Write(plan.Run.Event.Payload), stopping).ConfigureAwait(false);
            var before = Evaluator(plan);
            using var limit = new CancellationTokenSource(Durations.OfMinutes(before.Text(plan.Job.TimeoutMinutes)) ?? services.Options.JobTime, services.Time);
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token, stopping);
            var machine = await services.Backend.StartAsync(MachineSpec(plan, folder, before), jobLog.Write, ending.Token).ConfigureAwait(false);
            await using (machine.ConfigureAwait(false))
            {
                var session = new JobSession(plan, services, folder, machine, jobLog, annotate);
                var outcome = await StepsAsync(session, progress, ending.Token, stopping).ConfigureAwait(false);
                if (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
                {
                    outcome = outcome with { Conclusion = Conclusions.TimedOut, Message = "The job took longer than it may and was ended" };
                    jobLog.Write($"##[error]{outcome.Message}");
                }

                return (outcome, session.Summary.ToString());
            }
        }
        catch (Exception wrong) when (wrong is WorkflowException or IOException or UnauthorizedAccessException)
        {
            jobLog.Write($"##[error]{wrong.Message}");
            annotate(new Annotation("error", jobLog.Mask(wrong.Message), plan.File.Path, plan.Job.Position.Line, plan.Job.Position.Column));
            return (new JobOutcome(Conclusions.Failure, jobLog.Mask(wrong.Message)), "");
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return (new JobOutcome(Conclusions.Cancelled), "");
        }
        finally
        {
            folder.Delete();
        }
    }

    private static async Task<JobOutcome> StepsAsync(JobSession session, Action<IReadOnlyList<StepState>> progress, CancellationToken cancellation, CancellationToken stopping)
    {
        var plan = session.Plan;
        var scope = new StepScope(plan.Inputs) { File = plan.File.Path };
        foreach (var env in new[] { plan.File.Env, plan.Job.Env })
        {
            foreach (var (name, value) in session.Evaluator(scope, session.Environment, cancellation).Texts(env)) session.Environment[name] = value;
        }

        var actions = new ActionRunner(session);
        var steps = new StepRunner(session, actions.RunAsync);
        var states = plan.Job.Steps.Select(s => new StepState(StepName(session, scope, s), Phases.Queued, "")).ToList();
        using var late = new CancellationTokenSource();
        using var grace = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stopping);
        async Task OneAsync(int index, Func<CancellationToken, Task<string>> run)
        {
            states[index] = states[index] with { Phase = Phases.Running };
            progress([.. states]);
            session.StepTitle = states[index].Name;
            if (cancellation.IsCancellationRequested && !session.Cancelled) session.Cancelled = true;
            if (session.Cancelled) late.CancelAfter(AfterCancel);
            var conclusion = await run(session.Cancelled ? grace.Token : cancellation).ConfigureAwait(false);
            if (session.StepTitle is null) session.Log.Write("##[endgroup]");
            session.StepTitle = null;
            session.Failed = scope.Failed;
            stopping.ThrowIfCancellationRequested();
            states[index] = states[index] with { Phase = Phases.Completed, Conclusion = conclusion };
            progress([.. states]);
        }

        for (var i = 0; i < plan.Job.Steps.Count; i++)
        {
            var step = plan.Job.Steps[i];
            await OneAsync(i, token => steps.RunAsync(step, scope, 0, token)).ConfigureAwait(false);
        }

        while (session.Posts.TryPop(out var post))
        {
            states.Add(new StepState(post.Name, Phases.Queued, ""));
            await OneAsync(states.Count - 1, async token =>
            {
                var holds = post.If is null || session.Evaluator(scope, session.Environment, token).Holds(new(post.If, Position.None), !scope.Failed && !session.Cancelled);
                if (holds) session.OpenGroup();
                return !holds ? Conclusions.Skipped : await post.Run(token).ConfigureAwait(false) ? Conclusions.Success : Conclusions.Failure;
            }).ConfigureAwait(false);
        }

        var evaluator = session.Evaluator(scope, session.Environment, stopping);
        return new JobOutcome(session.Status)
        {
            Images = [.. session.Images],
            Tests = session.Tests,
            Outputs = [.. plan.Job.Outputs.Select(o => new KeyValuePair<string, string>(o.Key, session.Log.Mask(evaluator.Text(o.Value)))).Where(o => o.Value.Length > 0)],
        };
    }

    private static string StepName(JobSession session, StepScope scope, Files.Step step)
    {
        try
        {
            var given = session.Evaluator(scope, session.Environment, CancellationToken.None).Text(step.Name);
            return session.Log.Mask(given.Length > 0 ? given : step.Uses is { } uses ? $"Run {uses}" : $"Run {step.Run?.Text.Trim().Split('\n')[0]}");
        }
        catch (WorkflowException)
        {
            // What is wrong with it is told when the step runs.
            return step.Name?.Text ?? "";
        }
    }

    private static NodeEvaluator Evaluator(JobPlan plan) => new(plan.File.Path, Place.Anywhere.Language, RunContexts.OfJob(plan));

    private static JobMachineSpec MachineSpec(JobPlan plan, JobFolder folder, NodeEvaluator evaluator)
    {
        var labels = evaluator.Value(plan.Job.RunsOn) switch
        {
            ArrayValue list => [.. list.Items.Select(i => i.Text)],
            ObjectValue map => map.TryGet("labels", out var given) ? given is ArrayValue several ? [.. several.Items.Select(i => i.Text)] : [given.Text] : [],
            var one => new List<string> { one.Text },
        };
        return new JobMachineSpec($"{plan.Run.Name}-{plan.Key}-{plan.Run.Status.Attempt.ToString(CultureInfo.InvariantCulture)}", plan.Run.Repository, folder.Root, labels)
        {
            Container = Container(evaluator.Value(plan.Job.Container)),
            Services = evaluator.Value(plan.Job.Services) is ObjectValue services
                ? [.. services.Entries.Select(e => (e.Key, Value: Container(e.Value))).Where(e => e.Value is not null).Select(e => new KeyValuePair<string, JobContainer>(e.Key, e.Value!))]
                : [],
        };
    }

    private static JobContainer? Container(ExpressionValue value)
    {
        if (value is not ObjectValue map) return value.Text.Length == 0 ? null : new JobContainer(value.Text);
        string Text(string name) => map.TryGet(name, out var found) && found.IsPrimitive ? found.Text : "";
        IReadOnlyList<string> List(string name) => map.TryGet(name, out var found) && found is ArrayValue list ? [.. list.Items.Select(i => i.Text)] : [];
        return Text("image").Length == 0 ? null : new JobContainer(Text("image"))
        {
            Environment = map.TryGet("env", out var env) && env is ObjectValue variables ? [.. variables.Entries.Select(e => new KeyValuePair<string, string>(e.Key, e.Value.Text))] : [],
            Ports = List("ports"),
            Volumes = List("volumes"),
            Options = Text("options"),
            Entrypoint = Text("entrypoint"),
            Command = Text("command"),
        };
    }
}
