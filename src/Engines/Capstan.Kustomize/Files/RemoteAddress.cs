using System.Globalization;
using System.Net;
using Capstan.Scalars;
using Capstan.Trees;

namespace Capstan.Kustomize;

/// <summary>
/// What a kustomization writes to name a base, a component or a file elsewhere: <c>https://host/org/repository//folder?ref=v1</c>,
/// <c>github.com/org/repository/folder</c>, <c>git@host:org/repository.git//folder</c>, <c>https://host/file.yaml</c>. Taken apart as
/// kustomize 5.7.1 does (api/internal/git/repospec.go).
/// </summary>
/// <param name="Repository">The repository as git is given it, or the address of the file.</param>
/// <param name="Path">The folder in the repository; the root for a file.</param>
public sealed record RemoteAddress(string Repository, TreePath Path)
{
    private const string FileScheme = "file://";
    private const string AzureMark = "_git/";

    private static readonly string[] Schemes = ["https://", "http://", "ssh://", FileScheme];
    private static readonly string[] FileEnds = [".yaml", ".yml", ".json"];

    /// <summary>Branch, tag or commit; empty for the default branch.</summary>
    public string Reference { get; init; } = "";

    /// <summary>How long fetching may take; null where the address does not say it.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Whether submodules are wanted: true, false, or null where the address does not say it.</summary>
    public bool? Submodules { get; init; }

    /// <summary>Whether this is one file behind HTTP, and no repository.</summary>
    public bool IsFile { get; init; }

    /// <summary>Equal for addresses of the same content.</summary>
    public string Key => $"{Repository} {Reference} {Submodules}";

