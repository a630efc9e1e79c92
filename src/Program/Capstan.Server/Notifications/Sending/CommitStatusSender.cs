using System.Net.Http.Headers;
using Capstan.Yaml;

namespace Capstan.Server.Notifications.Sending;

/// <summary>The status of a commit at the host of the application's repository: options <c>provider</c> (github, gitlab, gitea), <c>token</c>, <c>apiURL</c>; the template's part <c>status</c> may have
/// <c>state</c>, <c>description</c>, <c>label</c> and <c>targetURL</c>. The recipient is of no meaning.</summary>
internal sealed class CommitStatusSender(HttpPost http, Func<Uri> url) : IMessageSender
{
    private const int LongestDescription = 140;

    public Task SendAsync(NotificationService service, string recipient, NotificationMessage message, CancellationToken cancellation)
    {
        var status = message.Application.Status;
        var sha = status.At("operationState", "syncResult", "revision")?.AsString() ?? status.At("sync", "revision")?.AsString() ?? "";
        if (sha.Length != 40) throw new NotDeliveredException($"{service}: application {message.Application.Name} has no commit yet", isFinal: true);
        var repository = message.Application.Spec.At("source", "repoURL")?.AsString() ?? "";
        var path = PathOf(repository) ?? throw new NotDeliveredException($"{service}: {repository}: names no OWNER/REPOSITORY", isFinal: true);
        var part = message.Part("status");
        string Of(string name, string otherwise) => NotificationMessage.Field(part, name) is { Length: > 0 } own ? own : otherwise;
        var (state, label) = (Of("state", "pending"), Of("label", "capstan/" + message.Application.Name));
        var description = Of("description", message.Title.Length > 0 ? message.Title : message.Text).ReplaceLineEndings(" ");
        if (description.Length > LongestDescription) description = description[..LongestDescription];
        var target = Of("targetURL", new Uri(url(), "/applications/" + Uri.EscapeDataString(message.Application.Name)).ToString());
        var token = service.Text("token");
        string Api(string otherwise) => service.Text("apiURL") is { Length: > 0 } own ? own.TrimEnd('/') : otherwise;
        var body = JsonText.Write(YamlMap.Of(("state", state), ("target_url", target), ("description", description), ("context", label)));
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
                JsonText.Write(YamlMap.Of(("state", state is "failure" or "error" ? "failed" : state), ("target_url", target), ("description", description), ("name", label))),
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
