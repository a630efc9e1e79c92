using Capstan.Workflows.Planning;

namespace Capstan.Workflows.Actions.BuiltIn;

/// <summary><c>actions/download-artifact</c>.</summary>
internal sealed class DownloadArtifactStep : IBuiltInStep
{
    public async Task<bool> RunAsync(BuiltInCall call, CancellationToken cancellation)
    {
        var (session, name) = (call.Session, call.Input("name"));
        var artifacts = session.Services.Artifacts;
        var run = session.Plan.Run.Name;
        if (call.Input("run-id") is { Length: > 0 } other && other != run) return call.Fail("artifacts of other runs are not given to this one");
        var folder = session.Folder.Inside(call.Input("path"), "actions/download-artifact: path");
        var pattern = call.Input("pattern");
        var names = name.Length > 0 ? [name] : artifacts.List(run).Where(n => pattern.Length == 0 || RefGlob.Parse(pattern).Matches(n)).ToList();
        var apart = name.Length == 0 && call.Input("merge-multiple") != "true";
        foreach (var each in names)
        {
            var into = apart ? session.Folder.Inside(Path.Combine(call.Input("path"), each), "actions/download-artifact") : folder;
            if (!await artifacts.FetchAsync(run, each, into, cancellation).ConfigureAwait(false)) return call.Fail($"this run has no artifact '{each}'; it has {string.Join(", ", artifacts.List(run))}");
            call.Say($"Artifact {each}: downloaded to {Path.GetRelativePath(session.Folder.Workspace, into)}");
        }

        call.Output("download-path", session.Machine.Inner(folder));
        return true;
    }
}
