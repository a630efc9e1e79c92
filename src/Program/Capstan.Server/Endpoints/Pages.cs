using System.Globalization;
using System.Text;
using Capstan.Resources;
using Capstan.Server.Problems;
using Capstan.Yaml;
using Microsoft.AspNetCore.Http;

namespace Capstan.Server.Endpoints;

/// <summary>Lists in pages: the cursor is the last item's place, so that items that come or go between two pages repeat and skip nothing else.</summary>
internal static class Pages
{
    private const int Most = 1000;

    public static YamlMap Of(HttpContext http, IReadOnlyList<KubernetesObject> all)
    {
        var limit = 100;
        if (http.Request.Query["limit"].FirstOrDefault() is { Length: > 0 } text
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > Most))
        {
            throw RequestProblem.Malformed($"limit {text}: is no number from 1 to {Most}");
        }
        var after = Decode(http.Request.Query["cursor"].FirstOrDefault());
        var rest = all.SkipWhile(a => after is not null && string.CompareOrdinal(Place(a), after) <= 0).ToArray();
        var page = YamlMap.Of(("items", new YamlList(rest.Take(limit).Select(a => a.Body))));
        return rest.Length > limit ? page.With("next", Encode(Place(rest[limit - 1]))) : page;
    }

    private static string Place(KubernetesObject item) => $"{item.Namespace}\0{item.Name}";

    private static string Encode(string place) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(place));

    private static string? Decode(string? cursor)
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
