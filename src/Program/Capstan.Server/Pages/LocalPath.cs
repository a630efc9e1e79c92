namespace Capstan.Server.Pages;

/// <summary>Where a form may lead back to: a path on this server, and nothing that a browser could take for another one.</summary>
internal static class LocalPath
{
    private const int Longest = 2000;

    public static string Of(string? text) =>
        text is { Length: > 0 and <= Longest } && text[0] == '/' && (text.Length == 1 || text[1] is not ('/' or '\\')) && !text.Any(c => char.IsControl(c) || c == '\\') && !text.StartsWith("/sign-", StringComparison.Ordinal)
            ? text
            : "/";
}
