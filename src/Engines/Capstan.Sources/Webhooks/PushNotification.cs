using Capstan.Sources.Git.Urls;

namespace Capstan.Sources.Webhooks;

/// <summary>Somebody says that a repository changed. Only ever a reason to look, never a fact.</summary>
/// <param name="Provider">Which form it had: <c>github</c>, <c>gitlab</c>, <c>gitea</c> or <c>generic</c>.</param>
/// <param name="Repositories">The addresses of the repository that it names.</param>
/// <param name="Ref">The full name of the ref.</param>
/// <param name="After">The commit that it is at now; null when it is gone or not told.</param>
public sealed record PushNotification(string Provider, IReadOnlyList<RepositoryUrl> Repositories, string Ref, string? After);

/// <summary>What became of a webhook call.</summary>
public abstract record WebhookOutcome
{
    private WebhookOutcome()
    {
    }

    /// <summary>A push (HTTP 202).</summary>
    /// <param name="Push">What it says.</param>
    public sealed record Accepted(PushNotification Push) : WebhookOutcome;

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
