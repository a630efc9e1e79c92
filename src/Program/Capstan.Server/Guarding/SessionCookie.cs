using Microsoft.AspNetCore.Http;

namespace Capstan.Server.Guarding;

/// <summary>What a browser keeps of its session. No script can read it, no other site makes it travel with a change.</summary>
internal static class SessionCookie
{
    private const string Plain = "capstan_session";

    // Over TLS the name itself makes the browser insist on Secure, on this host alone and on the whole of it.
    private const string Secure = "__Host-capstan_session";

    public static string? Read(HttpContext http) => http.Request.Cookies[http.Request.IsHttps ? Secure : Plain] is { Length: > 0 and < 200 } value ? value : null;

    public static void Write(HttpContext http, string secret) => http.Response.Cookies.Append(http.Request.IsHttps ? Secure : Plain, secret, Options(http));

    public static void Remove(HttpContext http) => http.Response.Cookies.Delete(http.Request.IsHttps ? Secure : Plain, Options(http));

    private static CookieOptions Options(HttpContext http) => new() { HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = http.Request.IsHttps, Path = "/", IsEssential = true };
}
