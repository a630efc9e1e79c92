using System.Net.Http.Headers;
using Capstan.Yaml;

namespace Capstan.Server.Notifications.Sending;

/// <summary>What a commit's status says.</summary>
/// <param name="State"><c>pending</c>, <c>success</c>, <c>failure</c> or <c>error</c>.</param>
/// <param name="Description">What there is to say.</param>
/// <param name="Label">Who says it; the last word under it counts.</param>
/// <param name="Target">Where there is more.</param>
internal sealed record HostStatusText(string State, string Description, string Label, string Target);

/// <summary>Tells other Git hosts the status of their commits: options <c>provider</c> (github, gitlab, gitea), <c>token</c>, <c>apiURL</c> of a service.</summary>
/// <param name="http">Sends it.</param>
internal sealed class HostStatus(HttpPost http)
{
    private const int LongestDescription = 140;

    /// <summary>Sends the status of a commit.</summary>
    /// <param name="service">Which host, and by what token.</param>
    /// <param name="repository">The repository's address there.</param>
    /// <param name="sha">The commit.</param>
    /// <param name="text">What it says.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="NotDeliveredException">It was not taken.</exception>
    public Task SendAsync(NotificationService service, string repository, string sha, HostStatusText text, CancellationToken cancellation)
    {
        var path = PathOf(repository) ?? throw new NotDeliveredException($"{service}: {repository}: names no OWNER/REPOSITORY", isFinal: true);
        var description = text.Description.Length > LongestDescription ? text.Description[..LongestDescription] : text.Description;
        var token = service.Text("token");
        string Api(string otherwise) => service.Text("apiURL") is { Length: > 0 } own ? own.TrimEnd('/') : otherwise;
        var body = JsonText.Write(YamlMap.Of(("state", text.State), ("target_url", text.Target), ("description", description), ("context", text.Label)));
        return service.Text("provider") switch
        {
            "github" => http.SendAsync(service, "POST", $"{Api("https://api.github.com")}/repos/{path}/statuses/{sha}", body, r =>
            {
                r.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
                r.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/vnd.github+json"));
                r.Headers.TryAddWithoutValidation("X-GitHub-Api-Version", "2022-11-28");
            }, cancellation),
            "gitea" => http.SendAsync(service, "POST", $"{Api(Origin(repository) + "/api/v1")}/repos/{path}/statuses/{sha}", body, r => r.Headers.Authorization = new AuthenticationHeaderValue("token", token), cancellation),
            "gitlab" => http.SendAsync(service, "POST", $"{Api(Origin(repository) + "/api/v4")}/projects/{Uri.EscapeDataString(path)}/statuses/{sha}",
                JsonText.Write(YamlMap.Of(("state", text.State is "failure" or "error" ? "failed" : text.State), ("target_url", text.Target), ("description", description), ("name", text.Label))),
                r => r.Headers.TryAddWithoutValidation("PRIVATE-TOKEN", token), cancellation),
            var other => throw new NotDeliveredException($"{service}: provider \"{other}\" is none of github, gitlab, gitea", isFinal: true),
        };
    }

    private static string Origin(string repository) => Uri.TryCreate(repository, UriKind.Absolute, out var parsed) && parsed.Scheme.StartsWith("http", StringComparison.Ordinal) ? parsed.GetLeftPart(UriPartial.Authority) : "https://" + HostOf(repository);

    private static string HostOf(string repository)
    {
        var rest = repository.Contains("://", StringComparison.Ordinal) ? repository[(repository.IndexOf("://", StringComparison.Ordinal) + 3)..] : repository;
        rest = rest[(rest.IndexOf('@', StringComparison.Ordinal) + 1)..];
        return rest.Split('/', ':')[0];
    }

    // https://host/owner/name.git, ssh://git@host/owner/name and git@host:owner/name.
    private static string? PathOf(string repository)
    {
        var rest = repository.Contains("://", StringComparison.Ordinal) ? repository[(repository.IndexOf("://", StringComparison.Ordinal) + 3)..] : repository.Replace(':', '/');
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0) return null;
        var path = rest[(slash + 1)..].Trim('/');
        if (path.EndsWith(".git", StringComparison.Ordinal)) path = path[..^4];
        return path.Contains('/', StringComparison.Ordinal) && path.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '-' or '_' or '.') && !path.Split('/').Contains("..") ? path : null;
    }
}
