using System.Globalization;
using System.Text;
using Capstan.Server.Problems;
using Microsoft.AspNetCore.Http;

namespace Capstan.Server.Endpoints;

/// <summary>Lists in pages: the cursor is the last item's place, so that items that come or go between two pages repeat and skip nothing else.</summary>
internal static class Paging
{
    private const int Most = 1000;

    /// <summary>How many are wanted.</summary>
    public static int Limit(HttpContext http)
    {
        var limit = 100;
        if (http.Request.Query["limit"].FirstOrDefault() is { Length: > 0 } text
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > Most))
        {
            throw RequestProblem.Malformed($"limit {text}: is no number from 1 to {Most}");
        }
        return limit;
    }

    /// <summary>A page of a list that is ordered by a text of each item.</summary>
    public static (IReadOnlyList<T> Page, string? Next) Of<T>(HttpContext http, IReadOnlyList<T> all, Func<T, string> place)
    {
        var limit = Limit(http);
        var after = Decode(http.Request.Query["cursor"].FirstOrDefault());
        var rest = all.SkipWhile(a => after is not null && string.CompareOrdinal(place(a), after) <= 0).ToArray();
        return rest.Length > limit ? (rest[..limit], Encode(place(rest[limit - 1]))) : (rest, null);
    }

    public static string Encode(string place) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(place));

    public static string? Decode(string? cursor)
    {
        if (string.IsNullOrEmpty(cursor)) return null;
        try
        {
            return Encoding.UTF8.GetString(Convert.FromHexString(cursor));
        }
        catch (FormatException)
        {
            throw RequestProblem.Malformed($"cursor {cursor}: was not given by this API");
        }
    }
}
