using System.Globalization;
using System.Text;
using System.Text.Json;
using Capstan.Access.Rights;
using Capstan.Api.Applications;
using Capstan.Resources;
using Capstan.Server.Applications;
using Capstan.Server.Guarding;
using Capstan.Server.Hosting;
using Capstan.Server.OpenApi;
using Capstan.Server.Problems;
using Capstan.Server.Repositories;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Capstan.Server.Endpoints;

/// <summary>What is told of an application over time: its timeline, the logs of its pods, what two deployments differ in.</summary>
internal static class ApplicationStoryEndpoints
{
    private const ResourceKind Kind = ResourceKind.Applications;
    private const int LongestWord = 300;

    public static void Map(IEndpointRouteBuilder api, Func<ServerParts> parts)
    {
        api.MapGet("/applications/{name}/timeline", http => TimelineAsync(http, parts())).Needs(Verb.Get, Kind, "name")
            .Tells("timelineApplication", "Commits, runs, promotions, syncs, changes of state and events on one axis", typeof(TimelineReport));
        api.MapGet("/applications/{name}/logs", http => LogsAsync(http, parts())).Needs(Verb.Logs, Kind, "name")
            .Tells("logsApplication", "The logs of all its pods, or those of one workload; followed as server-sent events where that is asked for", typeof(PodLogReport), query:
                [("object", "KIND/NAMESPACE/NAME as the tree tells it; all when absent"), ("search", "Only lines with this text"), ("limit", "Lines of each container, 1 to 1000; 100 when absent"),
                 ("follow", "true: an event for each line from now on")]);
        api.MapGet("/applications/{name}/terminal", http => Terminals.ServeAsync(http, parts(), Find(http, parts()))).Needs(Verb.Exec, Kind, "name")
            .Tells("openTerminal", "A terminal in a container, as a WebSocket: binary messages are typed and shown, a text message {cols, rows} tells the size", typeof(string), status: 101,
                query: [("object", "The pod, as the tree names it"), ("container", "The container; the first where none is named")]);
        api.MapGet("/applications/{name}/compare", http => CompareAsync(http, parts())).Needs(Verb.Get, Kind, "name")
            .Tells("compareDeployments", "What two deployments differ in", typeof(DeploymentDiff), query: [("from", "The number of a deployment"), ("to", "The number of the other")]);
    }

    /// <summary>The logs that a request asks for.</summary>
    public static PodLogs LogsOf(HttpContext http, ServerParts parts, KubernetesObject application)
    {
        string Word(string name) => http.Request.Query[name].FirstOrDefault() is not { } text ? "" : text.Length <= LongestWord ? text : throw RequestProblem.Malformed($"{name}: is longer than {LongestWord} characters");
        return new PodLogs(parts, application, Word("object"), Word("search").Trim());
    }

    /// <summary>What differs between two deployments of an application.</summary>
    public static async Task<DeploymentDiff> DiffAsync(HttpContext http, ServerParts parts, KubernetesObject application)
    {
        var deployments = parts.Reports.History(application).Deployments;
        string RevisionOf(string name)
        {
            var text = http.Request.Query[name].FirstOrDefault() ?? "";
            return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && deployments.FirstOrDefault(d => d.Id == id) is { } found
                ? found.Revision
                : throw RequestProblem.NotFound($"application {application.Name}: deployment {text}", $"`capstan history {application.Name}` lists all");
        }
        var (from, to) = (RevisionOf("from"), RevisionOf("to"));
        if (HostedSource.Of(parts, application) is not { } source) throw RequestProblem.Refused($"application {application.Name}: its repository is not on this server", "Compare the commits where it is: git diff");
        var diff = await new RepositoryBrowser(parts, source.Repository).CompareAsync(from, to, http.RequestAborted, source.Path).ConfigureAwait(false);
        return new DeploymentDiff(application.Name, from, to, diff.Diff, diff.Cut);
    }

    private static KubernetesObject Find(HttpContext http, ServerParts parts) => parts.Applications.Get((string)http.Request.RouteValues["name"]!);

    private static async Task TimelineAsync(HttpContext http, ServerParts parts)
    {
        var application = Find(http, parts);
        var entries = await Timeline.ReadAsync(parts, application, GuardMiddleware.PrincipalOf(http), http.RequestAborted).ConfigureAwait(false);
        await Json.WriteAsync(http, new TimelineReport(application.Name, entries), ApplicationsJson.Default.TimelineReport).ConfigureAwait(false);
    }

    private static async Task LogsAsync(HttpContext http, ServerParts parts)
    {
        var logs = LogsOf(http, parts, Find(http, parts));
        if (http.Request.Query["follow"].FirstOrDefault() != "true")
        {
            await Json.WriteAsync(http, await logs.ReadAsync(Paging.Limit(http), http.RequestAborted).ConfigureAwait(false), ApplicationsJson.Default.PodLogReport).ConfigureAwait(false);
            return;
        }
        await StreamAsync(http, parts, logs, line => JsonSerializer.Serialize(line, ApplicationsJson.Default.PodLine)).ConfigureAwait(false);
    }

    /// <summary>Sends lines as they come.</summary>
    public static async Task StreamAsync(HttpContext http, ServerParts parts, PodLogs logs, Func<PodLine, string> told)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, parts.Stopping);
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store";
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        try
        {
            await http.Response.Body.WriteAsync(": here\n\n"u8.ToArray(), ending.Token).ConfigureAwait(false);
            await http.Response.Body.FlushAsync(ending.Token).ConfigureAwait(false);
            await foreach (var line in logs.FollowAsync(ending.Token).ConfigureAwait(false))
            {
                await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes($"event: line\ndata: {told(line)}\n\n"), ending.Token).ConfigureAwait(false);
                await http.Response.Body.FlushAsync(ending.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            if (http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested) await http.Response.CompleteAsync().ConfigureAwait(false);
        }
    }

    private static async Task CompareAsync(HttpContext http, ServerParts parts) =>
        await Json.WriteAsync(http, await DiffAsync(http, parts, Find(http, parts)).ConfigureAwait(false), ApplicationsJson.Default.DeploymentDiff).ConfigureAwait(false);
}
