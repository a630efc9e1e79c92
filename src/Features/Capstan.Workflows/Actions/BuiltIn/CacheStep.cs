using Capstan.Workflows.Running;

namespace Capstan.Workflows.Actions.BuiltIn;

/// <summary><c>actions/cache</c> and its two halves.</summary>
/// <param name="restore">Whether it looks for a cache now.</param>
/// <param name="save">Whether it stores one: at once when it does not restore, otherwise after the steps.</param>
internal sealed class CacheStep(bool restore, bool save) : IBuiltInStep
{
    private const int LongestKey = 512;

    public async Task<bool> RunAsync(BuiltInCall call, CancellationToken cancellation)
    {
        var (session, key) = (call.Session, call.Input("key"));
        if (key.Length > LongestKey || key.Contains(',', StringComparison.Ordinal)) return call.Fail($"the key '{key}' has more than {LongestKey} characters or a comma");
        var scope = await ScopesAsync(session, cancellation).ConfigureAwait(false);
        var paths = call.Lines("path");
        if (!restore) return await SaveAsync(call, scope[0], key, paths, cancellation).ConfigureAwait(false);
        var found = await session.Services.Caches.RestoreAsync(session.Plan.Run.Repository, scope, [key, .. call.Lines("restore-keys")], session.Folder, lookupOnly: call.Input("lookup-only") == "true", cancellation).ConfigureAwait(false);
        call.Output("cache-hit", found == key ? "true" : found is null ? "" : "false");
        call.Output("cache-primary-key", key);
        call.Output("cache-matched-key", found ?? "");
        call.Say(found is null ? $"Cache not found for keys: {string.Join(", ", [key, .. call.Lines("restore-keys")])}" : $"Cache restored from key: {found}");
        if (found is null && call.Input("fail-on-cache-miss") == "true") return call.Fail($"there is no cache '{key}'");
        if (save && found != key) session.Posts.Push(($"Post {call.Call.Step.Uses}", "success()", token => SaveAsync(call, scope[0], key, paths, token)));
        return true;
    }

    private static async Task<bool> SaveAsync(BuiltInCall call, string scope, string key, IReadOnlyList<string> paths, CancellationToken cancellation)
    {
        var session = call.Session;
        var files = FileGlob.Find(session.Folder.Root, paths.Select(p => InFolder(session, p)), "actions/cache: path");
        if (files.Count == 0) call.Say("##[warning]Nothing to store: no file is at these paths");
        else if (await session.Services.Caches.StoreAsync(session.Plan.Run.Repository, scope, key, session.Folder, files, cancellation).ConfigureAwait(false)) call.Say($"Cache saved with key: {key}");
        else call.Say($"A cache with the key {key} is there already");
        return true;
    }

    // A cache holds files of the workspace or of the job's home; their paths are kept from the job's folder.
    private static string InFolder(JobSession session, string path)
    {
        var sign = path.StartsWith('!') ? "!" : "";
        var bare = path.TrimStart('!');
        var workspace = session.Machine.Inner(session.Folder.Workspace);
        if (bare.StartsWith("~/", StringComparison.Ordinal)) return $"{sign}home/{bare[2..]}";
        if (bare.StartsWith(workspace + "/", StringComparison.Ordinal)) bare = bare[(workspace.Length + 1)..];
        if (bare.Split('/').Contains("..")) throw new WorkflowException($"actions/cache: path: '{path}' leads out of the workspace, which is not allowed");
        return bare.StartsWith('/') ? throw new WorkflowException($"actions/cache: path: '{path}' leads out of the workspace, which is not allowed") : $"{sign}work/{bare}";
    }

    // Written for the own branch only; read from there, and from the default branch: no branch can put something into another's cache.
    private static async Task<IReadOnlyList<string>> ScopesAsync(JobSession session, CancellationToken cancellation)
    {
        var own = session.Plan.Run.Event.IsUntrusted ? $"untrusted/{session.Plan.Run.Event.Ref}" : session.Plan.Run.Event.Ref;
        return [own, await session.Services.Repositories.DefaultBranchAsync(session.Plan.Run.Repository, cancellation).ConfigureAwait(false)];
    }
}
