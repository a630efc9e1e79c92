using Capstan.Expressions;
using Capstan.Workflows.Actions;
using Capstan.Workflows.Files;
using Capstan.Workflows.Planning;
using Capstan.Workflows.Runs;
using Capstan.Yaml;

namespace Capstan.Workflows.Running;

/// <summary>Opens the workflows that jobs call (<c>uses</c> of a job): finds the file, checks what is handed over, and says how it ended.</summary>
/// <param name="repositories">Where files come from.</param>
internal sealed class WorkflowCalls(IWorkflowRepositories repositories)
{
    /// <summary>How deep workflows may call one another, the run's own counted.</summary>
    public const int Deepest = 4;

    /// <summary>Opens the workflow that a job calls.</summary>
    /// <param name="plan">The job that calls.</param>
    /// <param name="permissions">What that job's token could do; the called jobs' can do no more.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="WorkflowException">It is not there, cannot be called, or is handed what it does not take; the message has path and line.</exception>
    public async Task<WorkflowScope> OpenAsync(JobPlan plan, RunPermissions permissions, CancellationToken cancellation)
    {
        var evaluator = new NodeEvaluator(plan.File.Path, Places.Place.Anywhere.Language, RunContexts.OfJob(plan));
        var uses = plan.Job.Uses!;
        var here = $"{plan.File.Path}:{uses.Position}";
        if (ActionReference.WorkflowProblem(uses.Text) is { } problem) throw new WorkflowException($"{here}: {problem}");
        _ = ActionReference.TryParse(uses.Text, out var found);
        var reference = found!;
        var (repository, commit) = await FindAsync(plan, reference, here, cancellation).ConfigureAwait(false);
        var path = repository == plan.Run.Repository ? reference.Path : $"{repository}/{reference.Path}";
        var callers = plan.Scope.Callers;
        if (callers.Contains(path)) throw new WorkflowException($"{here}: the workflows call one another in a circle: {string.Join(" → ", callers.SkipWhile(c => c != path).Append(path))}");
        if (callers.Count >= Deepest) throw new WorkflowException($"{here}: {Deepest} workflows call one another already ({string.Join(" → ", callers)}), which is the most");
        var text = await repositories.ReadAsync(repository, commit, reference.Path, cancellation).ConfigureAwait(false) ?? throw new WorkflowException($"{here}: {reference.Path} is not in {repository} at {commit}");
        var reading = WorkflowReader.Read(path, text);
        if (reading.File is not { } file) throw new WorkflowException($"{here}: the workflow has mistakes: {reading.Findings[0]}");
        var trigger = file.On.FirstOrDefault(t => t.Event == "workflow_call") ?? throw new WorkflowException($"{here}: {path} cannot be called: it has no 'workflow_call' in 'on'");
        return new WorkflowScope(file)
        {
            Prefix = $"{plan.Key}.",
            Inputs = Inputs(plan, trigger, evaluator, here, path),
            Secrets = Secrets(plan, trigger, evaluator, here, path),
            Variables = plan.Variables,
            Permissions = permissions,
            Repository = repository,
            Commit = commit,
            Callers = [.. callers, path],
        };
    }

    /// <summary>How a called workflow ended, with the outputs that it gives.</summary>
    public static JobOutcome OutcomeOf(WorkflowRun run, WorkflowScope called)
    {
        var results = called.File.Jobs.Select(j => JobGraph.Result(run.Status, called.Prefix + j.Id)).ToList();
        var conclusion = results.Contains(Conclusions.Failure) ? Conclusions.Failure
            : results.Contains(Conclusions.Cancelled) ? Conclusions.Cancelled
            : results.All(r => r == Conclusions.Skipped) ? Conclusions.Skipped : Conclusions.Success;
        var context = new EvaluationContext(
        [
            new("github", new ObjectValue(GitHubContext.Of(run, ""))), new("inputs", called.Inputs), new("vars", ObjectValue.Of(called.Variables)), new("jobs", JobGraph.Jobs(run.Status, called.Prefix, called.File)),
        ]);
        var evaluator = new NodeEvaluator(called.File.Path, Places.Place.Anywhere.Language, context);
        var outputs = called.File.On.First(t => t.Event == "workflow_call").Outputs;
        return new JobOutcome(conclusion) { Outputs = [.. outputs.Select(o => new KeyValuePair<string, string>(o.Key, evaluator.Text(o.Value))).Where(o => o.Value.Length > 0)] };
    }

