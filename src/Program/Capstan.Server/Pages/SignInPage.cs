using Capstan.Access.Rights;
using Capstan.Server.Guarding;
using Capstan.Server.Hosting;
using Capstan.Server.Pages.Slices;
using Microsoft.AspNetCore.Http;

namespace Capstan.Server.Pages;

/// <summary>Signing in and out.</summary>
internal static class SignInPage
{
    private const string Wrong = "That was not right. Look at the name, and at what you typed or pasted.";

    public static Task ShowAsync(HttpContext http, ServerParts parts, string problem, int status = 200)
    {
        var next = LocalPath.Of(http.Request.HasFormContentType && http.Request.Form["next"].FirstOrDefault() is { } form ? form : http.Request.Query["next"].FirstOrDefault());
        var frame = PageFrame.Of(http, parts, "Sign in", "") with { Who = "", Path = "/sign-in" };
        return PageFrame.ShowAsync(http, SignIn.Create(new SignInModel(frame, next, problem, parts.Access.Users.Count > 0) { Provider = parts.OpenId?.Name ?? "" }), status);
    }

    public static async Task SignInAsync(HttpContext http, ServerParts parts)
    {
        var form = await PageForm.ReadAsync(http).ConfigureAwait(false);
        string Field(string name) => form[name].FirstOrDefault() is { Length: <= 512 } text ? text.Trim() : "";
        var (principal, wait) = await parts.SignIn.TryAsync(Field("name"), Field("secret"), GuardMiddleware.AddressOf(http), http.RequestAborted).ConfigureAwait(false);
        if (principal is null)
        {
            if (wait > TimeSpan.Zero) http.Response.Headers.RetryAfter = $"{(int)wait.TotalSeconds + 1}";
            await ShowAsync(http, parts, wait > TimeSpan.Zero ? $"There were too many wrong tries. Try again in {(int)wait.TotalSeconds + 1} seconds." : Wrong,
                wait > TimeSpan.Zero ? StatusCodes.Status429TooManyRequests : StatusCodes.Status401Unauthorized).ConfigureAwait(false);
            return;
        }
        Open(http, parts, principal);
        PageFrame.GoTo(http, LocalPath.Of(form["next"].FirstOrDefault()));
    }

    public static async Task UseLinkAsync(HttpContext http, ServerParts parts)
    {
        // Whoever is signed in already needs no link; what fetches addresses ahead of people must not use it up for them.
        if (http.Request.Headers["Sec-Purpose"].Count > 0 || !HttpMethods.IsGet(http.Request.Method))
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }
        if (parts.Codes.Take((string)http.Request.RouteValues["code"]!) is not { } principal)
        {
            await ShowAsync(http, parts, "This link was used already, or is too old. `capstan login --link` prints a new one.", StatusCodes.Status401Unauthorized).ConfigureAwait(false);
            return;
        }
        Open(http, parts, principal);
        PageFrame.GoTo(http, "/");
    }

    public static async Task SignOutAsync(HttpContext http, ServerParts parts)
    {
        if (GuardMiddleware.SessionOf(http) is { } session && SessionCookie.Read(http) is { } secret)
        {
            parts.Sessions.Close(secret);
            var form = await PageForm.ReadAsync(http).ConfigureAwait(false);
            if (form["everywhere"].FirstOrDefault() == "true") parts.Sessions.CloseAll(session.Principal.Name);
        }
        SessionCookie.Remove(http);
        PageFrame.GoTo(http, "/sign-in");
    }

    public static async Task ThemeAsync(HttpContext http)
    {
        var form = await PageForm.ReadAsync(http).ConfigureAwait(false);
        PageFrame.Remember(http, form["theme"].FirstOrDefault() == "dark" ? "dark" : "light");
        var next = form["next"].FirstOrDefault();
        PageFrame.GoTo(http, next?.StartsWith("/sign-in", StringComparison.Ordinal) == true ? "/sign-in" : LocalPath.Of(next));
    }

    /// <summary>A session under a new secret; the one before ends, so that nobody who knew it comes along.</summary>
    public static void Open(HttpContext http, ServerParts parts, Principal principal)
    {
        if (SessionCookie.Read(http) is { } before) parts.Sessions.Close(before);
        SessionCookie.Write(http, parts.Sessions.Open(principal, GuardMiddleware.AddressOf(http)));
        parts.Activity.Add(principal, GuardMiddleware.AddressOf(http), new StatedRight(Verb.Create, ResourceKind.Users), "session", StatusCodes.Status200OK);
    }
}
