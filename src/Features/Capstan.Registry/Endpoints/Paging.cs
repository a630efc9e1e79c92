using System.Globalization;
using Capstan.Oci.Errors;
using Microsoft.AspNetCore.Http;

namespace Capstan.Registry.Endpoints;

/// <summary>One page of an ordered list: <c>n</c> entries at most after <c>last</c>.</summary>
internal static class Paging
{
    /// <summary>Cuts the page that a request asks for, and tells the address of the next.</summary>
    public static IReadOnlyList<T> Page<T>(HttpContext http, IReadOnlyList<T> all, Func<T, string> keyOf, int limit)
    {
        var size = limit;
        if (http.Request.Query["n"].FirstOrDefault() is { } text)
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out size) && !IsHuge(text))
            {
                throw new RegistryException(400, RegistryErrorCode.Unsupported, "n is a number of entries, 0 or more");
            }

            size = IsHuge(text) ? limit : Math.Min(size, limit);
        }

        var last = http.Request.Query["last"].FirstOrDefault();
        var rest = string.IsNullOrEmpty(last) ? all : [.. all.SkipWhile(e => string.CompareOrdinal(keyOf(e), last) <= 0)];
        var page = rest.Take(size).ToList();
        if (page.Count > 0 && page.Count < rest.Count) TellNext(http, keyOf(page[^1]), size);
        return page;
    }

    private static bool IsHuge(string text) => text.Length is > 9 and < 100 && text.All(char.IsAsciiDigit);

    private static void TellNext(HttpContext http, string last, int size)
    {
        var further = http.Request.Query["artifactType"].FirstOrDefault() is { } type ? $"&artifactType={Uri.EscapeDataString(type)}" : "";
        http.Response.Headers.Link = string.Create(CultureInfo.InvariantCulture, $"<{http.Request.Path}?n={size}&last={Uri.EscapeDataString(last)}{further}>; rel=\"next\"");
    }
}
