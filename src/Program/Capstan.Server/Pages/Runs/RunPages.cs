using System.Globalization;
using System.Text;
using Capstan.Access.Rights;
using Capstan.Api.Runs;
using Capstan.Server.Endpoints;
using Capstan.Server.Guarding;
using Capstan.Server.Hosting;
using Capstan.Server.Live;
using Capstan.Server.Pages.Slices;
using Capstan.Server.Problems;
using Capstan.Server.Runs;
using Capstan.Workflows.Runs;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Capstan.Server.Pages.Runs;

/// <summary>The pages of workflow runs.</summary>
internal static class RunPages
{
    private const int PageSize = 50;
    private const int LinesOfPage = 2000;

    public static Task ListAsync(HttpContext http, ServerParts parts)
    {
        var query = RunQuery.Read(http);
        var principal = GuardMiddleware.PrincipalOf(http);
        // The chips count what the other filters leave.
        var wider = (query with { State = "" }).Apply(parts.Runs.Among(query.Repository, query.Commit), parts, principal);
        var found = query.State.Length == 0 ? wider : query.Apply(wider, parts, principal);
        var (page, next, from) = RunQuery.Cut(found, http.Request.Query["cursor"].FirstOrDefault(), PageSize);
        var states = RunStates.All.Select(s => new StateCount(s.State, wider.Count(r => RunStates.Of(r.Status.Phase, r.Status.Conclusion) == s.State),
            "/runs" + query.With(state: query.State == s.Word ? "" : s.Word), query.State == s.Word));
        var seen = parts.Runs.All.Where(r => parts.Rules.May(principal, Verb.Get, ResourceKind.Runs, RunIndex.FullName(r))).Select(r => r.Repository).Distinct().Order(StringComparer.Ordinal).Take(500).ToArray();
        return PageFrame.ShowAsync(http, Slices.Runs.Create(new RunsModel(
            PageFrame.Of(http, parts, "Runs", "Runs", "/api/v1/events?kind=run"), [.. page.Select(r => Row(r, parts.Time.GetUtcNow()))], found.Count, from,
            next is null ? null : "/runs" + query.With(cursor: next), from == 0 ? null : "/runs" + query.With(), [.. states], seen,
            new Dictionary<string, string>
            {
                ["repository"] = query.Repository,
                ["workflow"] = query.Workflow,
                ["branch"] = query.Branch,
                ["event"] = query.Event,
                ["state"] = query.State,
                ["commit"] = query.Commit,
                ["search"] = query.Search,
            },
            seen.Length > 0)));
    }

    public static async Task ShowAsync(HttpContext http, ServerParts parts)
    {
        var run = await RunEndpoints.FindAsync(http, parts, Verb.Get).ConfigureAwait(false);
        var told = RunReports.Of(run);
        var graph = await RunFiles.GraphAsync(parts, run, http.RequestAborted).ConfigureAwait(false);
        await PageFrame.ShowAsync(http, Slices.Run.Create(new RunModel(
            Frame(http, parts, run, run.Status.Phase == Phases.Completed ? "" : $"/api/v1/events?kind=run&name={Uri.EscapeDataString(RunIndex.FullName(run))}"),
            Head(http, parts, run, "Jobs"), told, JobPicture.Of(told, graph), parts.Workflows.Artifacts(run)))).ConfigureAwait(false);
    }

    public static async Task LogAsync(HttpContext http, ServerParts parts)
    {
        var run = await RunEndpoints.FindAsync(http, parts, Verb.Get).ConfigureAwait(false);
        string Word(string name) => http.Request.Query[name].FirstOrDefault() ?? "";
        var (job, search) = (Word("job"), Word("search").Trim());
        var from = Number(Word("from"));
        var lines = await RunFiles.LinesAsync(parts, run, job, search, Math.Max(0, from - 1), LinesOfPage, http.RequestAborted).ConfigureAwait(false);
        var page = $"/runs/{Uri.EscapeDataString(run.Name)}/log";
        string Address(long at, bool searched) => page + Query(("job", job), ("search", searched ? search : ""), ("from", at > 1 ? at.ToString(CultureInfo.InvariantCulture) : ""));
        var log = LogHtml.Of(lines.Items, flat: search.Length > 0 || job.Length == 0, search.Length == 0 ? null : line => $"{Address(Math.Max(1, line.Number - 20), false)}#L{line.Number}");
        var follows = lines.Next is null && search.Length == 0 && run.Status.Phase != Phases.Completed;
        var last = lines.Items.Count > 0 ? lines.Items[^1].Number : Math.Max(0, from - 1);
        await PageFrame.ShowAsync(http, RunLog.Create(new RunLogModel(
            Frame(http, parts, run, ""), Head(http, parts, run, "Log"), RunReports.Of(run).Jobs, job, search, log, lines.Items.Count,
            lines.Next is { } next ? Address(next + 1, true) : null, from > 1 ? Address(1, true) : null,
            follows ? page + "/stream" + Query(("job", job), ("after", last.ToString(CultureInfo.InvariantCulture))) : ""))).ConfigureAwait(false);
    }

