using System.Globalization;
using System.Text;
using System.Text.Json;
using Capstan.Access.Rights;
using Capstan.Api.Runs;
using Capstan.Server.Guarding;
using Capstan.Server.Hosting;
using Capstan.Server.Live;
using Capstan.Server.OpenApi;
using Capstan.Server.Problems;
using Capstan.Server.Runs;
using Capstan.Workflows.Runs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Capstan.Server.Endpoints;

/// <summary><c>/api/v1/runs</c>. Rights are about <c>REPOSITORY/RUN</c>, so that one pattern gives all runs of a repository.</summary>
internal static class RunEndpoints
{
    private const ResourceKind Kind = ResourceKind.Runs;

    public static void Map(IEndpointRouteBuilder api, Func<ServerParts> parts)
    {
        var all = api.MapGroup("/runs");
        all.MapGet("", http => ListAsync(http, parts())).Needs(Verb.List, Kind)
            .Tells("listRuns", "Runs of workflows, the newest first", typeof(RunList), query: [.. RouteDescriptions.Paging, .. RunQuery.Parameters]);
        // Which repository's is in the object or the body, so the handlers ask for that.
        all.MapPost("", http => StartAsync(http, parts())).Needs(Verb.Create, Kind)
            .Tells("startRun", "Starts a workflow by hand", typeof(Run), 201, typeof(StartRun));
        all.MapGet("/{name}", async http => await WriteAsync(http, await FindAsync(http, parts(), Verb.Get).ConfigureAwait(false)).ConfigureAwait(false)).Needs(Verb.List, Kind)
            .Tells("getRun", "A run with its jobs and steps", typeof(Run));
        all.MapGet("/{name}/log", http => LogAsync(http, parts())).Needs(Verb.List, Kind)
            .Tells("logOfRun", "The lines of its log; followed as server-sent events where that is asked for", typeof(string), contentType: "text/event-stream");
        all.MapGet("/{name}/lines", http => LinesAsync(http, parts())).Needs(Verb.List, Kind)
            .Tells("linesOfRun", "The lines of its log that are there now, searched on the server", typeof(RunLines), query:
                [("limit", "How many at most, 1 to 1000; 100 when absent"), ("after", "Those behind this number"), ("job", "Those of one job, by its key"), ("search", "Those with this text")]);
        all.MapGet("/{name}/graph", http => GraphAsync(http, parts())).Needs(Verb.List, Kind)
            .Tells("graphOfRun", "How its jobs follow one another, those too whose turn has not come", typeof(RunGraph));
        all.MapGet("/{name}/artifacts", http => ArtifactsAsync(http, parts())).Needs(Verb.List, Kind)
            .Tells("listArtifacts", "The names of its artifacts", typeof(RunArtifacts));
        all.MapGet("/{name}/artifacts/{artifact}", http => ArtifactAsync(http, parts())).Needs(Verb.List, Kind)
            .Tells("getArtifact", "An artifact as a zip", typeof(string), contentType: "application/zip");
        all.MapPost("/{name}/cancel", http => CancelAsync(http, parts())).Needs(Verb.List, Kind)
            .Tells("cancelRun", "Cancels a run", status: 202);
        all.MapPost("/events", http => HappenedAsync(http, parts())).Needs(Verb.Create, Kind)
            .Tells("tellEvent", "Tells that something happened outside (repository_dispatch)", typeof(RunList), 201, typeof(TellEvent));
        all.MapPost("/{name}/approve", http => ApproveAsync(http, parts())).Needs(Verb.List, Kind)
            .Tells("approveRun", "Lets a run of somebody who may not push go on", typeof(Run));
        all.MapPost("/{name}/again", http => AgainAsync(http, parts())).Needs(Verb.List, Kind)
            .Tells("runAgain", "Runs it again, all or the jobs that failed", typeof(Run), body: typeof(RunAgain));
    }

    private static async Task ListAsync(HttpContext http, ServerParts parts)
    {
        var query = RunQuery.Read(http);
        var runs = await parts.Workflows.ListAsync(query.Repository.Length > 0 ? query.Repository : null, http.RequestAborted).ConfigureAwait(false);
        var found = query.Apply(runs, parts, GuardMiddleware.PrincipalOf(http));
        var (page, next, _) = RunQuery.Cut(found, http.Request.Query["cursor"].FirstOrDefault(), Paging.Limit(http));
        await Json.WriteAsync(http, new RunList([.. page.Select(RunReports.Of)], next, found.Count), RunsJson.Default.RunList).ConfigureAwait(false);
    }

    private static async Task StartAsync(HttpContext http, ServerParts parts)
    {
        var wish = await Json.ReadAsync(http, RunsJson.Default.StartRun).ConfigureAwait(false);
        if (wish.Repository is not { Length: > 0 } || wish.Workflow is not { Length: > 0 }) throw RequestProblem.Malformed("repository and workflow are needed");
        Permit.Demand(http, parts, Verb.Create, Kind, $"{wish.Repository}/*");
        var run = await parts.Workflows.DispatchAsync(wish.Repository, wish.Workflow, wish.Ref, wish.Inputs ?? new Dictionary<string, string>(), GuardMiddleware.PrincipalOf(http).Name, http.RequestAborted).ConfigureAwait(false);
        await Json.WriteAsync(http, RunReports.Of(run), RunsJson.Default.Run, StatusCodes.Status201Created).ConfigureAwait(false);
    }

