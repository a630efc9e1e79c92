using System.Diagnostics;
using Capstan.Access.Rights;
using Capstan.Faults;
using Capstan.GitHost.Protocol;
using Capstan.GitHost.Repositories;
using Capstan.Sources.Git;
using Capstan.Sources.Processes;

namespace Capstan.GitHost.Pushes;

/// <summary>Takes pushes, one at a time for each repository.</summary>
internal sealed class PushHandler(GitServing serving, PushEvents events)
{
    private static readonly ActivitySource Source = new("Capstan.GitHost");

    /// <summary>Serves one push whose request has come in whole. From here on the client's going away changes nothing: the push happens.</summary>
    /// <param name="name">The repository.</param>
    /// <param name="body">The request.</param>
    /// <param name="protocol">What the client said in Git-Protocol.</param>
    /// <param name="principal">Who pushes.</param>
    /// <param name="answer">Takes git's answer, and what is said behind it; what fails there is left to it.</param>
    /// <param name="cancellation">The end of the server, not of the client.</param>
    public async Task ServeAsync(
        RepositoryName name, Stream body, string? protocol, Principal principal, PushAnswer answer, CancellationToken cancellation)
    {
        using var traced = Source.StartActivity("receive-pack")?.SetTag("vcs.repository.name", name.Text).SetTag("enduser.id", principal.Name);
        var commands = await PacketLines.ReadCommandsAsync(body, cancellation).ConfigureAwait(false);
        body.Position = 0;
        List<RefUpdate> moved;
        using (await serving.Store.TakeTurnAsync(name, cancellation).ConfigureAwait(false))
        {
            var path = await PathForAsync(name, commands, cancellation).ConfigureAwait(false);
            var before = await ReadRefsAsync(path, commands, cancellation).ConfigureAwait(false);
            await serving.Git.Runner.StreamAsync(
                serving.Call(GitService.ReceivePack, path, protocol, advertise: false, serving.Options.GuardedFolder(principal)),
                async (input, token) => await body.CopyToAsync(input, token).ConfigureAwait(false),
                answer.CopyAsync,
                cancellation).ConfigureAwait(false);
            var after = await ReadRefsAsync(path, commands, cancellation).ConfigureAwait(false);
            moved = Moved(before, after);
            await PointHeadAsync(path, moved, cancellation).ConfigureAwait(false);
            if (SeededBugs.Has(SeededBugs.AnswerPushBeforeRefs))
            {
                await MoveLaterAsync(path, moved, cancellation).ConfigureAwait(false);
            }
        }

        var push = new PushEvent(name, moved, principal);
        await answer.EndAsync(moved.Count == 0 ? "" : await serving.Options.Narrate(push, cancellation).ConfigureAwait(false)).ConfigureAwait(false);
        await events.TellAsync(push, cancellation).ConfigureAwait(false);
    }

    // Before a large push git asks with an empty one whether it may; that is answered, and makes nothing.
    private async Task<string> PathForAsync(RepositoryName name, IReadOnlyList<RefUpdate> commands, CancellationToken cancellation)
    {
        if (serving.Options.CreateOnPush && commands.Any(command => command.New is not null))
        {
            await serving.Store.EnsureAsync(name, cancellation).ConfigureAwait(false);
        }

        return serving.Options.CreateOnPush && commands.Count == 0 && !serving.Store.Exists(name)
            ? serving.Store.TemplatePath
            : serving.Store.PathTo(name);
    }

    // What the refs are is asked of the repository, before and after: git's report tells what it meant to do, this tells what is.
    private async Task<Dictionary<string, string>> ReadRefsAsync(string path, IReadOnlyList<RefUpdate> commands, CancellationToken cancellation)
    {
        var refs = new Dictionary<string, string>(StringComparer.Ordinal);
        if (commands.Count == 0)
        {
            return refs;
        }

        var named = commands.Select(command => command.Ref).ToHashSet(StringComparer.Ordinal);
        var call = GitProgram.Call(["for-each-ref", "--format=%(objectname) %(refname)"]) with { WorkingFolder = path };
        foreach (var line in (await serving.Git.RunAsync(call, cancellation).ConfigureAwait(false)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            if (named.Contains(line[(space + 1)..]))
            {
                refs[line[(space + 1)..]] = line[..space];
            }
        }

        return refs;
    }

    private static List<RefUpdate> Moved(Dictionary<string, string> before, Dictionary<string, string> after) =>
    [
        .. before.Keys.Union(after.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(name => new RefUpdate(name, before.GetValueOrDefault(name), after.GetValueOrDefault(name)))
            .Where(update => update.Old != update.New),
    ];

    // The seeded bug: branches go back to where they were, and on again when the answer is long gone.
    private async Task MoveLaterAsync(string path, IReadOnlyList<RefUpdate> moved, CancellationToken cancellation)
    {
        foreach (var update in moved.Where(update => update is { Old: not null, New: not null }))
        {
            Task<ProgramResult> SetAsync(string to) => serving.Git.TryRunAsync(GitProgram.Call(["update-ref", update.Ref, to]) with { WorkingFolder = path }, cancellation);
            await SetAsync(update.Old!).ConfigureAwait(false);
            _ = Task.Delay(TimeSpan.FromSeconds(2), cancellation).ContinueWith(_ => SetAsync(update.New!), cancellation, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    // A first push of another branch than main makes that one the default, as people expect who call it master or trunk.
    private async Task PointHeadAsync(string path, IReadOnlyList<RefUpdate> moved, CancellationToken cancellation)
    {
        var first = moved.FirstOrDefault(update => update is { Old: null, New: not null } && update.Ref.StartsWith("refs/heads/", StringComparison.Ordinal));
        if (first is null)
        {
            return;
        }

        var resolves = await serving.Git.TryRunAsync(GitProgram.Call(["rev-parse", "--quiet", "--verify", "HEAD"]) with { WorkingFolder = path }, cancellation).ConfigureAwait(false);
        if (resolves.ExitCode != 0)
        {
            await serving.Git.RunAsync(GitProgram.Call(["symbolic-ref", "HEAD", first.Ref]) with { WorkingFolder = path }, cancellation).ConfigureAwait(false);
        }
    }
}
