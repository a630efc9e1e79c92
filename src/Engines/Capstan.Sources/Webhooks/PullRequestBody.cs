using System.Text.Json;

namespace Capstan.Sources.Webhooks;

/// <summary>Finds out what happened to a pull request in the bodies that GitHub, Gitea and Forgejo send, which are alike.</summary>
internal static class PullRequestBody
{
    private const int LongestName = 1024;

    /// <summary>Gitea's word for GitHub's <c>synchronize</c>: new commits came.</summary>
    private const string GiteaSynchronized = "synchronized";

    public static PullRequestNotification? Read(string provider, JsonElement body)
    {
        var urls = BodyFields.Repositories(body);
        var (action, head, branch) = (BodyFields.Text(body, "action"), BodyFields.Text(body, "pull_request", "head", "sha"), BodyFields.Text(body, "pull_request", "base", "ref"));
        if (urls.Count == 0 || action is not { Length: > 0 and <= 100 } || !BodyFields.IsCommit(head) || branch is not { Length: > 0 and <= LongestName } || Number(body) is not { } number) return null;
        return new PullRequestNotification(provider, urls, number, action == GiteaSynchronized ? "synchronize" : action, head!.ToLowerInvariant(), branch)
        {
            IsFork = IsFork(body),
            Actor = BodyFields.Text(body, "sender", "login") is { Length: > 0 and <= LongestName } sender ? sender : "",
            Body = Reduced(body),
        };
    }

    private static long? Number(JsonElement body)
    {
        var found = BodyFields.Member(body, "number") ?? BodyFields.Member(body, "pull_request", "number");
        return found is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var value) && value > 0 ? value : null;
    }

    // Only two repositories that are plainly the same are: a fork that was deleted since has none. Gitea takes pull requests of whoever may read
    // (refs/for/BRANCH) into the repository itself, and names no branch of theirs then.
    private static bool IsFork(JsonElement body)
    {
        string? Of(string side, string name) => BodyFields.Member(body, "pull_request", side, "repo", name) is { } value ? value.ValueKind == JsonValueKind.Number ? value.GetRawText() : BodyFields.Text(value) : null;
        var (head, target) = (Of("head", "id"), Of("base", "id"));
        var (headName, targetName) = (Of("head", "full_name"), Of("base", "full_name"));
        return headName is null || headName != targetName || head != target || BodyFields.Text(body, "pull_request", "head", "ref") is not { } branch || branch.StartsWith("refs/", StringComparison.Ordinal);
    }

    // What workflows get as github.event; the rest of the body tells of the host's hooks and is nobody's concern.
    private static string Reduced(JsonElement body)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var name in (string[])["action", "number", "pull_request", "repository", "sender", "label", "before", "after"])
            {
                if (BodyFields.Member(body, name) is not { } value) continue;
                json.WritePropertyName(name);
                value.WriteTo(json);
            }

            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }
}
