using Capstan.Server.Hosting;
using Capstan.Server.Problems;
using Capstan.Sources.Webhooks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Capstan.Server.Endpoints;

/// <summary><c>/hooks/git</c>: other Git hosts say that something was pushed, or that something happened to a pull request. The signature is the credential.</summary>
internal static class WebhookEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, Func<ServerParts> parts) => routes.MapPost("/hooks/git", http => TakeAsync(http, parts()))
        .IsOpen("the signature is the credential");

    private static async Task TakeAsync(HttpContext http, ServerParts parts)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = WebhookReceiver.MostBytes;
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted).ConfigureAwait(false);
        var outcome = await parts.Webhooks.TakeAsync(name => http.Request.Headers[name].FirstOrDefault(), body.ToArray(), http.RequestAborted).ConfigureAwait(false);
        switch (outcome)
        {
            case null:
                http.Response.Headers.RetryAfter = "30";
                throw new RequestProblem(429, "too-many", "Too many calls", "this repository was told of too often lately", "The next regular look finds what was pushed");
            case WebhookOutcome.Malformed malformed:
                throw RequestProblem.Malformed(malformed.Reason);
            case WebhookOutcome.Unauthenticated unauthenticated:
                throw new RequestProblem(401, "not-genuine", "The call is not genuine", unauthenticated.Reason,
                    $"Put the secret into a Secret of the namespace capstan with the label {Webhooks.WebhookKeys.Label}, under the key github, gitlab, gitea or generic");
            case WebhookOutcome.Accepted or WebhookOutcome.PullRequested:
                http.Response.StatusCode = StatusCodes.Status202Accepted;
                await http.Response.WriteAsync("looking\n", http.RequestAborted).ConfigureAwait(false);
                return;
            case WebhookOutcome.Ignored ignored:
                await http.Response.WriteAsync(ignored.Reason + "\n", http.RequestAborted).ConfigureAwait(false);
                return;
        }
    }
}
