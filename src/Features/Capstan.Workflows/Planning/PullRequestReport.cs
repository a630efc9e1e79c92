namespace Capstan.Workflows.Planning;

/// <summary>What another host reports of a pull request whose commits are in a repository of the Git host already.</summary>
/// <param name="Number">Its number over there.</param>
/// <param name="Action">What happened, in GitHub's words: <c>opened</c>, <c>synchronize</c>, <c>reopened</c>, <c>closed</c> …</param>
/// <param name="Head">The commit that it ends in: the one whose workflows run.</param>
/// <param name="BaseBranch">The branch that it is to go into, without <c>refs/heads/</c>.</param>
public sealed record PullRequestReport(long Number, string Action, string Head, string BaseBranch)
{
    /// <summary>Where its commits begin; null when that cannot be told.</summary>
    public string? MergeBase { get; init; }

    /// <summary>Whether its commits come from a repository of somebody who may not push here.</summary>
    public bool IsFork { get; init; } = true;

    /// <summary>Who made it happen.</summary>
    public string Actor { get; init; } = "";

    /// <summary>The event as JSON, which workflows get as <c>github.event</c>.</summary>
    public string Payload { get; init; } = "{}";

    /// <summary>The ref under which its commits are kept.</summary>
    public string Ref => RefOf(Number);

    /// <summary>The ref under which the commits of a pull request are kept.</summary>
    public static string RefOf(long number) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"refs/pull/{number}/head");
}
