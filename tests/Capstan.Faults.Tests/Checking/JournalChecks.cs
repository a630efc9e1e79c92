using System.Text.Json.Nodes;
using Capstan.Faults.Tests.Load;

namespace Capstan.Faults.Tests.Checking;

/// <summary>Every acknowledged write of an object is there or superseded; what was sent without an answer is there whole or not at all.</summary>
internal static class JournalChecks
{
    public static async Task<IReadOnlyList<Violation>> ObjectsAsync(Api api, IReadOnlyList<JournalEntry> journal, CancellationToken cancellation)
    {
        var found = new List<Violation>();
        foreach (var key in journal.Where(e => e.Key.StartsWith("object/", StringComparison.Ordinal)).GroupBy(e => e.Key))
        {
            var place = key.Key.Split('/');
            var data = (await api.FindAsync($"/api/v1/namespaces/{place[1]}/configmaps/{place[2]}", cancellation))?["data"];
            var (a, b) = (Text(data, "a"), Text(data, "b"));
            if (a != b) found.Add(new Violation(Violation.Atomic, $"{key.Key}: a is {a} and b is {b}"));
            var allowed = Allowed([.. key]);
            if (!allowed.Contains(a)) found.Add(new Violation(Violation.Durable, $"{key.Key}: is {a}; acknowledged or sent since: {string.Join(", ", allowed.Take(5))}"));
        }
        return found;
    }

    /// <summary>The values that one object may have: the last acknowledged one, or any sent after it.</summary>
    public static IReadOnlyList<string> Allowed(IReadOnlyList<JournalEntry> entries)
    {
        var last = entries.Where(e => e.Acknowledged).Select(e => e.Id).DefaultIfEmpty().Max();
        var sent = entries.Where(e => !e.Acknowledged && e.Id >= last).Select(e => e.Value);
        return [.. last == 0 ? sent.Prepend("gone") : sent];
    }

    private static string Text(JsonNode? data, string field) => data?[field]?.ToString() ?? "gone";
}
