using System.Text.Json;
using Capstan.Sources.Git.Urls;

namespace Capstan.Sources.Webhooks;

/// <summary>Finds repository, ref and commit in the bodies that the various hosts send. Anything may be missing, null or of another type.</summary>
internal static class PushBody
{
    private static readonly string[] Addresses = ["clone_url", "ssh_url", "html_url", "git_http_url", "git_ssh_url", "web_url", "homepage", "url"];

    public static PushNotification? Read(string provider, JsonElement body)
    {
        var reference = Text(body, "ref");
        var urls = new List<RepositoryUrl>();
        foreach (var part in (string[])["repository", "project"])
        {
            if (Member(body, part) is not { } repository)
            {
                continue;
            }

            Add(urls, Text(repository));
            foreach (var address in Addresses)
            {
                Add(urls, Text(repository, address));
            }
        }

        var after = Text(body, "after");
        return reference is null || reference.Length > 1024 || urls.Count == 0
            ? null
            : new PushNotification(provider, urls, reference, after is { Length: 40 } && after.All(char.IsAsciiHexDigit) && after.Any(c => c != '0') ? after : null);
    }

    private static void Add(List<RepositoryUrl> urls, string? text)
    {
        if (text is not null && RepositoryUrl.TryParse(text, out var url, out _) && !urls.Contains(url))
        {
            urls.Add(url);
        }
    }

    private static JsonElement? Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : null;

    private static string? Text(JsonElement element, string name) =>
        Member(element, name) is { } member ? Text(member) : null;

    // Half of a surrogate pair is no text, and no address or name has one.
    private static string? Text(JsonElement element)
    {
        try
        {
            return element.ValueKind == JsonValueKind.String ? element.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
