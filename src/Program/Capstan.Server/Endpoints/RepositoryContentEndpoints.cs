using Capstan.Access.Rights;
using Capstan.Api.Repositories;
using Capstan.GitHost.Repositories;
using Capstan.Server.Guarding;
using Capstan.Server.Hosting;
using Capstan.Server.Live;
using Capstan.Server.OpenApi;
using Capstan.Server.Problems;
using Capstan.Server.Repositories;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Capstan.Server.Endpoints;

/// <summary>What is in a repository: files, commits, differences.</summary>
internal static class RepositoryContentEndpoints
{
    private static readonly (string, string) At = ("at", "A branch, tag or commit; the default branch when absent");

    public static void Map(IEndpointRouteBuilder api, Func<ServerParts> parts)
    {
        foreach (var (path, suffix) in (ReadOnlySpan<(string, string)>)[("/repositories/{name}/-", ""), ("/repositories/{owner}/{name}/-", "OfOwner")])
        {
            void Get(string what, string name, string summary, Type answer, RequestDelegate serve, params IReadOnlyList<(string, string)> query) => api.MapGet(path + what, serve)
                .Needs(Verb.Get, ResourceKind.Repositories, "name").Tells(name + suffix, summary, answer, query: query);
            Get("/folder", "getFolder", "A folder of a repository", typeof(RepositoryFolder), http => FolderAsync(http, parts()), At, ("path", "Its path; the root when absent"));
            Get("/file", "getFile", "A file of a repository", typeof(RepositoryFile), http => FileAsync(http, parts()), At, ("path", "Its path"));
            Get("/commits", "listCommits", "Commits, the newest first", typeof(CommitList), http => CommitsAsync(http, parts()), [At, .. RouteDescriptions.Paging]);
            Get("/commits/{commit}", "getCommit", "A commit with what it changes", typeof(RepositoryDiff), http => CommitAsync(http, parts()));
            Get("/branches", "listBranches", "Branches and tags, those changed last first", typeof(BranchList), http => BranchesAsync(http, parts()));
            Get("/compare", "compareCommits", "What differs between two commits", typeof(RepositoryDiff), http => CompareAsync(http, parts()), ("from", "The one"), ("to", "The other"));
        }
    }

    /// <summary>The repository that a route names.</summary>
    public static (RepositoryBrowser Browser, RepositoryName Name) Open(HttpContext http, ServerParts parts)
    {
        var text = (string)http.Request.RouteValues["name"]!;
        if (http.Request.RouteValues["owner"] is string owner) text = $"{owner}/{text}";
        var principal = GuardMiddleware.PrincipalOf(http);
        return RepositoryName.TryParse(text, out var name) && parts.Repositories.Exists(name)
            ? (new RepositoryBrowser(parts, name) { MaySee = run => parts.Rules.May(principal, Verb.Get, ResourceKind.Runs, RunIndex.FullName(run)) }, name)
            : throw RequestProblem.NotFound($"repository {text}", "`capstan get repos` lists all");
    }

    public static string? Query(HttpContext http, string name) => http.Request.Query[name].FirstOrDefault();

    private static async Task<string> CommitOfAsync(HttpContext http, RepositoryBrowser browser, string name) =>
        await browser.ResolveAsync(Query(http, "at"), http.RequestAborted).ConfigureAwait(false) ?? throw RequestProblem.NotFound($"repository {name}: a commit", "The repository is empty; push to it");

    private static async Task FolderAsync(HttpContext http, ServerParts parts)
    {
        var (browser, name) = Open(http, parts);
        var (folder, _) = await browser.ReadAsync(await CommitOfAsync(http, browser, name.Text).ConfigureAwait(false), Query(http, "path") ?? "", http.RequestAborted).ConfigureAwait(false);
        await Json.WriteAsync(http, folder ?? throw RequestProblem.Refused($"{Query(http, "path")}: is no folder"), RepositoriesJson.Default.RepositoryFolder).ConfigureAwait(false);
    }

    private static async Task FileAsync(HttpContext http, ServerParts parts)
    {
        var (browser, name) = Open(http, parts);
        var (_, file) = await browser.ReadAsync(await CommitOfAsync(http, browser, name.Text).ConfigureAwait(false), Query(http, "path") ?? "", http.RequestAborted).ConfigureAwait(false);
        await Json.WriteAsync(http, file ?? throw RequestProblem.Refused($"{Query(http, "path")}: is a folder"), RepositoriesJson.Default.RepositoryFile).ConfigureAwait(false);
    }

    private static async Task CommitsAsync(HttpContext http, ServerParts parts)
    {
        var (browser, name) = Open(http, parts);
        var commits = await browser.CommitsAsync(await CommitOfAsync(http, browser, name.Text).ConfigureAwait(false), Query(http, "cursor"), Paging.Limit(http), http.RequestAborted).ConfigureAwait(false);
        await Json.WriteAsync(http, commits, RepositoriesJson.Default.CommitList).ConfigureAwait(false);
    }

    private static async Task BranchesAsync(HttpContext http, ServerParts parts)
    {
        var (browser, _) = Open(http, parts);
        await Json.WriteAsync(http, new BranchList(await browser.HeadsAsync(http.RequestAborted).ConfigureAwait(false)), RepositoriesJson.Default.BranchList).ConfigureAwait(false);
    }

    private static async Task CommitAsync(HttpContext http, ServerParts parts)
    {
        var (browser, _) = Open(http, parts);
        var commit = await browser.ResolveAsync((string)http.Request.RouteValues["commit"]!, http.RequestAborted).ConfigureAwait(false);
        await Json.WriteAsync(http, await browser.CommitAsync(commit!, http.RequestAborted).ConfigureAwait(false), RepositoriesJson.Default.RepositoryDiff).ConfigureAwait(false);
    }

    private static async Task CompareAsync(HttpContext http, ServerParts parts)
    {
        var (browser, _) = Open(http, parts);
        await Json.WriteAsync(http, await browser.CompareAsync(Query(http, "from") ?? "", Query(http, "to") ?? "", http.RequestAborted).ConfigureAwait(false), RepositoriesJson.Default.RepositoryDiff).ConfigureAwait(false);
    }
}