    /// <summary>The lines that come, as the page puts them in: an event each, with its HTML; at the end of the log one that says so.</summary>
    public static async Task StreamAsync(HttpContext http, ServerParts parts)
    {
        var run = await RunEndpoints.FindAsync(http, parts, Verb.Get).ConfigureAwait(false);
        var job = http.Request.Query["job"].FirstOrDefault() ?? "";
        var after = Number(http.Request.Headers["Last-Event-ID"].FirstOrDefault() ?? http.Request.Query["after"].FirstOrDefault() ?? "");
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, parts.Stopping);
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store";
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        async Task SendAsync(string text)
        {
            await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), ending.Token).ConfigureAwait(false);
            await http.Response.Body.FlushAsync(ending.Token).ConfigureAwait(false);
        }
        try
        {
            await SendAsync(": here\n\n").ConfigureAwait(false);
            await foreach (var line in parts.Workflows.LogAsync(run.Name, after, ending.Token).ConfigureAwait(false))
            {
                if (job.Length > 0 && line.Job != job) continue;
                var told = new RunLine(line.Number, line.Time, line.Job, line.Text);
                await SendAsync($"id: {line.Number.ToString(CultureInfo.InvariantCulture)}\nevent: {(job.Length == 0 ? "line" : LogHtml.KindOf(told))}\ndata: {LogHtml.Fragment(told, job.Length == 0)}\n\n").ConfigureAwait(false);
            }
            await SendAsync("event: done\ndata:\n\n").ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            if (http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested) await http.Response.CompleteAsync().ConfigureAwait(false);
        }
    }

    public static async Task ArtifactAsync(HttpContext http, ServerParts parts)
    {
        var run = await RunEndpoints.FindAsync(http, parts, Verb.Get).ConfigureAwait(false);
        await RunFiles.SendArtifactAsync(http, parts, run, (string)http.Request.RouteValues["artifact"]!).ConfigureAwait(false);
    }

    public static async Task CancelAsync(HttpContext http, ServerParts parts)
    {
        var run = await RunEndpoints.FindAsync(http, parts, Verb.Update).ConfigureAwait(false);
        if (!await parts.Workflows.CancelAsync(run, http.RequestAborted).ConfigureAwait(false)) throw RequestProblem.Conflict($"run {run.Name}: has ended already", "Look at the run");
        PageFrame.GoTo(http, "/runs/" + Uri.EscapeDataString(run.Name));
    }

    public static async Task AgainAsync(HttpContext http, ServerParts parts)
    {
        var run = await RunEndpoints.FindAsync(http, parts, Verb.Update).ConfigureAwait(false);
        var form = await PageForm.ReadAsync(http).ConfigureAwait(false);
        await parts.Workflows.RerunAsync(run, form["failed"].FirstOrDefault() == "true", http.RequestAborted).ConfigureAwait(false);
        PageFrame.GoTo(http, "/runs/" + Uri.EscapeDataString(run.Name));
    }

    /// <summary>A run as lists show it.</summary>
    public static RunRow Row(WorkflowRun run, DateTimeOffset now) => new(
        run.Name, RunStates.Of(run.Status.Phase, run.Status.Conclusion), run.Status.Title.Length > 0 ? run.Status.Title : run.Workflow, $"{run.Workflow} #{run.Number.ToString(CultureInfo.InvariantCulture)}",
        run.Repository, run.Event.RefName, run.Event.Sha, run.Event.Name, run.Event.Actor, run.CreatedAt, Show.Took(run.Status.StartedAt, run.Status.FinishedAt, now));

    private static Frame Frame(HttpContext http, ServerParts parts, WorkflowRun run, string live)
    {
        var state = RunStates.Of(run.Status.Phase, run.Status.Conclusion);
        return PageFrame.Of(http, parts, $"{(run.Status.Title.Length > 0 ? run.Status.Title : run.Workflow)} · {run.Repository}", "Runs", live, state);
    }

    private static RunHead Head(HttpContext http, ServerParts parts, WorkflowRun run, string tab)
    {
        var principal = GuardMiddleware.PrincipalOf(http);
        var link = parts.Rules.May(principal, Verb.Get, ResourceKind.Repositories, run.Repository) ? $"/repositories/{run.Repository}/-/commit/{run.Event.Sha}" : "";
        return new RunHead(Row(run, parts.Time.GetUtcNow()), run.Status.Attempt, run.Status.Message, link, run.Status.Phase == Phases.Completed,
            parts.Rules.May(principal, Verb.Update, ResourceKind.Runs, RunIndex.FullName(run)), tab);
    }

    private static long Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static string Query(params ReadOnlySpan<(string Name, string Value)> pairs)
    {
        var parts = new List<string>();
        foreach (var (name, value) in pairs)
        {
            if (value.Length > 0) parts.Add($"{name}={Uri.EscapeDataString(value)}");
        }
        return parts.Count == 0 ? "" : "?" + string.Join('&', parts);
    }
}
