using Capstan.Access.Requests;
using Capstan.Access.Rights;
using Capstan.Access.SignIn;
using Capstan.Access.Tokens;
using Capstan.Server.Pages;
using Capstan.Server.Problems;
using Microsoft.AspNetCore.Http;

namespace Capstan.Server.Guarding;

/// <summary>Stands before everything: the Host must be ours, no other site may steer a browser here, and a credential that is given must be
/// valid. What it opens is for <see cref="RightsMiddleware"/> to say, once the route is known.</summary>
/// <param name="next">What follows.</param>
/// <param name="hosts">The check of the host; null while the server starts.</param>
/// <param name="authenticator">Knows tokens.</param>
/// <param name="sessions">Knows browsers.</param>
/// <param name="limits">How often one may ask.</param>
internal sealed class GuardMiddleware(RequestDelegate next, Func<HostCheck?> hosts, Authenticator authenticator, SessionBook sessions, RateLimits limits)
{
    private static readonly PathString Git = "/git";
    private static readonly PathString Registry = "/v2";

    public Task InvokeAsync(HttpContext http)
    {
        var request = http.Request;
        var origin = new RequestOrigin(request.Method, request.Host.Value, request.Headers.Origin.FirstOrDefault(),
            request.Headers["Sec-Fetch-Site"].FirstOrDefault(), request.Headers["Sec-Fetch-Mode"].FirstOrDefault());
        return hosts()?.Check(origin) switch
        {
            null => Answers.ProblemAsync(http, 503, "starting", "The server is starting", "it does not serve yet", "Ask again in a second"),
            HostVerdict.UnknownHost => Answers.ProblemAsync(http, 421, "unknown-host", "This host is not served here", $"{request.Host.Value}: is not this server's name",
                "Use the address that it listens on, or start it with --external-url"),
            HostVerdict.CrossSite => Answers.ProblemAsync(http, 403, "cross-site", "Requests from other sites are refused", $"{request.Headers.Origin}: is another site"),
            _ => AuthenticateAsync(http),
        };
    }

    /// <summary>Who asks, after the guard has let the request pass.</summary>
    public static Principal PrincipalOf(HttpContext http) => http.Items[typeof(Principal)] as Principal ?? Principal.Anonymous;

    /// <summary>The browser's session; null for a request that came with a token, or with nothing.</summary>
    public static Session? SessionOf(HttpContext http) => http.Items[typeof(Session)] as Session;

    /// <summary>The address that a request came from.</summary>
    public static string AddressOf(HttpContext http) => http.Connection.RemoteIpAddress?.ToString() ?? "";

    /// <summary>Asks for a credential: a browser that wants a page is led to where one signs in.</summary>
    public static Task ChallengeAsync(HttpContext http, string detail)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<IsPage>() is not null || (http.GetEndpoint() is null && WantsPage(http)))
        {
            var back = HttpMethods.IsGet(http.Request.Method) ? http.Request.Path + http.Request.QueryString.ToUriComponent() : "/";
            http.Response.Redirect($"/sign-in?next={Uri.EscapeDataString(back)}");
            return Task.CompletedTask;
        }
        http.Response.Headers.WWWAuthenticate = "Basic realm=\"capstan\", charset=\"UTF-8\"";
        return Answers.ProblemAsync(http, 401, "not-signed-in", "Not signed in", detail,
            "Give a token: CAPSTAN_TOKEN, the file `token` in the data folder, or as password for git");
    }

    private async Task AuthenticateAsync(HttpContext http)
    {
        var request = http.Request;
        if (request.Path.StartsWithSegments(Registry))
        {
            // The registry finds out itself who asks: it has tokens of its own, and answers as registries do.
            await next(http).ConfigureAwait(false);
            return;
        }
        var authorization = request.Headers.Authorization.FirstOrDefault();
        if (!authenticator.TryAuthenticate(authorization, out var principal))
        {
            await (limits.TryFail(AddressOf(http)) ? ChallengeAsync(http, "the token is not valid") : TooManyAsync(http)).ConfigureAwait(false);
            return;
        }
        if (string.IsNullOrEmpty(authorization) && SessionCookie.Read(http) is { } secret && sessions.Find(secret) is { } session
            && authenticator.StillHolds(session.Principal))
        {
            if (!await PageGuard.HoldsAsync(http, session).ConfigureAwait(false))
            {
                await Answers.ProblemAsync(http, 403, "no-guard", "The request did not come from a page of Capstan", "it lacks the word that each page carries", "Load the page anew and try again").ConfigureAwait(false);
                return;
            }
            principal = session.Principal;
            http.Items[typeof(Session)] = session;
        }
        http.Items[typeof(Principal)] = principal;
        // Git limits itself by what runs at once.
        if (!request.Path.StartsWithSegments(Git) && !limits.TryRequest(principal, AddressOf(http)))
        {
            await TooManyAsync(http).ConfigureAwait(false);
            return;
        }
        await next(http).ConfigureAwait(false);
    }

    private static bool WantsPage(HttpContext http) => HttpMethods.IsGet(http.Request.Method) && http.Request.Headers.Accept.Any(a => a?.Contains("text/html", StringComparison.Ordinal) == true);

    private static Task TooManyAsync(HttpContext http)
    {
        http.Response.Headers.RetryAfter = "1";
        return Answers.ProblemAsync(http, 429, "too-many", "Too many calls", "this caller asked too often lately", "Ask again in a second, and less often");
    }
}
