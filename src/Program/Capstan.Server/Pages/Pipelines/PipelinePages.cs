using Capstan.Access.Rights;
using Capstan.Api.Pipelines;
using Capstan.GitHost.Repositories;
using Capstan.Server.Endpoints;
using Capstan.Server.Guarding;
using Capstan.Server.Hosting;
using Capstan.Server.Pages.Slices;
using Capstan.Server.Pipelines;
using Capstan.Server.Problems;
using Microsoft.AspNetCore.Http;

namespace Capstan.Server.Pages.Pipelines;

/// <summary>The pages of pipelines and releases.</summary>
internal static class PipelinePages
{
    private const ResourceKind Kind = ResourceKind.Pipelines;

    public static Task ListAsync(HttpContext http, ServerParts parts) =>
        PageFrame.ShowAsync(http, Slices.Pipelines.Create(new PipelinesModel(PageFrame.Of(http, parts, "Pipelines", "Pipelines", "/api/v1/events?kind=pipeline,release"), PipelineEndpoints.Boards(http, parts))));

    public static Task ShowAsync(HttpContext http, ServerParts parts)
    {
        var board = PipelineEndpoints.Board(http, parts);
        var principal = GuardMiddleware.PrincipalOf(http);
        return PageFrame.ShowAsync(http, Pipeline.Create(new PipelineModel(
            PageFrame.Of(http, parts, board.Name, "Pipelines", "/api/v1/events?kind=pipeline,release&name=" + Uri.EscapeDataString(board.Name)), board,
            parts.Rules.May(principal, Verb.Update, Kind, board.Name), parts.Rules.May(principal, Verb.Approve, Kind, board.Name))));
    }

    public static async Task ReleaseAsync(HttpContext http, ServerParts parts)
    {
        var release = await PipelineEndpoints.ReleaseOfAsync(http, parts).ConfigureAwait(false);
        await PageFrame.ShowAsync(http, Release.Create(new ReleaseModel(PageFrame.Of(http, parts, release.Name, "Pipelines"), release))).ConfigureAwait(false);
    }

    public static async Task CompareAsync(HttpContext http, ServerParts parts)
    {
        var board = PipelineEndpoints.Board(http, parts);
        var comparison = await PipelineEndpoints.CompareAsync(http, parts).ConfigureAwait(false);
        var hosted = Hosted(http, parts, [comparison.From.Repository, comparison.To.Repository]);
        await PageFrame.ShowAsync(http, StageCompare.Create(new StageCompareModel(
            PageFrame.Of(http, parts, $"{comparison.From.Name} and {comparison.To.Name} · {board.Name}", "Pipelines", "/api/v1/events?kind=pipeline&name=" + Uri.EscapeDataString(board.Name)), comparison,
            [.. board.Stages.Select(s => s.Name)], hosted.Count > 0 ? $"/repositories/{hosted.First()}/-/commit/" : ""))).ConfigureAwait(false);
    }

    public static async Task TraceAsync(HttpContext http, ServerParts parts)
    {
        var subject = http.Request.Query["subject"].FirstOrDefault()?.Trim() ?? "";
        var (report, problem, status) = (default(TraceReport), "", 200);
        try
        {
            report = subject.Length > 0 ? await PipelineEndpoints.TraceOfAsync(http, parts).ConfigureAwait(false) : null;
        }
        catch (RequestProblem e)
        {
            (problem, status) = (e.Message, e.Status);
        }

        var hosted = Hosted(http, parts, (report?.Releases ?? []).SelectMany(r => r.Promotions.Select(p => (string?)p.Repository).Append(r.Repository)));
        await PageFrame.ShowAsync(http, Trace.Create(new TraceModel(
            PageFrame.Of(http, parts, "Trace", "Trace"), subject, report, problem, hosted, (parts.Settings.ExternalUrl ?? parts.Url()).Authority)), status).ConfigureAwait(false);
    }

    private static HashSet<string> Hosted(HttpContext http, ServerParts parts, IEnumerable<string?> repositories)
    {
        var principal = GuardMiddleware.PrincipalOf(http);
        return [.. repositories.OfType<string>().Distinct().Where(r =>
            RepositoryName.TryParse(r, out var name) && parts.Repositories.Exists(name) && parts.Rules.May(principal, Verb.Get, ResourceKind.Repositories, name.Text))];
    }

    public static async Task SayAsync(HttpContext http, ServerParts parts, PipelineWord word)
    {
        var form = await PageForm.ReadAsync(http).ConfigureAwait(false);
        string? Field(string name) => form[name].FirstOrDefault() is { } text && text.Trim() is { Length: > 0 } trimmed ? trimmed : null;
        var name = (string)http.Request.RouteValues["name"]!;
        var wish = new StageWish(Field("stage") ?? throw RequestProblem.Malformed("stage: is missing"), Field("release"), Field("reason"));
        await parts.Pipelines.SayAsync(name, wish, GuardMiddleware.PrincipalOf(http).Name, word, http.RequestAborted).ConfigureAwait(false);
        PageFrame.GoTo(http, "/pipelines/" + Uri.EscapeDataString(name));
    }
}
