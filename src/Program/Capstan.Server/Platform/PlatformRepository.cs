using System.Text;
using Capstan.Api.Applications;
using Capstan.GitHost.Repositories;
using Capstan.Server.Problems;
using Capstan.Sources.Git;
using Capstan.Sources.Git.Urls;
using Capstan.Sources.Git.Writing;
using Capstan.Trees;

namespace Capstan.Server.Platform;

/// <summary>The repository that holds Capstan's own configuration. Whatever changes the configuration commits here.</summary>
internal sealed class PlatformRepository(RepositoryStore repositories, CommitWriter commits, Func<string, string> urlOf)
{
    public const string Name = "platform";
    public const string Branch = "main";
    public const string Folder = "apps";

    private const string Readme = """
        # platform

        What Capstan runs: each file in `apps/` is one Application. Change it by commit and push; `capstan create app` and
        `capstan delete app` do the same.

        """;

    private static readonly RepositoryName Repository = RepositoryName.Parse(Name);

    /// <summary>Where git finds it.</summary>
    public string Url => urlOf(Name);

    private GitRemote Remote => new(RepositoryUrl.Parse(Url)) { Registered = true };

    /// <summary>Makes it when it is not there.</summary>
    /// <returns>Whether it was made.</returns>
    public async Task<bool> EnsureAsync(CancellationToken cancellation)
    {
        var made = await repositories.EnsureAsync(Repository, cancellation).ConfigureAwait(false);
        var draft = new CommitDraft(Author("capstan"), "Begin the platform repository");
        await commits.WriteAsync(Remote, Branch, draft, tree => tree.Find(TreePath.Parse(Folder)) is null ? Beginning() : [], cancellation).ConfigureAwait(false);
        return made;
    }

    /// <summary>Commits a new application.</summary>
    public async Task<PlatformCommit> CreateAsync(CreateApplication wish, string user, CancellationToken cancellation)
    {
        var file = FileOf(wish.Name);
        var content = Encoding.UTF8.GetBytes(ApplicationFile.Write(wish, urlOf));
        var draft = new CommitDraft(Author(user), $"Create application {wish.Name}") { Trailers = [("Capstan-Application", wish.Name)] };
        return await PutAsync("application", wish.Name, file, content, replaces: false, "delete the application first", draft, cancellation).ConfigureAwait(false);
    }

    /// <summary>Commits the removal of an application.</summary>
    public async Task<PlatformCommit> DeleteAsync(string name, string user, CancellationToken cancellation)
    {
        var file = FileOf(name);
        var draft = new CommitDraft(Author(user), $"Delete application {name}") { Trailers = [("Capstan-Application", name)] };
        return await RemoveAsync("application", name, file, "An Application that was made another way is deleted there, with kubectl or in its own repository", draft, cancellation).ConfigureAwait(false);
    }

    /// <summary>Commits a manifest as its author wrote it.</summary>
    /// <param name="manifest">The manifest; it replaces an earlier one only where <paramref name="replaces"/> says so.</param>
    /// <param name="replaces">Whether it may change what is there.</param>
    /// <param name="user">Who commits.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<PlatformCommit> PutAsync(PlatformManifest manifest, bool replaces, string user, CancellationToken cancellation)
    {
        var content = Encoding.UTF8.GetBytes(manifest.Text);
        var draft = new CommitDraft(Author(user), $"{(replaces ? "Change" : "Create")} {manifest.Word} {manifest.Name}");
        return await PutAsync(manifest.Word, manifest.Name, manifest.File, content, replaces, "delete it first", draft, cancellation).ConfigureAwait(false);
    }

    /// <summary>Commits the removal of a manifest.</summary>
    public async Task<PlatformCommit> RemoveAsync(string word, string name, string user, CancellationToken cancellation)
    {
        var draft = new CommitDraft(Author(user), $"Delete {word} {name}");
        return await RemoveAsync(word, name, PlatformManifest.FileOf(word, name), "One that was made another way is deleted there, with kubectl or in its own file", draft, cancellation).ConfigureAwait(false);
    }

    private async Task<PlatformCommit> PutAsync(string word, string name, TreePath file, byte[] content, bool replaces, string orElse, CommitDraft draft, CancellationToken cancellation)
    {
        var written = await commits.WriteAsync(Remote, Branch, draft, tree =>
        {
            if (!replaces && tree.Find(file) is { } there && !tree.Read(there, 1 << 20).Span.SequenceEqual(content))
            {
                throw RequestProblem.Conflict($"{word} {name}: {file} is there already and says something else", $"Change that file in {Url}, or {orElse}");
            }
            return [TreeChange.Put(file, content)];
        }, cancellation).ConfigureAwait(false);
        return new PlatformCommit(name, written.Commit, file.Text, Url);
    }

    private async Task<PlatformCommit> RemoveAsync(string word, string name, TreePath file, string next, CommitDraft draft, CancellationToken cancellation)
    {
        var written = await commits.WriteAsync(Remote, Branch, draft, tree => tree.Find(file) is null
            ? throw RequestProblem.NotFound($"{word} {name}: {file} of the platform repository", next)
            : [TreeChange.Remove(file)], cancellation).ConfigureAwait(false);
        return new PlatformCommit(name, written.Commit, file.Text, Url);
    }

    private static TreePath FileOf(string name) => TreePath.Parse($"{Folder}/{name}.yaml");

    private static List<TreeChange> Beginning() =>
    [
        TreeChange.Put(TreePath.Parse("README.md"), Encoding.UTF8.GetBytes(Readme)),
        TreeChange.Put(TreePath.Parse(Folder + "/.gitkeep"), ReadOnlyMemory<byte>.Empty),
    ];

    private static CommitAuthor Author(string user) => new(user, $"{user}@capstan.local");
}
