using Capstan.Access.Rights;
using Capstan.Api.Repositories;
using Capstan.GitHost.Repositories;
using Capstan.Server.Endpoints;
using Capstan.Server.Guarding;
using Capstan.Server.Hosting;
using Capstan.Server.Pages.Slices;
using Capstan.Server.Problems;
using Capstan.Server.Repositories;
using Microsoft.AspNetCore.Http;

namespace Capstan.Server.Pages;

/// <summary>The pages of repositories.</summary>
internal static class RepositoryPages
{
    private const int CommitsOfPage = 50;
    private const int MostLines = 20_000;

    public static async Task ListAsync(HttpContext http, ServerParts parts, string problem, int status = 200)
    {
        var principal = GuardMiddleware.PrincipalOf(http);
        var items = new List<Repository>();
        foreach (var name in parts.Repositories.List().Where(n => parts.Rules.May(principal, Verb.Get, ResourceKind.Repositories, n.Text)).OrderBy(n => n.Text, StringComparer.Ordinal).Take(500))
        {
            items.Add(await RepositoryEndpoints.DescribeAsync(parts, name, http.RequestAborted).ConfigureAwait(false));
        }
        await PageFrame.ShowAsync(http, Slices.Repositories.Create(new RepositoriesModel(PageFrame.Of(http, parts, "Repositories", "Repositories") with { Path = "/repositories" }, items,
            parts.Rules.May(principal, Verb.Create, ResourceKind.Repositories), parts.UrlOf(""), problem)), status).ConfigureAwait(false);
    }

    public static async Task CreateAsync(HttpContext http, ServerParts parts)
    {
        var form = await PageForm.ReadAsync(http).ConfigureAwait(false);
        var text = (form["name"].FirstOrDefault() ?? "").Trim();
        try
        {
            var made = await RepositoryEndpoints.MakeAsync(http, parts, text).ConfigureAwait(false);
            PageFrame.GoTo(http, "/repositories/" + made.Name);
        }
        catch (RequestProblem e)
        {
            await ListAsync(http, parts, e.Message, e.Status).ConfigureAwait(false);
        }
    }

    public static async Task FilesAsync(HttpContext http, ServerParts parts)
    {
        var (browser, name) = RepositoryContentEndpoints.Open(http, parts);
        var at = RepositoryContentEndpoints.Query(http, "at");
        var path = (RepositoryContentEndpoints.Query(http, "path") ?? "").Trim('/');
        var head = await HeadAsync(http, parts, browser, name, "Files").ConfigureAwait(false);
        var frame = PageFrame.Of(http, parts, path.Length == 0 ? name.Text : $"{path} · {name.Text}", "Repositories");
        if (await browser.ResolveAsync(at, http.RequestAborted).ConfigureAwait(false) is not { } commit)
        {
            await PageFrame.ShowAsync(http, Files.Create(new FilesModel(frame, head, "", null, null, "The repository is empty. Push to it:"))).ConfigureAwait(false);
            return;
        }
        var (folder, file) = await browser.ReadAsync(commit, path, http.RequestAborted).ConfigureAwait(false);
        var lines = file?.Text?.TrimEnd('\n').Split('\n');
        var note = file is { Text: null } ? $"{Show.Size(file.Size)}, which is no text or too long to be shown. Clone the repository to look at it."
            : lines?.Length > MostLines ? $"Only the first {MostLines} lines are shown." : "";
        await PageFrame.ShowAsync(http, Files.Create(new FilesModel(frame, head, path, folder?.Entries, lines is null ? null : [.. lines.Take(MostLines)], note))).ConfigureAwait(false);
    }

    public static async Task CommitsAsync(HttpContext http, ServerParts parts)
    {
        var (browser, name) = RepositoryContentEndpoints.Open(http, parts);
        var head = await HeadAsync(http, parts, browser, name, "Commits").ConfigureAwait(false);
        var commit = await browser.ResolveAsync(RepositoryContentEndpoints.Query(http, "at"), http.RequestAborted).ConfigureAwait(false);
        var list = commit is null ? new CommitList([]) : await browser.CommitsAsync(commit, RepositoryContentEndpoints.Query(http, "cursor"), CommitsOfPage, http.RequestAborted).ConfigureAwait(false);
        await PageFrame.ShowAsync(http, Commits.Create(new CommitsModel(PageFrame.Of(http, parts, $"Commits of {name.Text}", "Repositories"), head, list.Items,
            list.Next is null ? null : $"{head.Base}/-/commits?at={Uri.EscapeDataString(head.Branch)}&cursor={list.Next}"))).ConfigureAwait(false);
    }

    public static async Task BranchesAsync(HttpContext http, ServerParts parts)
    {
        var (browser, name) = RepositoryContentEndpoints.Open(http, parts);
        var head = await HeadAsync(http, parts, browser, name, "Branches").ConfigureAwait(false);
        await PageFrame.ShowAsync(http, Branches.Create(new BranchesModel(PageFrame.Of(http, parts, $"Branches of {name.Text}", "Repositories"), head, await browser.HeadsAsync(http.RequestAborted).ConfigureAwait(false)))).ConfigureAwait(false);
    }

    public static async Task CommitAsync(HttpContext http, ServerParts parts)
    {
        var (browser, name) = RepositoryContentEndpoints.Open(http, parts);
        var head = await HeadAsync(http, parts, browser, name, "Compare").ConfigureAwait(false);
        var commit = await browser.ResolveAsync((string)http.Request.RouteValues["commit"]!, http.RequestAborted).ConfigureAwait(false);
        var diff = await browser.CommitAsync(commit!, http.RequestAborted).ConfigureAwait(false);
        await PageFrame.ShowAsync(http, Diff.Create(new DiffModel(PageFrame.Of(http, parts, $"{diff.Commit!.Subject} · {name.Text}", "Repositories"), head, diff.Commit.Subject, diff.Message ?? "", diff.Commit, diff.Diff, "", ""))).ConfigureAwait(false);
    }

    public static async Task CompareAsync(HttpContext http, ServerParts parts)
    {
        var (browser, name) = RepositoryContentEndpoints.Open(http, parts);
        var head = await HeadAsync(http, parts, browser, name, "Compare").ConfigureAwait(false);
        var (from, to) = (RepositoryContentEndpoints.Query(http, "from") ?? "", RepositoryContentEndpoints.Query(http, "to") ?? "");
        var diff = from.Length > 0 && to.Length > 0 ? (await browser.CompareAsync(from, to, http.RequestAborted).ConfigureAwait(false)).Diff : "";
        await PageFrame.ShowAsync(http, Diff.Create(new DiffModel(PageFrame.Of(http, parts, $"Compare · {name.Text}", "Repositories"), head, "Compare", "", null, diff, from, to))).ConfigureAwait(false);
    }

    private static async Task<RepositoryHead> HeadAsync(HttpContext http, ServerParts parts, RepositoryBrowser browser, RepositoryName name, string tab)
    {
        var branches = await browser.BranchesAsync(http.RequestAborted).ConfigureAwait(false);
        var at = RepositoryContentEndpoints.Query(http, "at") is { Length: > 0 } given ? given : branches.Count > 0 ? branches[0] : "";
        return new RepositoryHead(name.Text, parts.UrlOf(name.Text), at, branches, tab);
    }
}