    // A workflow beside the one that calls is taken from the same commit; one of another repository from its ref now, which the log tells.
    private async Task<(string Repository, string Commit)> FindAsync(JobPlan plan, ActionReference reference, string here, CancellationToken cancellation)
    {
        if (reference.Origin == ActionOrigin.Local) return (plan.Scope.Repository, plan.Scope.Commit);
        if (!repositories.Exists(reference.Repository) || (plan.Run.Event.IsUntrusted && reference.Repository != plan.Run.Repository))
        {
            throw new WorkflowException($"{here}: the repository {reference.Repository} is not on this Git host. Push a copy of it to {reference.Repository} here, or write its jobs into a workflow of this repository (uses: ./.github/workflows/FILE.yaml)");
        }

        var commit = await repositories.ResolveAsync(reference.Repository, reference.Ref, cancellation).ConfigureAwait(false);
        return (reference.Repository, commit ?? throw new WorkflowException($"{here}: the repository {reference.Repository} has no '{reference.Ref}'"));
    }

    private static ObjectValue Inputs(JobPlan plan, Trigger trigger, NodeEvaluator evaluator, string here, string path)
    {
        var given = evaluator.Value(plan.Job.With) as ObjectValue ?? ObjectValue.Empty;
        foreach (var name in given.Entries.Select(e => e.Key).Where(n => trigger.Inputs.All(i => i.Name != n)))
        {
            throw new WorkflowException($"{here}: {path} has no input '{name}'{(trigger.Inputs.Count == 0 ? "" : $"; it has {string.Join(", ", trigger.Inputs.Select(i => i.Name))}")}");
        }

        var values = new List<KeyValuePair<string, ExpressionValue>>();
        foreach (var input in trigger.Inputs)
        {
            var value = given.TryGet(input.Name, out var found) ? found : ExpressionValue.Null;
            if (value.Kind == ValueKind.Null)
            {
                if (input.Required) throw new WorkflowException($"{here}: {path} needs the input '{input.Name}'");
                value = input.Default is { } otherwise ? evaluator.Value(otherwise) : ExpressionValue.Null;
            }

            var fits = input.Type switch
            {
                "boolean" => value.Kind is ValueKind.Boolean or ValueKind.Null || value.Text is "true" or "false",
                "number" => value.Kind is ValueKind.Number or ValueKind.Null || !double.IsNaN(value.Number),
                _ => value.IsPrimitive,
            };
            if (!fits) throw new WorkflowException($"{here}: the input '{input.Name}' of {path} is a {input.Type}, and '{value.Text}' is none");
            values.Add(new(input.Name, RunContexts.Typed(input.Type, value.Text)));
        }

        return new ObjectValue(values);
    }

    private static Dictionary<string, string> Secrets(JobPlan plan, Trigger trigger, NodeEvaluator evaluator, string here, string path)
    {
        if (plan.Job.Secrets is YamlScalar { Text: "inherit" }) return new(plan.Secrets, StringComparer.OrdinalIgnoreCase);
        var handed = evaluator.Texts(plan.Job.Secrets).Where(s => s.Value.Length > 0).ToDictionary(s => s.Key, s => s.Value, StringComparer.OrdinalIgnoreCase);
        foreach (var name in handed.Keys.Where(n => !trigger.Secrets.Keys.Contains(n, StringComparer.OrdinalIgnoreCase))) throw new WorkflowException($"{here}: {path} takes no secret '{name}'");
        foreach (var (name, _) in trigger.Secrets.Where(s => s.Value && !handed.ContainsKey(s.Key) && !plan.Run.Event.IsUntrusted)) throw new WorkflowException($"{here}: {path} needs the secret '{name}'; hand it over with secrets: {{{name}: …}} or secrets: inherit");
        return handed;
    }
}
