using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Capstan.Server.Guarding;

/// <summary>Names the activity of a request by its route, where somebody listens. Paths and queries are left out: they may hold codes that sign people in.</summary>
internal sealed class TracedRequests(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext http) => Activity.Current is { Recorded: true } request ? TraceAsync(http, request) : next(http);

    private async Task TraceAsync(HttpContext http, Activity request)
    {
        try
        {
            await next(http).ConfigureAwait(false);
        }
        finally
        {
            var route = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "";
            request.DisplayName = $"{http.Request.Method} {route}".TrimEnd();
            request.SetTag("http.request.method", http.Request.Method).SetTag("http.route", route).SetTag("http.response.status_code", http.Response.StatusCode);
            if (http.Response.StatusCode >= 500) request.SetStatus(ActivityStatusCode.Error);
        }
    }
}
