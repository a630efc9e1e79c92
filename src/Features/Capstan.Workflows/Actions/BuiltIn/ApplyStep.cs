using System.Globalization;
using System.Text;
using Capstan.Sources.Folders;
using Capstan.Workflows.Applying;
using Capstan.Workflows.Running;

namespace Capstan.Workflows.Actions.BuiltIn;

/// <summary><c>capstan/apply</c>: the push model from a workflow. Done outside the job, whose files and kubeconfig it is given.</summary>
internal sealed class ApplyStep : IBuiltInStep
{
    private const int LongestName = 253;
    private const int LargestKubeconfig = 1 << 20;

    public async Task<bool> RunAsync(BuiltInCall call, CancellationToken cancellation)
    {
        var session = call.Session;
        if (session.Plan.Run.Event.IsUntrusted) return call.Fail("this run is of somebody whom nobody here trusts; it may not apply anything");
        var path = session.Folder.Inside(call.Input("path"), "path");
        if (!Path.Exists(path)) return call.Fail($"path: there is no '{call.Input("path")}' in the workspace. Does a step before check the repository out (actions/checkout)?");
        var name = call.Input("name") is { Length: > 0 } given ? given : null;
        if (call.Input("prune") == "true" && name is null) return call.Fail("prune: deletes what an earlier step applied under the same name; give a name");
        if (name is not null && !IsName(name)) return call.Fail($"name: '{name}' is no name of an object: lower-case letters, digits, dashes and dots, {LongestName} at most");
        if (Durations.OfMinutes(call.Input("timeout-minutes")) is not { } time) return call.Fail($"timeout-minutes: '{call.Input("timeout-minutes")}' is no number of minutes");
        var order = new ApplyOrder(session.Folder.Workspace, Path.GetRelativePath(session.Folder.Workspace, path).Replace('\\', '/'), Kubeconfig(call))
        {
            Name = name,
            Namespace = call.Input("namespace") is { Length: > 0 } space ? space : null,
            Recurse = call.Input("recurse") == "true",
            Prune = call.Input("prune") == "true",
            Wait = call.Input("wait") == "true" ? time : null,
            DryRun = call.Input("dry-run") == "true",
        };
        var changes = await session.Services.Applies.ApplyAsync(order, call.Say, cancellation).ConfigureAwait(false);
        call.Output("changes", changes.ToString(CultureInfo.InvariantCulture));
        return true;
    }

    // A secret with the text, or a file that a step before wrote.
    private static byte[] Kubeconfig(BuiltInCall call)
    {
        var given = call.Input("kubeconfig");
        if (given.Contains('\n', StringComparison.Ordinal) || given.StartsWith('{')) return Encoding.UTF8.GetBytes(given);
        var folder = call.Session.Folder;
        var path = folder.Inside(given, "kubeconfig");
        if (!File.Exists(path)) throw new WorkflowException($"kubeconfig: there is no file '{given}' in the workspace; give the text of a kubeconfig (a secret), or the path of one");
        using var file = new ConfinedFile(folder.Workspace, p => new WorkflowException($"kubeconfig: '{p}' leads out of the workspace, which is not followed")).Open(path);
        if (file.Length > LargestKubeconfig) throw new WorkflowException($"kubeconfig: {given} has {file.Length:N0} bytes, more than the {LargestKubeconfig:N0} allowed");
        using var text = new MemoryStream();
        file.CopyTo(text);
        return text.ToArray();
    }

    private static bool IsName(string text) =>
        text.Length <= LongestName && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.') && char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1]);
}
