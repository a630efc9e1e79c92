using Capstan.Access.Rights;
using Capstan.Server.Hosting;
using Capstan.Server.Live;
using Capstan.Server.Problems;
using Capstan.Workflows.Runs;
using Microsoft.AspNetCore.Http;

namespace Capstan.Server.Endpoints;

/// <summary>Which runs are wanted, as the address says it; the API and the pages read it the same way.</summary>
/// <param name="Repository">Those of one repository.</param>
/// <param name="Workflow">Those of one workflow, by its name.</param>
/// <param name="Branch">Those of one branch or tag.</param>
/// <param name="Event">Those that one kind of event started.</param>
/// <param name="State">Those in one state: a phase, or a conclusion.</param>
/// <param name="Commit">Those of one commit.</param>
/// <param name="Search">A part of title, workflow, repository, actor or commit.</param>
internal sealed record RunQuery(string Repository, string Workflow, string Branch, string Event, string State, string Commit, string Search)
{
    private const int LongestWord = 200;

    /// <summary>The parameters, for the API's document.</summary>
    public static readonly (string, string)[] Parameters =
    [
        ("repository", "Those of one repository"), ("workflow", "Those of one workflow, by its name"), ("branch", "Those of one branch or tag"),
        ("event", "Those that one kind of event started"), ("state", "queued, in_progress, completed, or how it ended: success, failure, cancelled, skipped, timed_out"),
        ("commit", "Those of one commit"), ("search", "A part of title, workflow, repository, actor or commit"),
    ];

    public static RunQuery Read(HttpContext http)
    {
        string Word(string name) => http.Request.Query[name].FirstOrDefault() is not { } text ? ""
            : text.Length <= LongestWord ? text.Trim() : throw RequestProblem.Malformed($"{name}: is longer than {LongestWord} characters");
        return new RunQuery(Word("repository"), Word("workflow"), Word("branch"), Word("event"), Word("state"), Word("commit"), Word("search"));
    }

    /// <summary>What fits of these, as far as who asks may see it, the newest first.</summary>
    public IReadOnlyList<WorkflowRun> Apply(IEnumerable<WorkflowRun> all, ServerParts parts, Principal principal) =>
        [.. all.Where(r => Fits(r) && parts.Rules.May(principal, Verb.Get, ResourceKind.Runs, RunIndex.FullName(r))).OrderByDescending(Place, StringComparer.Ordinal)];

    /// <summary>The same filters as a query, some of them otherwise; empty when there is none.</summary>
    public string With(string? repository = null, string? state = null, string? cursor = null)
    {
        var pairs = new (string Name, string Value)[]
        {
            ("repository", repository ?? Repository), ("workflow", Workflow), ("branch", Branch), ("event", Event), ("state", state ?? State), ("commit", Commit), ("search", Search),
            ("cursor", cursor ?? ""),
        };
        var text = string.Join('&', pairs.Where(p => p.Value.Length > 0).Select(p => $"{p.Name}={Uri.EscapeDataString(p.Value)}"));
        return text.Length == 0 ? "" : "?" + text;
    }

    /// <summary>A page of runs that are sorted the newest first; the cursor is the place of the last one.</summary>
    public static (IReadOnlyList<WorkflowRun> Page, string? Next, int From) Cut(IReadOnlyList<WorkflowRun> found, string? cursor, int limit)
    {
        var after = Paging.Decode(cursor);
        var from = 0;
        while (after is not null && from < found.Count && string.CompareOrdinal(Place(found[from]), after) >= 0) from++;
        var page = found.Skip(from).Take(limit).ToArray();
        return (page, from + page.Length < found.Count ? Paging.Encode(Place(page[^1])) : null, from);
    }

    private static string Place(WorkflowRun run) => $"{run.CreatedAt}\n{run.Number:D12}\n{run.Name}";

    private bool Fits(WorkflowRun run) =>
        (Repository.Length == 0 || run.Repository == Repository)
        && (Workflow.Length == 0 || run.Workflow == Workflow)
        && (Branch.Length == 0 || run.Event.Ref == Branch || run.Event.Ref.EndsWith("/" + Branch, StringComparison.Ordinal))
        && (Event.Length == 0 || run.Event.Name == Event)
        && (State.Length == 0 || run.Status.Phase == State || run.Status.Conclusion == State)
        && (Commit.Length == 0 || run.Event.Sha == Commit)
        && (Search.Length == 0 || new[] { run.Status.Title, run.Workflow, run.Repository, run.Event.Actor, run.Event.Sha, run.Event.Ref, run.Name }.Any(t => t.Contains(Search, StringComparison.OrdinalIgnoreCase)));
}
