using Capstan.Workflows.Actions;
using Capstan.Workflows.Backends;
using Capstan.Workflows.Backends.Containers;

namespace Capstan.Workflows.Running;

/// <summary>Runs actions that are containers: built or fetched, and run, outside the job.</summary>
/// <param name="session">The job.</param>
/// <param name="steps">Follows what they print and hand over.</param>
internal sealed class ContainerActions(JobSession session, StepRunner steps)
{
    private const string ImagePrefix = "docker://";

    /// <summary>Runs an action whose file names a Dockerfile or an image.</summary>
    public async Task<bool> RunAsync(ActionCall call, ActionReference reference, string folder, ActionFile action, Dictionary<string, string> inputs, CancellationToken cancellation)
    {
        var evaluator = session.Evaluator(new StepScope(Expressions.ObjectValue.Of(inputs)) { File = action.Path }, call.Environment, cancellation);
        var environment = new Dictionary<string, string>(call.Environment, StringComparer.Ordinal);
        foreach (var (name, value) in evaluator.Texts(action.Env)) environment.TryAdd(name, value);
        foreach (var (name, value) in inputs) environment[$"INPUT_{name.Replace(' ', '_').ToUpperInvariant()}"] = value;
        var container = Container(reference, folder, action) with
        {
            Arguments = call.Evaluator.Texts(call.Step.With).FirstOrDefault(w => w.Key == "args") is { Key: not null } given ? ContainerOptions.Words(given.Value) : [.. action.Arguments.Select(evaluator.Text)],
        };

        async Task<bool> OneAsync(string entrypoint, bool arguments, CancellationToken token)
        {
            // State of the steps before is handed on, as to scripts.
            foreach (var (name, value) in call.Outputs.Where(o => o.Key.StartsWith("\0state\0", StringComparison.Ordinal)).ToList()) environment[$"STATE_{name["\0state\0".Length..]}"] = value;
            var one = container with { Entrypoint = entrypoint.Length == 0 ? [] : [entrypoint], Arguments = arguments ? container.Arguments : [] };
            return await RunAsync(call, one, environment, token).ConfigureAwait(false);
        }

        if (action.Pre.Length > 0 && !await OneAsync(action.Pre, false, cancellation).ConfigureAwait(false)) return false;
        if (action.Post.Length > 0) session.Posts.Push(($"Post {call.Step.Uses}", action.PostIf?.Text, token => OneAsync(action.Post, false, token)));
        return await OneAsync(action.Main, true, cancellation).ConfigureAwait(false);
    }

    /// <summary>Runs an image as a step (<c>uses: docker://IMAGE</c>).</summary>
    public Task<bool> RunImageAsync(ActionCall call, string image, CancellationToken cancellation)
    {
        var given = call.Evaluator.Texts(call.Step.With);
        string With(string name) => given.FirstOrDefault(w => w.Key == name).Value ?? "";
        var environment = new Dictionary<string, string>(call.Environment, StringComparer.Ordinal);
        foreach (var (name, value) in given.Where(w => w.Key is not ("args" or "entrypoint"))) environment[$"INPUT_{name.Replace(' ', '_').ToUpperInvariant()}"] = value;
        var container = new ActionContainer(environment) { Image = image, Entrypoint = With("entrypoint") is { Length: > 0 } program ? [program] : [], Arguments = ContainerOptions.Words(With("args")) };
        return RunAsync(call, container, environment, cancellation);
    }

    private async Task<bool> RunAsync(ActionCall call, ActionContainer container, Dictionary<string, string> environment, CancellationToken cancellation)
    {
        var exit = await steps.FollowAsync(call.Scope, environment, call.Outputs, (variables, output) =>
        {
            // Where programs lie is the image's own to say.
            variables.Remove("PATH");
            return session.Machine.RunAsync(container with { Environment = variables }, session.Log.Write, output, cancellation);
        }, cancellation).ConfigureAwait(false);
        if (exit != 0) session.Log.Write($"##[error]The action's container ended with exit code {exit}.");
        return exit == 0;
    }

    private ActionContainer Container(ActionReference reference, string folder, ActionFile action)
    {
        var container = new ActionContainer(new Dictionary<string, string>());
        if (action.Image.StartsWith(ImagePrefix, StringComparison.Ordinal)) return container with { Image = action.Image[ImagePrefix.Length..] };
        var path = Path.GetFullPath(Path.Combine(folder, action.Image));
        if (!path.StartsWith(folder.TrimEnd('/') + "/", StringComparison.Ordinal)) throw new WorkflowException($"{action.Path}: the image '{action.Image}' leads out of the action");
        if (!File.Exists(path)) throw new WorkflowException($"{action.Path}: there is no '{action.Image}'; write Dockerfile, its path in the action, or docker://IMAGE");
        // The files of a commit never change; those of the job's workspace may.
        var commit = reference.Origin == ActionOrigin.Repository ? Path.GetRelativePath(session.Folder.Actions, folder) : "";
        return container with { BuildFolder = folder, Dockerfile = Path.GetRelativePath(folder, path), BuildKey = commit };
    }
}
