using Capstan.Access.Rights;
using Capstan.Api.Repositories;
using Capstan.GitHost.Repositories;
using Capstan.Server.Guarding;
using Capstan.Server.Hosting;
using Capstan.Server.OpenApi;
using Capstan.Server.Platform;
using Capstan.Server.Problems;
using Capstan.Sources;
using Capstan.Sources.Git;
using Capstan.Sources.Git.Urls;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Capstan.Server.Endpoints;

/// <summary><c>/api/v1/repositories</c></summary>
internal static class RepositoryEndpoints
{
    public static void Map(IEndpointRouteBuilder api, Func<ServerParts> parts)
    {
        var all = api.MapGroup("/repositories");
        all.MapGet("", http => ListAsync(http, parts())).Needs(Verb.List, ResourceKind.Repositories)
            .Tells("listRepositories", "The repositories of the Git host", typeof(RepositoryList), query: RouteDescriptions.Paging);
        // Its name is in the body, so the handler asks for that.
        all.MapPost("", http => CreateAsync(http, parts())).Needs(Verb.Create, ResourceKind.Repositories)
            .Tells("createRepository", "Makes an empty repository", typeof(Repository), 201, typeof(CreateRepository));
        all.MapDelete("/{**name}", http => DeleteAsync(http, parts())).Needs(Verb.Delete, ResourceKind.Repositories, "name")
            .Tells("deleteRepository", "Deletes a repository with its history", status: 204);
    }

    private static async Task ListAsync(HttpContext http, ServerParts parts)
    {
        var principal = GuardMiddleware.PrincipalOf(http);
        var seen = parts.Repositories.List().Where(n => parts.Rules.May(principal, Verb.Get, ResourceKind.Repositories, n.Text)).OrderBy(n => n.Text, StringComparer.Ordinal).ToArray();
        var (page, next) = http.Request.Query.ContainsKey("limit") || http.Request.Query.ContainsKey("cursor") ? Paging.Of(http, seen, n => n.Text) : (seen, null);
        var items = new List<Repository>();
        foreach (var name in page) items.Add(await DescribeAsync(parts, name, http.RequestAborted).ConfigureAwait(false));
        await Json.WriteAsync(http, new RepositoryList(items, next), RepositoriesJson.Default.RepositoryList).ConfigureAwait(false);
    }

    private static async Task CreateAsync(HttpContext http, ServerParts parts)
    {
        var wish = await Json.ReadAsync(http, RepositoriesJson.Default.CreateRepository).ConfigureAwait(false);
        await Json.WriteAsync(http, await MakeAsync(http, parts, wish.Name).ConfigureAwait(false), RepositoriesJson.Default.Repository, StatusCodes.Status201Created).ConfigureAwait(false);
    }

    /// <summary>Makes an empty repository for who asks.</summary>
    public static async Task<Repository> MakeAsync(HttpContext http, ServerParts parts, string text)
    {
        var name = Read(text);
        http.Items[ActivityMiddleware.NameItem] = name.Text;
        Permit.Demand(http, parts, Verb.Create, ResourceKind.Repositories, name.Text);
        if (parts.Repositories.Exists(name)) throw RequestProblem.Conflict($"repository {name}: exists already", $"Push to {parts.UrlOf(name.Text)}");
        await parts.Repositories.CreateAsync(name, http.RequestAborted).ConfigureAwait(false);
        return await DescribeAsync(parts, name, http.RequestAborted).ConfigureAwait(false);
    }

    private static async Task DeleteAsync(HttpContext http, ServerParts parts)
    {
        var name = Read((string?)http.Request.RouteValues["name"] ?? "");
        if (name.Text == PlatformRepository.Name) throw RequestProblem.Refused("repository platform: holds Capstan's own configuration and cannot be deleted");
        if (!parts.Repositories.Exists(name)) throw RequestProblem.NotFound($"repository {name}", "`capstan get repos` lists all");
        await parts.Repositories.DeleteAsync(name, http.RequestAborted).ConfigureAwait(false);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static RepositoryName Read(string text) =>
        RepositoryName.TryParse(text, out var name) ? name : throw RequestProblem.Refused($"repository {text}: is no name. Use NAME or OWNER/NAME of letters, digits, dots, dashes and underscores");

    public static async Task<Repository> DescribeAsync(ServerParts parts, RepositoryName name, CancellationToken cancellation)
    {
        var url = parts.UrlOf(name.Text);
        string? head = null;
        try
        {
            var remote = new GitRemote(RepositoryUrl.Parse(url)) { Registered = true };
            head = (await parts.Mirrors.ResolveAsync(remote, "HEAD", TimeSpan.Zero, cancellation).ConfigureAwait(false)).Commit;
        }
        catch (SourceException)
        {
            // An empty repository has no commit to name.
            head = null;
        }
        return new Repository(name.Text, url, "main", head);
    }
}
