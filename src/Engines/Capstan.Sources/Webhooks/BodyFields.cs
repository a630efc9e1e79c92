using System.Text.Json;
using Capstan.Sources.Git.Urls;

namespace Capstan.Sources.Webhooks;

/// <summary>Reads members of the bodies that Git hosts send. Anything may be missing, null or of another type.</summary>
internal static class BodyFields
{
    private static readonly string[] Addresses = ["clone_url", "ssh_url", "html_url", "git_http_url", "git_ssh_url", "web_url", "homepage", "url"];

    /// <summary>A member of an object; null when it is not there.</summary>
    public static JsonElement? Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : null;

    /// <summary>The member behind several names.</summary>
    public static JsonElement? Member(JsonElement element, params ReadOnlySpan<string> path)
    {
        JsonElement? at = element;
        foreach (var name in path)
        {
            if (at is not { } here) return null;
            at = Member(here, name);
        }

        return at;
    }

    /// <summary>The text of a member; null when it is none.</summary>
    public static string? Text(JsonElement element, params ReadOnlySpan<string> path) => Member(element, path) is { } member ? Text(member) : null;

    /// <summary>A text; null when it is none. Half of a surrogate pair is no text, and no address or name has one.</summary>
    public static string? Text(JsonElement element)
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

    /// <summary>The addresses that a body names for its repository.</summary>
    public static List<RepositoryUrl> Repositories(JsonElement body)
    {
        var urls = new List<RepositoryUrl>();
        foreach (var part in (string[])["repository", "project"])
        {
            if (Member(body, part) is not { } repository) continue;
            Add(urls, Text(repository));
            foreach (var address in Addresses) Add(urls, Text(repository, address));
        }

        return urls;
    }

    /// <summary>Whether a text is the whole name of a commit.</summary>
    public static bool IsCommit(string? text) => text is { Length: 40 } && text.All(char.IsAsciiHexDigit) && text.Any(c => c != '0');

    private static void Add(List<RepositoryUrl> urls, string? text)
    {
        if (text is not null && RepositoryUrl.TryParse(text, out var url, out _) && !urls.Contains(url)) urls.Add(url);
    }
}
