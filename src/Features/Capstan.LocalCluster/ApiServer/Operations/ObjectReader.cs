using System.Globalization;
using System.Text;
using Capstan.LocalCluster.ApiServer.Catalog;
using Capstan.LocalCluster.Storage;

namespace Capstan.LocalCluster.ApiServer.Operations;

/// <summary>One page of a list.</summary>
/// <param name="Items">The objects.</param>
/// <param name="Revision">The revision that all pages of the list show.</param>
/// <param name="Continue">Where the next page begins; empty on the last one.</param>
/// <param name="Remaining">How many objects are left after this page; null when a selector makes that unknown.</param>
internal sealed record ListPage(IReadOnlyList<StoredObject> Items, long Revision, string Continue, long? Remaining);

/// <summary>Reads objects and lists.</summary>
internal sealed class ObjectReader(ObjectStore store, TimeProvider time)
{
    private readonly PagedLists _paged = new(time);

    public StoredObject Get(Target target) => store.Get(target.Key) ?? throw ApiErrors.NotFound(target.Resource, target.Name);

    public ListPage List(ServedResource resource, string? space, ListOptions options)
    {
        var (table, revision, after) = Start(resource, options);
        var page = new List<StoredObject>();
        long remaining = 0;
        var selecting = !options.Labels.IsEverything || !options.Fields.IsEverything;
        foreach (var item in Candidates(table, space, options))
        {
            if (after is { } last && Compare(item.Key, last) <= 0)
            {
                continue;
            }

            if (options.Limit > 0 && page.Count == options.Limit)
            {
                remaining++;
                if (selecting)
                {
                    break;
                }

                continue;
            }

            if (!selecting || Matches(item, options))
            {
                page.Add(item);
            }
        }

        if (remaining == 0)
        {
            return new ListPage(page, revision, "", null);
        }

        _paged.Keep(resource.StoreName, revision, table);
        return new ListPage(page, revision, Token(revision, page[^1].Key), selecting ? null : remaining);
    }

    public static bool Matches(StoredObject item, ListOptions options) =>
        (options.Labels.IsEverything || options.Labels.Matches(item.Tree.At("metadata", "labels") as Yaml.YamlMap ?? Yaml.YamlMap.Empty))
        && (options.Fields.IsEverything || options.Fields.Matches(item.Tree));

    /// <summary>Reads a resource version as clients give it; null for the newest.</summary>
    public static long? ParseRevision(string text)
    {
        if (text.Length == 0)
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
            ? revision
            : throw ApiErrors.BadRequest($"invalid resource version \"{text}\": strconv.ParseUint: parsing \"{text}\": invalid syntax");
    }

    private (ResourceTable Table, long Revision, StoreKey? After) Start(ServedResource resource, ListOptions options)
    {
        if (options.Limit < 0)
        {
            throw ApiErrors.BadRequest($"limit must be a non-negative integer, it is {options.Limit}");
        }

        if (options.Continue.Length > 0)
        {
            if (options.ResourceVersion is not ("" or "0"))
            {
                throw ApiErrors.BadRequest("specifying resource version is not allowed when using continue");
            }

            return Continue(resource, options.Continue);
        }

        var wanted = ParseRevision(options.ResourceVersion);
        var (table, revision) = store.Snapshot(resource.StoreName);
        CheckMatch(options, wanted);
        if (wanted > revision)
        {
            throw new ApiStatusException(504, ApiReasons.Timeout, $"Too large resource version: {wanted}, current: {revision}",
                Yaml.YamlMap.Of(("causes", Yaml.YamlList.Create([Yaml.YamlMap.Of(("reason", "ResourceVersionTooLarge"), ("message", "Too large resource version"))])), ("retryAfterSeconds", 1)));
        }

        if (options.ResourceVersionMatch == "Exact" && wanted != revision)
        {
            table = _paged.Find(resource.StoreName, wanted!.Value) ?? throw ApiErrors.Expired("The resourceVersion for the provided list is too old.");
            revision = wanted.Value;
        }

        return (table, revision, null);
    }

    private static void CheckMatch(ListOptions options, long? wanted)
    {
        switch (options.ResourceVersionMatch)
        {
            case "":
                return;
            case "Exact" or "NotOlderThan" when wanted is null && !options.SendInitialEvents:
                throw ApiErrors.BadRequest("resourceVersionMatch is forbidden unless resourceVersion is provided");
            case "Exact" when wanted == 0:
                throw ApiErrors.BadRequest("resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
            case "Exact" or "NotOlderThan":
                return;
            default:
                throw ApiErrors.BadRequest($"resourceVersionMatch: Unsupported value: \"{options.ResourceVersionMatch}\": supported values: \"Exact\", \"NotOlderThan\"");
        }
    }

    private (ResourceTable Table, long Revision, StoreKey? After) Continue(ServedResource resource, string token)
    {
        string[] parts;
        try
        {
            parts = Encoding.UTF8.GetString(Convert.FromBase64String(token)).Split('\n');
        }
        catch (FormatException)
        {
            throw ApiErrors.BadRequest("continue key is not valid: it is no base64");
        }

        if (parts.Length != 3 || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var revision))
        {
            throw ApiErrors.BadRequest("continue key is not valid");
        }

        var after = new StoreKey(resource.StoreName, parts[1], parts[2]);
        if (revision == 0)
        {
            var (table, now) = store.Snapshot(resource.StoreName);
            return (table, now, after);
        }

        // An expired token comes with one that goes on from the same place in the newest state, for clients that accept that.
        return (_paged.Find(resource.StoreName, revision) ?? throw new ApiStatusException(410, ApiReasons.Expired,
            "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results.")
        {
            ContinueToken = Token(0, after),
        }, revision, after);
    }

    private static IEnumerable<StoredObject> Candidates(ResourceTable table, string? space, ListOptions options)
    {
        if (options.Fields.Name is { } name && space is not null)
        {
            return table.Get(space, name) is { } only ? [only] : [];
        }

        return table.In(space);
    }

    private static int Compare(StoreKey a, StoreKey b) => string.CompareOrdinal(a.Namespace, b.Namespace) is not 0 and var order ? order : string.CompareOrdinal(a.Name, b.Name);

    private static string Token(long revision, StoreKey last) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{revision}\n{last.Namespace}\n{last.Name}")));
}
