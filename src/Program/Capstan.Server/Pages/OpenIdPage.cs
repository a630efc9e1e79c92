using System.Buffers.Text;
using System.Security.Cryptography;
using Capstan.Server.Hosting;
using Capstan.Server.People;
using Capstan.Server.Problems;
using Microsoft.AspNetCore.Http;

namespace Capstan.Server.Pages;

/// <summary>Signing in by the OpenID provider: away to it, and back.</summary>
internal static class OpenIdPage
{
    private const string Cookie = "capstan_oidc";
    private const string Back = "/sign-in/oidc/callback";

    public static async Task BeginAsync(HttpContext http, ServerParts parts)
    {
        var provider = parts.OpenId ?? throw RequestProblem.NotFound("an OpenID provider", "Start the server with --oidc-issuer and --oidc-client-id");
        var browser = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        try
        {
            var url = await provider.BeginAsync(Callback(parts), browser, LocalPath.Of(http.Request.Query["next"].FirstOrDefault()), http.RequestAborted).ConfigureAwait(false);
            http.Response.Cookies.Append(Cookie, browser, Options(http));
            http.Response.Redirect(url);
        }
        catch (OpenIdException e)
        {
            await SignInPage.ShowAsync(http, parts, $"The provider cannot be used: {e.Message}.", StatusCodes.Status502BadGateway).ConfigureAwait(false);
        }
    }

    public static async Task EndAsync(HttpContext http, ServerParts parts)
    {
        var provider = parts.OpenId ?? throw RequestProblem.NotFound("an OpenID provider", "Start the server with --oidc-issuer and --oidc-client-id");
        string Word(string name) => http.Request.Query[name] is [{ Length: <= 4096 } only] ? only : "";
        var browser = http.Request.Cookies[Cookie];
        http.Response.Cookies.Delete(Cookie, Options(http));
        try
        {
            // What the provider says of an error is not shown: whoever sent the browser here may have written it.
            if (Word("error").Length > 0 || Word("code").Length == 0) throw new OpenIdException("the provider did not sign anybody in");
            var (principal, next) = await provider.EndAsync(Word("state"), Word("code"), Word("iss") is { Length: > 0 } issuer ? issuer : null, Callback(parts), browser, http.RequestAborted).ConfigureAwait(false);
            SignInPage.Open(http, parts, principal);
            PageFrame.GoTo(http, next);
        }
        catch (OpenIdException e)
        {
            await SignInPage.ShowAsync(http, parts, $"Nobody was signed in: {e.Message}.", StatusCodes.Status401Unauthorized).ConfigureAwait(false);
        }
    }

    private static Uri Callback(ServerParts parts) => new(parts.Settings.ExternalUrl ?? parts.Url(), Back);

    private static CookieOptions Options(HttpContext http) =>
        new() { HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = http.Request.IsHttps, Path = "/sign-in/oidc", MaxAge = TimeSpan.FromMinutes(10), IsEssential = true };
}
