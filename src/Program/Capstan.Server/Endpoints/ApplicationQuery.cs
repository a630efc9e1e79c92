using System.Globalization;
using System.Text;
using Capstan.Access.Rights;
using Capstan.Server.Hosting;
using Capstan.Server.Live;
using Capstan.Server.Problems;
using Microsoft.AspNetCore.Http;

namespace Capstan.Server.Endpoints;

/// <summary>Which applications are wanted, in which order: the same words in the API's query and in the pages' addresses.</summary>
/// <param name="Search">Words, each of which is in the name, project, namespace, source or message.</param>
/// <param name="Sync">A sync status.</param>
/// <param name="Health">A health.</param>
/// <param name="Project">A project.</param>
/// <param name="Cluster">A cluster.</param>
/// <param name="Namespace">A destination's namespace.</param>
/// <param name="Label">A label as <c>NAME=VALUE</c>.</param>
/// <param name="Sort">What to sort by: one of <see cref="SortKeys"/>, with <c>-</c> before it for the other way around.</param>
internal sealed record ApplicationQuery(string Search, string Sync, string Health, string Project, string Cluster, string Namespace, string Label, string Sort)
{
    private const int LongestWord = 200;

    /// <summary>What can be sorted by.</summary>
    public static readonly string[] SortKeys = ["name", "health", "sync", "project", "changed"];

    /// <summary>What the worst state is, first.</summary>
    private static readonly string[] HealthOrder = ["Degraded", "Missing", "Unknown", "Progressing", "Suspended", "Healthy"];
    private static readonly string[] SyncOrder = ["OutOfSync", "Unknown", "Synced"];

    /// <summary>The parameters for the API's description.</summary>
    public static readonly (string, string)[] Parameters =
    [
        ("search", "Words, each of which is in the name, project, namespace, source or message"),
        ("sync", "Synced, OutOfSync or Unknown"),
        ("health", "Healthy, Progressing, Degraded, Suspended, Missing or Unknown"),
        ("project", "A project"),
        ("cluster", "A destination's cluster"),
        ("namespace", "A destination's namespace"),
        ("label", "A label, as NAME=VALUE"),
        ("sort", "name, health, sync, project or changed; with - before it the other way around"),
    ];

    public static ApplicationQuery Read(HttpContext http)
    {
        string Word(string name) => http.Request.Query[name].FirstOrDefault() is { } text
            ? text.Length <= LongestWord ? text.Trim() : throw RequestProblem.Malformed($"{name}: is longer than {LongestWord} characters")
            : "";
        var sort = Word("sort");
        if (sort.Length > 0 && !SortKeys.Contains(sort.TrimStart('-'))) throw RequestProblem.Malformed($"sort {sort}: there are {string.Join(", ", SortKeys)}");
        return new ApplicationQuery(Word("search"), Word("sync"), Word("health"), Word("project"), Word("cluster"), Word("namespace"), Word("label"), sort);
    }

    /// <summary>Those that who asks may see and that fit, in order.</summary>
    public IReadOnlyList<IndexedApplication> Apply(ServerParts parts, Principal principal)
    {
        var words = Search.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var found = parts.Index.All.Where(a => parts.Rules.May(principal, Verb.Get, ResourceKind.Applications, a.FullName) && Fits(a, words));
        var down = Sort.StartsWith('-');
        IEnumerable<IndexedApplication> ordered = Sort.TrimStart('-') switch
        {
            "health" => found.OrderBy(a => Array.IndexOf(HealthOrder, a.Summary.Health)),
            "sync" => found.OrderBy(a => Array.IndexOf(SyncOrder, a.Summary.Sync)),
            "project" => found.OrderBy(a => a.Project, StringComparer.Ordinal),
            "changed" => found.OrderByDescending(a => a.ChangedAt, StringComparer.Ordinal),
            _ => found,
        };
        return down ? [.. ordered.Reverse()] : [.. ordered];
    }

    /// <summary>The query with some parameters changed, for links; empty ones are left out.</summary>
    public string With(string? sync = null, string? health = null, string? sort = null, string? cursor = null, string? view = null, string? project = null)
    {
        var text = new StringBuilder();
        void Add(string name, string value)
        {
            if (value.Length > 0) text.Append(text.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }
        Add("search", Search);
        Add("sync", sync ?? Sync);
        Add("health", health ?? Health);
        Add("project", project ?? Project);
        Add("cluster", Cluster);
        Add("namespace", Namespace);
        Add("label", Label);
        Add("sort", sort ?? Sort);
        Add("cursor", cursor ?? "");
        Add("view", view ?? "");
        return text.ToString();
    }

    /// <summary>A page of a list: what comes after the cursor, and the cursor of the page that follows.</summary>
    public static (IReadOnlyList<IndexedApplication> Page, string? Next, int From) Cut(IReadOnlyList<IndexedApplication> all, string? cursor, int limit)
    {
        var start = 0;
        if (cursor is { Length: > 0 } && Paging.Decode(cursor) is { } place)
        {
            var parts = place.Split('\0');
            var (index, key) = parts.Length == 3 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var at) ? (at, $"{parts[1]}\0{parts[2]}") : throw RequestProblem.Malformed($"cursor {cursor}: was not given by this API");
            // Where the last one of the page before is now; if it is gone, where it was.
            var found = -1;
            for (var i = 0; i < all.Count && found < 0; i++) if (Key(all[i]) == key) found = i;
            start = found >= 0 ? found + 1 : Math.Min(index, all.Count);
        }
        var page = all.Skip(start).Take(limit).ToArray();
        var next = start + page.Length < all.Count ? Paging.Encode($"{start + page.Length}\0{Key(page[^1])}") : null;
        return (page, next, start);
    }

    private static string Key(IndexedApplication a) => $"{a.Summary.Namespace}\0{a.Name}";

    private bool Fits(IndexedApplication a, string[] words) =>
        Is(Sync, a.Summary.Sync) && Is(Health, a.Summary.Health) && Is(Project, a.Project) && Is(Cluster, a.Cluster) && Is(Namespace, a.Summary.Destination) && HasLabel(a)
        && words.All(w => Contains(a.Name, w) || Contains(a.Project, w) || Contains(a.Summary.Destination, w) || Contains(a.Summary.Source, w) || Contains(a.Message, w));

    private bool HasLabel(IndexedApplication a)
    {
        if (Label.Length == 0) return true;
        var equals = Label.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? a.Labels.ContainsKey(Label) : a.Labels.TryGetValue(Label[..equals], out var value) && value == Label[(equals + 1)..];
    }

    private static bool Is(string wanted, string value) => wanted.Length == 0 || string.Equals(wanted, value, StringComparison.OrdinalIgnoreCase);

    private static bool Contains(string text, string word) => text.Contains(word, StringComparison.OrdinalIgnoreCase);
}
