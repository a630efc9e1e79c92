using System.Globalization;

namespace Capstan.Workflows.Actions.BuiltIn;

/// <summary><c>actions/checkout</c>, done outside the job: Capstan puts the files into its workspace.</summary>
internal sealed class CheckoutStep : IBuiltInStep
{
    public async Task<bool> RunAsync(BuiltInCall call, CancellationToken cancellation)
    {
        var session = call.Session;
        var repositories = session.Services.Repositories;
        var own = session.Plan.Run.Repository;
        var repository = call.Input("repository") is { Length: > 0 } given ? given : own;
        if (repository != own && (!repositories.Exists(repository) || session.Plan.Run.Event.IsUntrusted)) return call.Fail($"the repository {repository} is not on this Git host, or this run may not read it");
        var wanted = call.Input("ref");
        var (commit, name) = wanted.Length == 0 && repository == own
            ? (session.Plan.Run.Event.Sha, session.Plan.Run.Event.Ref)
            : (await repositories.ResolveAsync(repository, wanted.Length == 0 ? "HEAD" : wanted, cancellation).ConfigureAwait(false), wanted);
        if (commit is null) return call.Fail($"the repository {repository} has no '{wanted}'");
        var folder = session.Folder.Inside(call.Input("path"), "actions/checkout: path");
        if (call.Input("submodules") is "true" or "recursive") call.Say("##[warning]submodules are not fetched");
        if (call.Input("lfs") == "true") call.Say("##[warning]LFS objects are not fetched");
        Empty(folder);
        var depth = int.TryParse(call.Input("fetch-depth"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 1;
        call.Say($"Syncing repository: {repository}");
        await repositories.CheckOutAsync(repository, commit, name, folder, depth, cancellation).ConfigureAwait(false);
        call.Say($"HEAD is now at {commit[..Math.Min(10, commit.Length)]} {(await repositories.CommitAsync(repository, commit, cancellation).ConfigureAwait(false)).Message.Split('\n')[0]}");
        call.Output("ref", name);
        call.Output("commit", commit);
        return true;
    }

    // As GitHub's: a folder with something in it is emptied first.
    private static void Empty(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
        {
            if (entry is DirectoryInfo { LinkTarget: null } below) below.Delete(recursive: true);
            else entry.Delete();
        }
    }
}