    private static async Task CancelAsync(HttpContext http, ServerParts parts)
    {
        var run = await FindAsync(http, parts, Verb.Update).ConfigureAwait(false);
        if (!await parts.Workflows.CancelAsync(run, http.RequestAborted).ConfigureAwait(false)) throw RequestProblem.Conflict($"run {run.Name}: has ended already");
        http.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    private static async Task AgainAsync(HttpContext http, ServerParts parts)
    {
        var wish = await Json.ReadAsync(http, RunsJson.Default.RunAgain).ConfigureAwait(false);
        var run = await FindAsync(http, parts, Verb.Update).ConfigureAwait(false);
        await WriteAsync(http, await parts.Workflows.RerunAsync(run, wish.FailedOnly, http.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private static async Task ApproveAsync(HttpContext http, ServerParts parts)
    {
        var run = await FindAsync(http, parts, Verb.Approve).ConfigureAwait(false);
        await WriteAsync(http, await parts.Workflows.ApproveAsync(run, GuardMiddleware.PrincipalOf(http).Name, http.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private static async Task HappenedAsync(HttpContext http, ServerParts parts)
    {
        var wish = await Json.ReadAsync(http, RunsJson.Default.TellEvent).ConfigureAwait(false);
        if (wish.Repository is not { Length: > 0 } || wish.Type is not { Length: > 0 and <= 100 }) throw RequestProblem.Malformed("repository and type (100 characters at most) are needed");
        Permit.Demand(http, parts, Verb.Create, Kind, $"{wish.Repository}/*");
        if (wish.Payload is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Object) }) throw RequestProblem.Malformed("payload is no object");
        var payload = wish.Payload is { ValueKind: JsonValueKind.Object } given ? given.GetRawText() : "{}";
        var runs = await parts.Workflows.HappenedAsync(wish.Repository, wish.Type, payload, GuardMiddleware.PrincipalOf(http).Name, http.RequestAborted).ConfigureAwait(false);
        await Json.WriteAsync(http, new RunList([.. runs.Select(RunReports.Of)]), RunsJson.Default.RunList, StatusCodes.Status201Created).ConfigureAwait(false);
    }

    private static async Task LogAsync(HttpContext http, ServerParts parts)
    {
        var run = await FindAsync(http, parts, Verb.Get).ConfigureAwait(false);
        var from = http.Request.Headers["Last-Event-ID"].FirstOrDefault() ?? http.Request.Query["after"].FirstOrDefault();
        var after = long.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, parts.Stopping);
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store";
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        try
        {
            await http.Response.Body.FlushAsync(ending.Token).ConfigureAwait(false);
            await foreach (var line in parts.Workflows.LogAsync(run.Name, after, ending.Token).ConfigureAwait(false))
            {
                var data = JsonSerializer.Serialize(new RunLine(line.Number, line.Time, line.Job, line.Text), RunsJson.Default.RunLine);
                await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes($"id: {line.Number.ToString(CultureInfo.InvariantCulture)}\nevent: line\ndata: {data}\n\n"), ending.Token).ConfigureAwait(false);
                await http.Response.Body.FlushAsync(ending.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested && http.Response.HasStarted)
        {
            await http.Response.CompleteAsync().ConfigureAwait(false);
        }
    }

    private static async Task LinesAsync(HttpContext http, ServerParts parts)
    {
        var run = await FindAsync(http, parts, Verb.Get).ConfigureAwait(false);
        string Word(string name) => http.Request.Query[name].FirstOrDefault() ?? "";
        var after = long.TryParse(Word("after"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        var lines = await RunFiles.LinesAsync(parts, run, Word("job"), Word("search"), after, Paging.Limit(http), http.RequestAborted).ConfigureAwait(false);
        await Json.WriteAsync(http, lines, RunsJson.Default.RunLines).ConfigureAwait(false);
    }

    private static async Task GraphAsync(HttpContext http, ServerParts parts)
    {
        var run = await FindAsync(http, parts, Verb.Get).ConfigureAwait(false);
        await Json.WriteAsync(http, await RunFiles.GraphAsync(parts, run, http.RequestAborted).ConfigureAwait(false), RunsJson.Default.RunGraph).ConfigureAwait(false);
    }

    private static async Task ArtifactsAsync(HttpContext http, ServerParts parts)
    {
        var run = await FindAsync(http, parts, Verb.Get).ConfigureAwait(false);
        await Json.WriteAsync(http, new RunArtifacts(parts.Workflows.Artifacts(run)), RunsJson.Default.RunArtifacts).ConfigureAwait(false);
    }

    private static async Task ArtifactAsync(HttpContext http, ServerParts parts)
    {
        var run = await FindAsync(http, parts, Verb.Get).ConfigureAwait(false);
        await RunFiles.SendArtifactAsync(http, parts, run, (string)http.Request.RouteValues["artifact"]!).ConfigureAwait(false);
    }

    private static Task WriteAsync(HttpContext http, WorkflowRun run) => Json.WriteAsync(http, RunReports.Of(run), RunsJson.Default.Run);

    /// <summary>The run that a route names, for who may see it and has the right.</summary>
    public static async Task<WorkflowRun> FindAsync(HttpContext http, ServerParts parts, Verb verb)
    {
        var name = (string)http.Request.RouteValues["name"]!;
        var run = await parts.Workflows.FindAsync(name, http.RequestAborted).ConfigureAwait(false);
        if (run is null || !parts.Rules.May(GuardMiddleware.PrincipalOf(http), Verb.Get, Kind, RunIndex.FullName(run))) throw RequestProblem.NotFound($"run {name}", "`capstan get runs` lists all");
        Permit.Demand(http, parts, verb, Kind, RunIndex.FullName(run));
        return run;
    }
}
