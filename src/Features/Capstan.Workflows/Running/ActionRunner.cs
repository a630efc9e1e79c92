using Capstan.Expressions;
using Capstan.Workflows.Actions;
using Capstan.Workflows.Actions.BuiltIn;
using Capstan.Workflows.Files;

namespace Capstan.Workflows.Running;

/// <summary>Runs what a step <c>uses</c>: an action built in, of the same repository, or of a repository of the Git host.</summary>
/// <param name="session">The job.</param>
internal sealed class ActionRunner(JobSession session)
{
    private const int Deepest = 10;

    public async Task<bool> RunAsync(StepRunner steps, ActionCall call, CancellationToken cancellation)
    {
        var uses = call.Evaluator.Text(call.Step.Uses);
        if (!ActionReference.TryParse(uses, out var reference)) throw new WorkflowException(ActionReference.Problem(uses)!);
        if (call.Depth >= Deepest) throw new WorkflowException($"{uses}: {Deepest} actions are inside one another already; does one use itself?");
        if (BuiltInActions.Find(reference) is { } own)
        {
            var given = Inputs(own.Inputs, call, uses);
            return await BuiltInSteps.Find(own.Name).RunAsync(new BuiltInCall(session, steps, call, given), cancellation).ConfigureAwait(false);
        }

        if (reference.Origin == ActionOrigin.Image) return await new ContainerActions(session, steps).RunImageAsync(call, reference.Repository, cancellation).ConfigureAwait(false);
        var (folder, action) = await FetchAsync(reference, uses, cancellation).ConfigureAwait(false);
        var inputs = Inputs(action.Inputs, call, uses);
        return action.Kind switch
        {
            ActionKind.Composite => await CompositeAsync(steps, call, folder, action, inputs, cancellation).ConfigureAwait(false),
            ActionKind.JavaScript => await ScriptAsync(steps, call, folder, action, inputs, cancellation).ConfigureAwait(false),
            _ => await new ContainerActions(session, steps).RunAsync(call, reference, folder, action, inputs, cancellation).ConfigureAwait(false),
        };
    }

    private async Task<(string Folder, ActionFile Action)> FetchAsync(ActionReference reference, string uses, CancellationToken cancellation)
    {
        var folder = reference.Origin switch
        {
            ActionOrigin.Local => session.Folder.Inside(reference.Path, uses),
            _ => await DownloadAsync(reference, uses, cancellation).ConfigureAwait(false),
        };
        foreach (var name in ActionReader.FileNames)
        {
            var file = new FileInfo(Path.Combine(folder, name));
            if (file is { Exists: true, LinkTarget: null, Length: < 1 << 20 }) return (folder, ActionReader.Read($"{uses}/{name}", await File.ReadAllTextAsync(file.FullName, cancellation).ConfigureAwait(false)));
        }

        throw new WorkflowException(reference.Origin == ActionOrigin.Local ? $"{uses}: there is no action.yml in the workspace. Does a step before check the repository out (actions/checkout)?" : $"{uses}: the repository has no action.yml there");
    }

    // Resolved to a commit once for the whole job, and told.
    private async Task<string> DownloadAsync(ActionReference reference, string uses, CancellationToken cancellation)
    {
        // Somebody whom nobody here trusts must not learn what other repositories hold, nor which there are.
        var run = session.Plan.Run;
        var repositories = session.Services.Repositories;
        var isHere = repositories.Exists(reference.Repository) && (!run.Event.IsUntrusted || reference.Repository == run.Repository);
        var found = isHere ? await repositories.ResolveAsync(reference.Repository, reference.Ref, cancellation).ConfigureAwait(false)
            : await repositories.ResolvePublicAsync(reference.Repository, reference.Ref, cancellation).ConfigureAwait(false) ?? throw new WorkflowException(ActionReference.MissingText(uses));
        var commit = found ?? throw new WorkflowException($"{uses}: the repository {reference.Repository} has no '{reference.Ref}'");
        var folder = Path.Combine(session.Folder.Actions, reference.Repository.Replace('/', '_'), commit);
        if (!Directory.Exists(folder))
        {
            session.Log.Write($"Download action repository '{reference.Repository}@{reference.Ref}' (SHA:{commit})");
            Directory.CreateDirectory(folder);
            if (isHere) await repositories.CheckOutAsync(reference.Repository, commit, "", folder, 1, cancellation).ConfigureAwait(false);
            else await repositories.CheckOutPublicAsync(reference.Repository, commit, folder, cancellation).ConfigureAwait(false);
        }

        return reference.Path.Length == 0 ? folder : Path.Combine(folder, reference.Path);
    }

