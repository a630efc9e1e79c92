using System.Globalization;
using System.Text.Encodings.Web;
using Capstan.Api.Applications;
using Capstan.Server.Hosting;
using Microsoft.AspNetCore.Http;

namespace Capstan.Server.Pages;

/// <summary>An application's state as a small picture for READMEs.</summary>
internal static class Badge
{
    private const double LetterWidth = 6.6;
    private const int Padding = 8;

    public static Task ShowAsync(HttpContext http, ServerParts parts)
    {
        var application = ApplicationSummary.Of(parts.Applications.Get((string)http.Request.RouteValues["name"]!));
        var state = application is { Health: "Healthy", Sync: not "Synced" } ? application.Sync : application.Health;
        http.Response.ContentType = "image/svg+xml";
        http.Response.Headers.CacheControl = "no-cache, max-age=0";
        return http.Response.WriteAsync(Draw(application.Name, $"{application.Health} · {application.Sync}", Show.Colour(state)), http.RequestAborted);
    }

    internal static string Draw(string name, string state, string colour)
    {
        var (left, right) = (WidthOf(name), WidthOf(state));
        var (title, one, other) = (HtmlEncoder.Default.Encode($"{name}: {state}"), HtmlEncoder.Default.Encode(name), HtmlEncoder.Default.Encode(state));
        return string.Create(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" aria-label="{title}"><title>{title}</title><clipPath id="r"><rect width="{left + right}" height="20" rx="3"/></clipPath><g clip-path="url(#r)"><rect width="{left}" height="20" fill="#59636e"/><rect x="{left}" width="{right}" height="20" fill="{colour}"/></g><g fill="#fff" text-anchor="middle" font-family="DejaVu Sans,Verdana,sans-serif" font-size="11"><text x="{left / 2}" y="14">{one}</text><text x="{left + right / 2}" y="14">{other}</text></g></svg>
            """);
    }

    private static int WidthOf(string text) => (int)(text.Length * LetterWidth) + 2 * Padding;
}
