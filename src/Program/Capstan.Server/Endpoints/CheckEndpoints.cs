using System.Globalization;
using Capstan.Access.Rights;
using Capstan.Api.Runs;
using Capstan.Server.Guarding;
using Capstan.Server.Hosting;
using Capstan.Server.OpenApi;
using Capstan.Server.Problems;
using Capstan.Server.Runs;
using Capstan.Workflows.Runs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Capstan.Server.Endpoints;

/// <summary><c>/api/v1/checks</c>: what runs and others say of a commit. Rights are those on runs, under the name <c>REPOSITORY/checks</c>.</summary>
internal static class CheckEndpoints
{
    private const ResourceKind Kind = ResourceKind.Runs;
    private const int LongestContext = 255;
    private const int LongestText = 2000;

    public static void Map(IEndpointRouteBuilder api, Func<ServerParts> parts)
    {
        // Which repository's is in the query or the body, so the handlers ask for that.
        api.MapGet("/checks", http => ListAsync(http, parts())).Needs(Verb.List, Kind)
            .Tells("listChecks", "The checks of a commit", typeof(CheckList), query: [("repository", "The repository"), ("commit", "The commit, a branch or a tag")]);
        api.MapPost("/checks", http => TellAsync(http, parts())).Needs(Verb.List, Kind)
            .Tells("tellStatus", "Says something of a commit from outside", typeof(CheckList), 201, typeof(TellStatus));
    }

    private static async Task ListAsync(HttpContext http, ServerParts parts)
    {
        var (repository, revision) = (http.Request.Query["repository"].FirstOrDefault() ?? "", http.Request.Query["commit"].FirstOrDefault() ?? "");
        var commit = await FindAsync(http, parts, Verb.Get, repository, revision).ConfigureAwait(false);
        await WriteAsync(http, parts, repository, commit, StatusCodes.Status200OK).ConfigureAwait(false);
    }

    private static async Task TellAsync(HttpContext http, ServerParts parts)
    {
        var wish = await Json.ReadAsync(http, ChecksJson.Default.TellStatus).ConfigureAwait(false);
        if (wish.Context is not { Length: > 0 and <= LongestContext }) throw RequestProblem.Malformed($"context is needed, of {LongestContext} characters at most");
        if (!CommitStatus.States.Contains(wish.State)) throw RequestProblem.Malformed($"state is one of {string.Join(", ", CommitStatus.States)}");
        if (wish.Description?.Length > LongestText || wish.TargetUrl?.Length > LongestText) throw RequestProblem.Malformed($"description and targetUrl have {LongestText} characters at most");
        if (wish.TargetUrl is { Length: > 0 } url && (!Uri.TryCreate(url, UriKind.Absolute, out var target) || target.Scheme is not ("http" or "https"))) throw RequestProblem.Malformed("targetUrl is no http address");
        var commit = await FindAsync(http, parts, Verb.Update, wish.Repository ?? "", wish.Commit ?? "").ConfigureAwait(false);
        var at = parts.Time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        var status = new CommitStatus(wish.Context, wish.State, wish.Description ?? "", wish.TargetUrl ?? "", GuardMiddleware.PrincipalOf(http).Name, at);
        await parts.Workflows.TellStatusAsync(wish.Repository!, commit, status, http.RequestAborted).ConfigureAwait(false);
        await WriteAsync(http, parts, wish.Repository!, commit, StatusCodes.Status201Created).ConfigureAwait(false);
    }

    // Whether there is such a commit is told only to who may see the repository's checks.
    private static async Task<string> FindAsync(HttpContext http, ServerParts parts, Verb verb, string repository, string revision)
    {
        if (repository.Length == 0 || revision.Length == 0) throw RequestProblem.Malformed("repository and commit are needed");
        Permit.Demand(http, parts, verb, Kind, $"{repository}/checks");
        return await parts.Workflows.CommitAsync(repository, revision, http.RequestAborted).ConfigureAwait(false)
            ?? throw RequestProblem.NotFound($"commit {revision} of {repository}", "`capstan get repos` lists the repositories");
    }

    private static async Task WriteAsync(HttpContext http, ServerParts parts, string repository, string commit, int status)
    {
        var found = await parts.Workflows.ChecksAsync(repository, commit, http.RequestAborted).ConfigureAwait(false);
        var list = new CheckList(repository, commit, found.State, [.. found.Checks.Select(c => new Check(
            c.Name, c.State, Filled(c.Description), Filled(c.Run), Filled(c.Job), Filled(c.TargetUrl), [.. c.Annotations.Select(RunReports.Of)]))]);
        await Json.WriteAsync(http, list, ChecksJson.Default.CheckList, status).ConfigureAwait(false);
    }

    private static string? Filled(string text) => text.Length == 0 ? null : text;
}
