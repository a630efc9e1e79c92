using Capstan.Workflows.Reports;
using Capstan.Workflows.Running;

namespace Capstan.Workflows.Actions.BuiltIn;

/// <summary><c>actions/upload-artifact</c>.</summary>
internal sealed class UploadArtifactStep : IBuiltInStep
{
    private const int MostReports = 1000;

    public async Task<bool> RunAsync(BuiltInCall call, CancellationToken cancellation)
    {
        var (session, name) = (call.Session, call.Input("name"));
        var workspace = session.Folder.Workspace;
        var patterns = call.Lines("path").Select(p => Relative(p, session.Machine.Inner(workspace))).ToList();
        var files = FileGlob.Find(workspace, patterns, "actions/upload-artifact: path", hidden: call.Input("include-hidden-files") == "true");
        if (files.Count == 0)
        {
            var text = $"No files were found with the provided path: {string.Join(", ", patterns)}. No artifacts will be uploaded.";
            if (call.Input("if-no-files-found") == "error") return call.Fail(text);
            if (call.Input("if-no-files-found") != "ignore") call.Say($"##[warning]{text}");
            return true;
        }

        var root = CommonFolder(files, patterns);
        // What an attempt before left is replaced.
        var stored = await session.Services.Artifacts.StoreAsync(session.Plan.Run.Name, name, workspace, [.. files.Select(f => (f, f[root.Length..]))], call.Input("overwrite") == "true" || session.Plan.Run.Status.Attempt > 1, cancellation).ConfigureAwait(false);
        call.Say($"Artifact {name}: {files.Count} files, {stored.Bytes:N0} bytes");
        var tests = files.Take(MostReports).Select(f => TestReports.Count(Path.Combine(workspace, f))).Aggregate(TestCounts.None, (all, more) => all.And(more));
        if (tests != TestCounts.None) call.Say($"Tests: {tests.Passed} passed, {tests.Failed} failed, {tests.Skipped} skipped");
        session.Tests = session.Tests.And(tests);
        call.Output("artifact-id", name);
        call.Output("artifact-digest", stored.Digest);
        return true;
    }

    private static string Relative(string pattern, string workspace)
    {
        var sign = pattern.StartsWith('!') ? "!" : "";
        var path = pattern.TrimStart('!');
        return path.StartsWith(workspace + "/", StringComparison.Ordinal) ? sign + path[(workspace.Length + 1)..] : pattern;
    }

    // As GitHub's: what lies beneath one named folder keeps its path from there, what several patterns found keeps it from what they share.
    private static string CommonFolder(IReadOnlyList<string> files, List<string> patterns)
    {
        var folders = files.Select(f => f[..(f.LastIndexOf('/') + 1)]).ToList();
        if (patterns is [var only] && !only.Contains('*', StringComparison.Ordinal) && !only.Contains('?', StringComparison.Ordinal) && files.All(f => f.StartsWith(Folder(only), StringComparison.Ordinal))) return Folder(only);
        var common = folders[0];
        while (common.Length > 0 && !folders.All(f => f.StartsWith(common, StringComparison.Ordinal))) common = common[..(common.TrimEnd('/').LastIndexOf('/') + 1)];
        return common;
    }

    private static string Folder(string pattern) => pattern.TrimEnd('/') is "." or "" ? "" : (pattern.StartsWith("./", StringComparison.Ordinal) ? pattern[2..] : pattern).TrimEnd('/') + "/";
}