    /// <summary>Whether a text names something outside of the own repository.</summary>
    public static bool IsRemote(string text)
    {
        if (text.Contains("://", StringComparison.Ordinal) || text.StartsWith("git::", StringComparison.Ordinal) || GithubRest(text) is not null || text.StartsWith("git@", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        // user@host:path
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && text.AsSpan(0, colon).IndexOf('@') > 0 && !text.AsSpan(0, colon).Contains('/');
    }

    /// <summary>Takes an address apart.</summary>
    /// <exception cref="KustomizeException">It is none.</exception>
    public static RemoteAddress Parse(string text)
    {
        var bare = text.StartsWith("git::", StringComparison.Ordinal) ? text[5..] : text;
        var query = bare.IndexOf('?', StringComparison.Ordinal);
        var (address, options) = query < 0 ? (bare, "") : (bare[..query], bare[(query + 1)..]);
        var (host, rest) = Host(address, text);
        if (IsPlainFile(bare, host, rest))
        {
            return new RemoteAddress(text, TreePath.Root) { IsFile = true };
        }

        var (repository, folder) = Split(rest, host == FileScheme ? int.MaxValue : 2, text);
        if (!TreePath.TryParse(folder, out var path, out _))
        {
            throw Wrong(text, "url path exits repo");
        }

        return options.Split('&', StringSplitOptions.RemoveEmptyEntries).Reverse().Aggregate(new RemoteAddress(host + repository, path), (now, option) => now.With(option));
    }

    /// <inheritdoc/>
    public override string ToString() => IsFile ? Repository : $"{Repository}{(Path.IsRoot ? "" : "//" + Path)}{(Reference.Length > 0 ? "?ref=" + Reference : "")}";

    // The first of several equal options counts, and ref beats version.
    private RemoteAddress With(string option)
    {
        var equals = option.IndexOf('=', StringComparison.Ordinal);
        var (name, value) = equals < 0 ? (option, "") : (option[..equals], WebUtility.UrlDecode(option[(equals + 1)..]));
        return (name, value) switch
        {
            (_, "") => this,
            ("ref", _) => this with { Reference = value },
            ("version", _) when Reference.Length == 0 => this with { Reference = value },
            ("timeout", _) => this with { Timeout = Duration(value) ?? Timeout },
            ("submodules", "1" or "t" or "T" or "true" or "TRUE" or "True") => this with { Submodules = true },
            ("submodules", "0" or "f" or "F" or "false" or "FALSE" or "False") => this with { Submodules = false },
            _ => this,
        };
    }

    // Seconds, or a duration as Go writes it.
    private static TimeSpan? Duration(string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return seconds is > 0 and <= 86_400 ? TimeSpan.FromSeconds(seconds) : null;
        }

        return GoDuration.TryParse(text, out var nanoseconds) && nanoseconds > 0 && TimeSpan.FromTicks(nanoseconds / 100) is var duration && duration <= TimeSpan.FromDays(1) ? duration : null;
    }

    private static (string Host, string Remainder) Host(string address, string text)
    {
        var scheme = Array.Find(Schemes, s => address.StartsWith(s, StringComparison.OrdinalIgnoreCase)) ?? "";
        var rest = address[scheme.Length..];
        if (scheme == FileScheme)
        {
            return (scheme, rest);
        }

        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var at = rest.IndexOf('@', StringComparison.Ordinal);
        var user = at > 0 && (slash < 0 || at < slash) ? rest[..(at + 1)] : "";
        rest = rest[user.Length..];
        if (GithubRest(rest) is { } github)
        {
            // GitHub is asked by https, or as git@ where the address says so.
            return (user.Length > 0 || scheme == "ssh://" ? "git@github.com:" : "https://github.com/", github);
        }

        if (scheme.Length == 0 && user.Length == 0)
        {
            throw Wrong(text, "no username, scheme or known host");
        }

        var end = rest.IndexOfAny(scheme.Length == 0 ? [':'] : ['/']);
        return end < 0 ? throw Wrong(text, "failed to parse host") : (scheme + user + rest[..(end + 1)], rest[(end + 1)..]);
    }

    private static string? GithubRest(string text)
    {
        var bare = text.StartsWith("www.", StringComparison.OrdinalIgnoreCase) ? text[4..] : text;
        return bare.StartsWith("github.com/", StringComparison.OrdinalIgnoreCase) || bare.StartsWith("github.com:", StringComparison.OrdinalIgnoreCase) ? bare["github.com/".Length..] : null;
    }

    // What ends the repository: the part behind _git/, a double slash, .git, or so and so many parts.
    private static (string Repository, string Folder) Split(string rest, int parts, string text)
    {
        if (rest.IndexOf(AzureMark, StringComparison.Ordinal) is var azure and >= 0)
        {
            var next = rest.IndexOf('/', azure + AzureMark.Length);
            return next < 0 ? (rest, "") : (rest[..next], rest[(next + 1)..]);
        }

        if (rest.IndexOf("//", StringComparison.Ordinal) is var slashes and > 0)
        {
            return (rest[..slashes], rest[(slashes + 2)..].TrimStart('/'));
        }

        if (rest.IndexOf(".git", StringComparison.Ordinal) is var suffix and >= 0)
        {
            return (rest[..(suffix + 4)], rest[(suffix + 4)..].TrimStart('/'));
        }

        var segments = rest.Split('/');
        if (rest.Length == 0 || (parts != int.MaxValue && segments.Length < parts))
        {
            throw Wrong(text, "failed to parse repo path segment");
        }

        return parts >= segments.Length ? (rest, "") : (string.Join('/', segments.Take(parts)), string.Join('/', segments.Skip(parts)).TrimStart('/'));
    }

    private static bool IsPlainFile(string address, string host, string rest) =>
        host.StartsWith("http", StringComparison.OrdinalIgnoreCase) && FileEnds.Any(e => rest.EndsWith(e, StringComparison.OrdinalIgnoreCase))
        && !rest.Contains("//", StringComparison.Ordinal) && !rest.Contains(".git/", StringComparison.Ordinal) && !address.Contains('?', StringComparison.Ordinal);

    private static KustomizeException Wrong(string text, string why) => new($"'{text}' is not a file, a folder or the address of a git repository: {why}");
}
