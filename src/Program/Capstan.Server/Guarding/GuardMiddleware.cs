using Capstan.Access.Requests;
using Capstan.Access.Rights;
using Capstan.Access.Tokens;
using Capstan.Server.Problems;
using Microsoft.AspNetCore.Http;

namespace Capstan.Server.Guarding;

/// <summary>Stands before everything: the Host must be ours, no other site may steer a browser here, and a credential that is given must be
/// valid. What it opens is for <see cref="RightsMiddleware"/> to say, once the route is known. The registry finds
/// out itself who asks.</summary>
internal sealed class GuardMiddleware(RequestDelegate next, Func<HostCheck?> hosts, Authenticator authenticator)
{
    private static readonly PathString Images = "/v2";

    public async Task InvokeAsync(HttpContext http)
    {
        var request = http.Request;
        var origin = new RequestOrigin(request.Method, request.Host.Value, request.Headers.Origin.FirstOrDefault(),
            request.Headers["Sec-Fetch-Site"].FirstOrDefault(), request.Headers["Sec-Fetch-Mode"].FirstOrDefault());
        switch (hosts()?.Check(origin))
        {
            case null:
                await Answers.ProblemAsync(http, 503, "starting", "The server is starting", "it does not serve yet", "Ask again in a second").ConfigureAwait(false);
                return;
            case HostVerdict.UnknownHost:
                await Answers.ProblemAsync(http, 421, "unknown-host", "This host is not served here", $"{request.Host.Value}: is not this server's name",
                    "Use the address that it listens on, or start it with --external-url").ConfigureAwait(false);
                return;
            case HostVerdict.CrossSite:
                await Answers.ProblemAsync(http, 403, "cross-site", "Requests from other sites are refused", $"{request.Headers.Origin}: is another site").ConfigureAwait(false);
                return;
        }

        if (request.Path.StartsWithSegments(Images))
        {
            // The registry finds out itself who asks: it has tokens of its own, and answers as registries do.
            await next(http).ConfigureAwait(false);
            return;
        }

        if (!authenticator.TryAuthenticate(request.Headers.Authorization.FirstOrDefault(), out var principal))
        {
            await ChallengeAsync(http, "the token is not valid").ConfigureAwait(false);
            return;
        }
        http.Items[typeof(Principal)] = principal;
        await next(http).ConfigureAwait(false);
    }

    /// <summary>Who asks, after the guard has let the request pass.</summary>
    public static Principal PrincipalOf(HttpContext http) => http.Items[typeof(Principal)] as Principal ?? Principal.Anonymous;

    /// <summary>Asks for a credential.</summary>
    public static Task ChallengeAsync(HttpContext http, string detail)
    {
        http.Response.Headers.WWWAuthenticate = "Basic realm=\"capstan\", charset=\"UTF-8\"";
        return Answers.ProblemAsync(http, 401, "not-signed-in", "Not signed in", detail,
            "Give a token: CAPSTAN_TOKEN, the file `token` in the data folder, or as password for git");
    }
}
