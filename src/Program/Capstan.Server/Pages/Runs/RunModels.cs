using Capstan.Api.Runs;
using Microsoft.AspNetCore.Html;

namespace Capstan.Server.Pages.Runs;

/// <summary>A run as a list shows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State">Its state, one of <see cref="RunStates"/>.</param>
/// <param name="Title">What it is about.</param>
/// <param name="Workflow">The workflow with the run's number.</param>
/// <param name="Repository">The repository.</param>
/// <param name="Branch">The branch or tag.</param>
/// <param name="Commit">The commit.</param>
/// <param name="Event">What started it.</param>
/// <param name="Actor">Who did.</param>
/// <param name="At">When, RFC 3339.</param>
/// <param name="Took">How long it took, in words; empty before its end.</param>
public sealed record RunRow(string Name, string State, string Title, string Workflow, string Repository, string Branch, string Commit, string Event, string Actor, string At, string Took)
{
    /// <summary>The path of its page.</summary>
    public string Address => "/runs/" + Uri.EscapeDataString(Name);
}

/// <summary>The list of runs.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Rows">Those of this page.</param>
/// <param name="Total">How many fit the filters.</param>
/// <param name="From">The place of the first of this page.</param>
/// <param name="Next">The address of the next page; null on the last.</param>
/// <param name="First">The address of the first page; null on it.</param>
/// <param name="States">How many there are of each state, with links.</param>
/// <param name="Repositories">The repositories to choose from.</param>
/// <param name="Filters">The filters as they are in the address, by name.</param>
/// <param name="Any">Whether there is any run at all.</param>
public sealed record RunsModel(
    Frame Frame, IReadOnlyList<RunRow> Rows, int Total, int From, string? Next, string? First, IReadOnlyList<StateCount> States, IReadOnlyList<string> Repositories,
    IReadOnlyDictionary<string, string> Filters, bool Any);

/// <summary>What the head of a run's pages shows.</summary>
/// <param name="Row">The run.</param>
/// <param name="Attempt">How often it was started.</param>
/// <param name="Message">Why it could not run; empty where there is nothing to say.</param>
/// <param name="CommitLink">The page of its commit; empty when the repository may not be seen.</param>
/// <param name="IsOver">Whether it has ended.</param>
/// <param name="MayChange">Whether who looks may cancel it and run it again.</param>
/// <param name="Tab">The tab that is shown.</param>
public sealed record RunHead(RunRow Row, int Attempt, string Message, string CommitLink, bool IsOver, bool MayChange, string Tab);

/// <summary>A run with its jobs.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Head">Its head.</param>
/// <param name="Run">The run.</param>
/// <param name="Picture">How its jobs follow one another.</param>
/// <param name="Artifacts">The names of its artifacts.</param>
public sealed record RunModel(Frame Frame, RunHead Head, Run Run, JobPicture Picture, IReadOnlyList<string> Artifacts);

/// <summary>Lines of a run's log.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Head">The run's head.</param>
/// <param name="Jobs">The jobs to choose from.</param>
/// <param name="Job">The job whose lines are shown; empty for all.</param>
/// <param name="Search">What is searched for; empty for nothing.</param>
/// <param name="Log">The lines, with groups that open and close.</param>
/// <param name="Count">How many lines are shown.</param>
/// <param name="Next">The address of the lines behind these; null when there are none.</param>
/// <param name="Previous">The address of the first lines; null on them.</param>
/// <param name="Stream">The address from which further lines come; empty when none do.</param>
public sealed record RunLogModel(
    Frame Frame, RunHead Head, IReadOnlyList<RunJob> Jobs, string Job, string Search, IHtmlContent Log, int Count, string? Next, string? Previous, string Stream);

/// <summary>The head of a run's pages.</summary>
/// <param name="Head">The run.</param>
/// <param name="Frame">Around the page.</param>
public sealed record RunHeadPart(RunHead Head, Frame Frame);

/// <summary>States of runs, jobs and steps in the words that pages use.</summary>
public static class RunStates
{
    /// <summary>The states to filter by: the word of the address with that of the page.</summary>
    public static readonly IReadOnlyList<(string Word, string State)> All =
    [
        ("in_progress", "Running"), ("queued", "Queued"), ("success", "Succeeded"), ("failure", "Failed"), ("cancelled", "Cancelled"), ("skipped", "Skipped"), ("timed_out", "TimedOut"),
    ];

    /// <summary>The state of something by how far it is and how it ended.</summary>
    public static string Of(string phase, string? conclusion)
    {
        var word = conclusion is { Length: > 0 } ? conclusion : phase;
        return All.FirstOrDefault(s => s.Word == word).State ?? "Unknown";
    }
}
