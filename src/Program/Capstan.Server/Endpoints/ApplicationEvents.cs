using System.Text;
using Capstan.Server.Hosting;
using Capstan.Yaml;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Capstan.Server.Endpoints;

/// <summary>The changes of one application as server-sent events. An event's id is the object's version; since each event is the whole object,
/// a client that comes back needs nothing of what it missed.</summary>
internal static class ApplicationEvents
{
    public static async Task StreamAsync(HttpContext http, ServerParts parts, string name)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, parts.Stopping);
        try
        {
            await foreach (var application in parts.Applications.FollowAsync(name, ending.Token).ConfigureAwait(false))
            {
                if (!http.Response.HasStarted) Begin(http);
                var text = $"id: {application.ResourceVersion}\nevent: application\ndata: {JsonText.Write(application.Body)}\n\n";
                await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), ending.Token).ConfigureAwait(false);
                await http.Response.Body.FlushAsync(ending.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested && http.Response.HasStarted)
        {
            await http.Response.CompleteAsync().ConfigureAwait(false);
        }
    }

    private static void Begin(HttpContext http)
    {
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store";
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }
}