    private Dictionary<string, string> Inputs(IReadOnlyList<Input> declared, ActionCall call, string uses)
    {
        var inputs = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var input in declared) inputs[input.Name] = input.Default is null ? "" : call.Evaluator.Value(input.Default).Text;
        foreach (var (name, value) in call.Evaluator.Texts(call.Step.With))
        {
            if (!inputs.ContainsKey(name) && declared.Count > 0) session.Log.Write($"##[warning]{uses} has no input '{name}'");
            inputs[name] = value;
        }

        foreach (var input in declared.Where(i => i.Required && inputs[i.Name].Length == 0)) throw new WorkflowException($"{uses}: needs the input '{input.Name}'");
        return inputs;
    }

    private async Task<bool> CompositeAsync(StepRunner steps, ActionCall call, string folder, ActionFile action, Dictionary<string, string> inputs, CancellationToken cancellation)
    {
        var scope = new StepScope(ObjectValue.Of(inputs)) { ActionPath = session.Machine.Inner(folder), File = action.Path };
        var outside = new Dictionary<string, string>(session.Environment, StringComparer.Ordinal);
        foreach (var (name, value) in call.Environment) session.Environment[name] = value;
        foreach (var step in action.Steps)
        {
            await steps.RunAsync(step, scope, call.Depth + 1, cancellation).ConfigureAwait(false);
        }

        // What its steps appended to GITHUB_ENV stays; what the step around it set was for it alone.
        foreach (var name in call.Environment.Keys.Where(n => session.Environment.GetValueOrDefault(n) == call.Environment[n]))
        {
            if (outside.TryGetValue(name, out var value)) session.Environment[name] = value;
            else session.Environment.Remove(name);
        }

        var evaluator = session.Evaluator(scope, call.Environment, cancellation);
        foreach (var (name, value) in action.Outputs) call.Outputs[name] = evaluator.Text(value);
        return !scope.Failed;
    }

    private async Task<bool> ScriptAsync(StepRunner steps, ActionCall call, string folder, ActionFile action, Dictionary<string, string> inputs, CancellationToken cancellation)
    {
        var environment = new Dictionary<string, string>(call.Environment, StringComparer.Ordinal);
        foreach (var (name, value) in inputs) environment[$"INPUT_{name.Replace(' ', '_').ToUpperInvariant()}"] = value;
        var scope = new StepScope(call.Scope.Inputs) { ActionPath = session.Machine.Inner(folder), File = action.Path };
        var workspace = session.Machine.Inner(session.Folder.Workspace);
        if (!session.NodeTold) await steps.ProgramAsync(["node", "-p", $"'{action.Node} runs with the runner\\'s own Node ' + process.version"], workspace, scope, environment, [], cancellation).ConfigureAwait(false);
        session.NodeTold = true;

        async Task<bool> RunAsync(string script, CancellationToken token)
        {
            if (script.Length == 0) return true;
            foreach (var (name, value) in call.Outputs.Where(o => o.Key.StartsWith("\0state\0", StringComparison.Ordinal)).ToList()) environment[$"STATE_{name["\0state\0".Length..]}"] = value;
            var path = Path.GetFullPath(Path.Combine(folder, script));
            if (!path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)) throw new WorkflowException($"{action.Path}: '{script}' leads out of the action");
            return await steps.ProgramAsync(["node", session.Machine.Inner(path)], workspace, scope, environment, call.Outputs, token).ConfigureAwait(false) == 0;
        }

        if (!await RunAsync(action.Pre, cancellation).ConfigureAwait(false)) return false;
        if (action.Post.Length > 0) session.Posts.Push(($"Post {call.Step.Uses}", action.PostIf?.Text, token => RunAsync(action.Post, token)));
        return await RunAsync(action.Main, cancellation).ConfigureAwait(false);
    }
}
