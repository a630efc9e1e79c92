using System.Text.Json;
using Capstan.Sources.Git.Urls;

namespace Capstan.Sources.Webhooks;

/// <summary>Somebody says that a repository changed. Only ever a reason to look, never a fact.</summary>
/// <param name="Provider">Which form it had: <c>github</c>, <c>gitlab</c>, <c>gitea</c> or <c>generic</c>.</param>
/// <param name="Repositories">The addresses of the repository that it names.</param>
/// <param name="Ref">The full name of the ref.</param>
/// <param name="After">The commit that it is at now; null when it is gone or not told.</param>
public sealed record PushNotification(string Provider, IReadOnlyList<RepositoryUrl> Repositories, string Ref, string? After);

/// <summary>Somebody says that something happened to a pull request of a repository.</summary>
/// <param name="Provider">Which form it had: <c>github</c> or <c>gitea</c>.</param>
/// <param name="Repositories">The addresses of the repository that the pull request is to go into.</param>
/// <param name="Number">Its number there.</param>
/// <param name="Action">What happened, in GitHub's words: <c>opened</c>, <c>synchronize</c>, <c>reopened</c>, <c>closed</c> …</param>
/// <param name="Head">The last commit of the pull request.</param>
/// <param name="BaseBranch">The branch that it is to go into, without <c>refs/heads/</c>.</param>
public sealed record PullRequestNotification(string Provider, IReadOnlyList<RepositoryUrl> Repositories, long Number, string Action, string Head, string BaseBranch)
{
    /// <summary>Whether its commits come from another repository, or that cannot be told: then nobody here trusts them.</summary>
    public bool IsFork { get; init; } = true;

    /// <summary>Who made it happen, as the host names them; empty where it does not say.</summary>
    public string Actor { get; init; } = "";

    /// <summary>The event as JSON, as far as workflows get it.</summary>
    public string Body { get; init; } = "{}";

    /// <summary>Reads a body once more that was genuine when it came.</summary>
    /// <param name="provider">Which form it had.</param>
    /// <param name="body">The body.</param>
    /// <returns>Null when it tells of no pull request.</returns>
    public static PullRequestNotification? Read(string provider, ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 64 });
            return PullRequestBody.Read(provider, document.RootElement);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}

/// <summary>What became of a webhook call.</summary>
public abstract record WebhookOutcome
{
    private WebhookOutcome()
    {
    }

    /// <summary>A push (HTTP 202).</summary>
    /// <param name="Push">What it says.</param>
    public sealed record Accepted(PushNotification Push) : WebhookOutcome;

    /// <summary>Something happened to a pull request (HTTP 202).</summary>
    /// <param name="PullRequest">What it says.</param>
    public sealed record PullRequested(PullRequestNotification PullRequest) : WebhookOutcome;

    /// <summary>Genuine, but nothing to do (HTTP 200).</summary>
    /// <param name="Reason">Why.</param>
    public sealed record Ignored(string Reason) : WebhookOutcome;

    /// <summary>Not from who it claims to be from (HTTP 401).</summary>
    /// <param name="Reason">Why, without any detail that helps guessing.</param>
    public sealed record Unauthenticated(string Reason) : WebhookOutcome;

    /// <summary>Not a call that can be understood (HTTP 400).</summary>
    /// <param name="Reason">Why.</param>
    public sealed record Malformed(string Reason) : WebhookOutcome;
}
