using Capstan.Access.Rights;
using Capstan.Server.People;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Capstan.Server.Guarding;

/// <summary>Writes down what changes something, whether it was allowed or not. What was only looked at is not written down.</summary>
internal sealed class ActivityMiddleware(RequestDelegate next, Func<ActivityLog?> log)
{
    private static readonly PathString Registry = "/v2";

    public async Task InvokeAsync(HttpContext http)
    {
        try
        {
            await next(http).ConfigureAwait(false);
        }
        finally
        {
            // A push of an image is many requests, and the registry alone knows who sends them.
            if (!HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method) && !http.Request.Path.StartsWithSegments(Registry) && http.GetEndpoint()?.Metadata.GetMetadata<StatedRight>() is { } right
                && right.Verb is not (Verb.Get or Verb.List or Verb.Logs))
            {
                var name = right.NameFrom is { } parameter ? http.GetRouteValue(parameter) as string : http.Items[NameItem] as string;
                if (http.GetRouteValue("owner") is string owner) name = $"{owner}/{name}";
                log()?.Add(GuardMiddleware.PrincipalOf(http), GuardMiddleware.AddressOf(http), right, name?.EndsWith(".git", StringComparison.Ordinal) == true ? name[..^4] : name, http.Response.StatusCode);
            }
        }
    }

    /// <summary>Under which a handler tells the name of the thing, where the route does not.</summary>
    public static readonly object NameItem = new();
}
