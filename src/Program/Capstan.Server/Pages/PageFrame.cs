using System.Text.Encodings.Web;
using Capstan.Server.Guarding;
using Capstan.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using RazorSlices;

namespace Capstan.Server.Pages;

/// <summary>Makes pages.</summary>
internal static class PageFrame
{
    private const string ThemeCookie = "capstan_theme";
    private static readonly object PositionItem = new();
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(System.Text.Unicode.UnicodeRanges.All);

    /// <summary>Routes of pages remember where the stream of changes stood before they looked at anything, so that the page misses nothing until it listens itself.</summary>
    public static IEndpointRouteBuilder Remembering(IEndpointRouteBuilder routes, Func<ServerParts> parts)
    {
        var pages = routes.MapGroup("");
        ((IEndpointConventionBuilder)pages).Add(builder =>
        {
            if (builder.RequestDelegate is not { } serve) return;
            builder.RequestDelegate = http =>
            {
                http.Items[PositionItem] = parts().Changes.Position;
                return serve(http);
            };
        });
        return pages;
    }

    public static Frame Of(HttpContext http, ServerParts? parts, string title, string area, string live = "", string badge = "")
    {
        var principal = GuardMiddleware.PrincipalOf(http);
        return new Frame(title, area, principal.IsSignedIn || parts?.Rules.AllowAnonymousReading == true ? principal.Name : "", GuardMiddleware.SessionOf(http) is { } session ? PageGuard.WordFor(session) : "", Theme(http),
            http.Request.Path + http.Request.QueryString.ToUriComponent())
        {
            Live = live.Length > 0 && http.Items[PositionItem] is string position ? $"{live}{(live.Contains('?', StringComparison.Ordinal) ? '&' : '?')}after={position}" : live,
            Badge = badge,
            Now = (parts?.Time ?? TimeProvider.System).GetUtcNow(),
            Version = parts?.Settings.Version ?? "",
        };
    }

    public static async Task ShowAsync(HttpContext http, RazorSlice page, int status = 200)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/html; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        using var slice = page;
        await page.RenderAsync(http.Response.BodyWriter, Encoder, http.RequestAborted).ConfigureAwait(false);
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Leads the browser on after a form.</summary>
    public static void GoTo(HttpContext http, string path)
    {
        http.Response.StatusCode = StatusCodes.Status303SeeOther;
        http.Response.Headers.Location = path;
    }

    public static void Remember(HttpContext http, string theme) => http.Response.Cookies.Append(ThemeCookie, theme,
        new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = http.Request.IsHttps, Path = "/", MaxAge = TimeSpan.FromDays(365), IsEssential = true });

    private static string Theme(HttpContext http) => http.Request.Cookies[ThemeCookie] is "light" or "dark" ? http.Request.Cookies[ThemeCookie]! : "";
}
