using System.Text;
using Capstan.Access.Rights;
using Capstan.Server.Guarding;
using Capstan.Server.Hosting;
using Capstan.Server.Live;
using Capstan.Server.OpenApi;
using Capstan.Server.Problems;
using Capstan.Yaml;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Capstan.Server.Endpoints;

/// <summary><c>/api/v1/events</c>: that something changed, as server-sent events. Who comes back with <c>Last-Event-ID</c> goes on where it was, or is
/// told <c>reset</c> where that is not remembered any more.</summary>
internal static class EventEndpoints
{
    private const int MostReaders = 2000;
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(20);

    public static void Map(IEndpointRouteBuilder api, Func<ServerParts> parts) => api.MapGet("/events", http => StreamAsync(http, parts()))
        .NeedsSignIn(Verb.List, ResourceKind.Applications)
        .Tells("streamEvents", "That something changed, as server-sent events: application, run, pipeline, release", typeof(string), contentType: "text/event-stream",
            query: [("kind", "Only things of this kind; several with commas"), ("name", "Only this thing: PROJECT/NAME of an application, REPOSITORY/NAME of a run"),
                ("after", "The id of the last event that is known, where no Last-Event-ID is sent")]);

    /// <summary>The right that one needs to hear of a change.</summary>
    private static ResourceKind ResourceOf(Change change) => change.Kind switch
    {
        "run" => ResourceKind.Runs,
        "pipeline" or "release" => ResourceKind.Pipelines,
        _ => ResourceKind.Applications,
    };

    private static async Task StreamAsync(HttpContext http, ServerParts parts)
    {
        if (parts.Changes.Readers >= MostReaders) throw new RequestProblem(429, "too-many", "Too many calls", $"{MostReaders} streams are open already", "Close some pages, or ask again later");
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, parts.Stopping);
        var only = http.Request.Query["name"].FirstOrDefault();
        var kinds = http.Request.Query["kind"].FirstOrDefault() is { Length: > 0 } listed ? listed.Split(',') : null;
        var principal = GuardMiddleware.PrincipalOf(http);
        var (reader, missed, lost, last) = parts.Changes.Join(http.Request.Headers["Last-Event-ID"].FirstOrDefault() ?? http.Request.Query["after"].FirstOrDefault());
        try
        {
            http.Response.ContentType = "text/event-stream";
            http.Response.Headers.CacheControl = "no-store";
            http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            await SendAsync(http, $"id: {parts.Changes.Epoch}-{last - missed.Count}\nevent: {(lost ? "reset" : "hello")}\ndata: {{}}\n\n", ending.Token).ConfigureAwait(false);
            foreach (var change in missed) await TellAsync(change).ConfigureAwait(false);
            while (true)
            {
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(ending.Token);
                patience.CancelAfter(KeepAlive);
                try
                {
                    if (!await reader.Reader.WaitToReadAsync(patience.Token).ConfigureAwait(false)) return;
                }
                catch (OperationCanceledException) when (!ending.IsCancellationRequested)
                {
                    // A stream outlives what the cluster said at its beginning.
                    if (parts.Opinions is { } cluster) await cluster.AskAsync(principal, Verb.Get, null, ending.Token).ConfigureAwait(false);
                    await SendAsync(http, ": still here\n\n", ending.Token).ConfigureAwait(false);
                    continue;
                }
                while (reader.Reader.TryRead(out var change)) await TellAsync(change).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            if (http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested) await http.Response.CompleteAsync().ConfigureAwait(false);
        }
        finally
        {
            parts.Changes.Leave(reader);
        }

        // The right is asked for each event: who loses it while the stream is open hears nothing more.
        Task TellAsync(NumberedChange numbered)
        {
            var change = numbered.Change;
            if ((only is not null && only != change.Name) || kinds?.Contains(change.Kind) == false || !parts.Rules.May(principal, Verb.Get, ResourceOf(change), change.Name)) return Task.CompletedTask;
            var data = YamlMap.Of(("name", change.Name), ("namespace", change.Namespace), ("gone", change.Gone), ("sync", change.Sync), ("health", change.Health));
            return SendAsync(http, $"id: {parts.Changes.Epoch}-{numbered.Number}\nevent: {change.Kind}\ndata: {JsonText.Write(data)}\n\n", ending.Token);
        }
    }

    private static async Task SendAsync(HttpContext http, string text, CancellationToken cancellation)
    {
        await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), cancellation).ConfigureAwait(false);
        await http.Response.Body.FlushAsync(cancellation).ConfigureAwait(false);
    }
}
