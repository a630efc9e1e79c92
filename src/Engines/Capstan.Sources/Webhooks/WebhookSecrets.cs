namespace Capstan.Sources.Webhooks;

/// <summary>The secrets shared with those who send webhooks; a form without a secret is off. Cannot be printed.</summary>
/// <param name="gitHub">GitHub's.</param>
/// <param name="gitLab">GitLab's.</param>
/// <param name="gitea">Gitea's and Forgejo's.</param>
/// <param name="generic">That of the generic form.</param>
public sealed class WebhookSecrets(string? gitHub = null, string? gitLab = null, string? gitea = null, string? generic = null)
{
    internal string? GitHub { get; } = Usable(gitHub);

    internal string? GitLab { get; } = Usable(gitLab);

    internal string? Gitea { get; } = Usable(gitea);

    internal string? Generic { get; } = Usable(generic);

    /// <summary>A mask, never a value.</summary>
    public override string ToString() => "***";

    private static string? Usable(string? secret) => string.IsNullOrEmpty(secret) ? null : secret;
}
