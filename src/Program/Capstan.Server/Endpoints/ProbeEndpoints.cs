using System.Globalization;
using System.Text;
using Capstan.Access.Rights;
using Capstan.Server.Hosting;
using Capstan.Server.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Capstan.Server.Endpoints;

/// <summary><c>/livez</c>, <c>/readyz</c> and <c>/metrics</c>.</summary>
internal static class ProbeEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, Func<ServerParts> parts)
    {
        routes.MapGet("/livez", http => TextAsync(http, "ok")).IsOpen("says nothing but that the process lives");
        routes.MapGet("/readyz", async http =>
        {
            var problem = await parts().Readiness.ProblemAsync(parts(), http.RequestAborted).ConfigureAwait(false);
            if (problem is not null) http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            await TextAsync(http, problem ?? "ok").ConfigureAwait(false);
        }).IsOpen("says nothing but whether it works, and asks the cluster at most every two seconds");
        routes.MapGet("/metrics", http => TextAsync(http, Metrics(parts()))).Needs(Verb.Get, ResourceKind.Instance);
    }

    private static string Metrics(ServerParts parts)
    {
        var text = new StringBuilder();
        void Gauge(string name, string help, double value) =>
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}\n");
        Gauge("capstan_start_time_seconds", "When the server was started, seconds since 1970.", parts.StartedAt.ToUnixTimeSeconds());
        Gauge("capstan_repositories", "Repositories of the Git host.", parts.Repositories.List().Count);
        Gauge("capstan_memory_bytes", "Memory that the process has in use.", Environment.WorkingSet);
        Gauge("capstan_event_streams", "Pages and programs that follow changes.", parts.Changes.Readers);
        ArgoMetrics.WriteTo(text, parts.Index.All);
        parts.Metrics.WriteTo(text);
        return text.ToString();
    }

    private static Task TextAsync(HttpContext http, string text)
    {
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync(text, http.RequestAborted);
    }
}
