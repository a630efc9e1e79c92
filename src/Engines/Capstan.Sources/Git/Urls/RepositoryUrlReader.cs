using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Capstan.Sources.Git.Urls;

/// <summary>Reads the forms in which people write the address of a repository.</summary>
internal static class RepositoryUrlReader
{
    private const int LongestUrl = 2048;

    public static bool TryRead(string text, [NotNullWhen(true)] out RepositoryUrl? url, [NotNullWhen(false)] out string? problem)
    {
        url = null;
        problem = Unusable(text) ?? ReadForm(text, out url);
        if (problem is null && url is not null)
        {
            return true;
        }

        problem ??= "is not the address of a Git repository";
        problem = $"repository URL \"{WithoutPassword(text)}\": {problem}";
        return false;
    }

    /// <summary>The text without what stands where a password would, bounded and without control characters: fit for a message.</summary>
    public static string WithoutPassword(string text)
    {
        var start = text.IndexOf("://", StringComparison.Ordinal) is var scheme and >= 0 ? scheme + 3 : 0;
        var slash = text.IndexOf('/', start);
        var end = slash < 0 ? text.Length : slash;
        var at = end > start ? text.LastIndexOf('@', end - 1, end - start) : -1;
        var colon = at < 0 ? -1 : text.IndexOf(':', start, at - start);
        var shown = colon < 0 ? text : string.Concat(text.AsSpan(0, colon), ":***", text.AsSpan(at));
        var visible = string.Concat(shown.Take(200).Select(c => char.IsControl(c) ? '?' : c));
        return shown.Length > 200 ? visible + "…" : visible;
    }

    private static string? Unusable(string text)
    {
        if (text.Length == 0)
        {
            return "is empty";
        }

        if (text.Length > LongestUrl)
        {
            return $"is longer than {LongestUrl} characters";
        }

        if (text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c == '\\'))
        {
            return "holds white space, a control character or a backslash";
        }

        if (text.StartsWith('-'))
        {
            return "begins with \"-\", which programs take for an option";
        }

        var colons = text.IndexOf("::", StringComparison.Ordinal);
        return colons > 0 && text.AsSpan(0, colons).IndexOfAny("/[@") < 0
            ? $"the transport \"{text[..colons]}::\" runs other programs and is not allowed"
            : null;
    }

    private static string? ReadForm(string text, out RepositoryUrl? url)
    {
        url = null;
        if (text.Contains("://", StringComparison.Ordinal))
        {
            return ReadUrl(text, out url);
        }

        if (text.StartsWith('/'))
        {
            return ReadFile(text, out url);
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return colon > 0 && (slash < 0 || colon < slash)
            ? ReadHostAndPath(text, colon, out url)
            : "is a relative path; write a URL (https://…, ssh://…) or git@host:path";
    }

    private static string? ReadUrl(string text, out RepositoryUrl? url)
    {
        url = null;
        var at = text.IndexOf("://", StringComparison.Ordinal);
        RepositoryScheme? scheme = text[..at].ToLowerInvariant() switch
        {
            "https" => RepositoryScheme.Https,
            "http" => RepositoryScheme.Http,
            "ssh" or "git+ssh" or "ssh+git" => RepositoryScheme.Ssh,
            "file" => RepositoryScheme.File,
            _ => null,
        };
        if (scheme is not { } known)
        {
            return $"the protocol \"{text[..at]}\" is not served; use https, http, ssh or file";
        }

        var rest = text[(at + 3)..];
        if (rest.AsSpan().IndexOfAny('?', '#') >= 0)
        {
            return "must not hold \"?\" or \"#\"";
        }

        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var authority = slash < 0 ? rest : rest[..slash];
        var path = slash < 0 ? "" : rest[slash..];
        if (known == RepositoryScheme.File)
        {
            return authority is "" or "localhost" ? ReadFile(path, out url) : "a file URL names no host: file:///path";
        }

        return path.Trim('/').Length == 0 ? "has no path" : ReadAuthority(known, authority, path, out url);
    }

    private static string? ReadAuthority(RepositoryScheme scheme, string authority, string path, out RepositoryUrl? url)
    {
        url = null;
        var at = authority.LastIndexOf('@');
        var user = at < 0 ? null : authority[..at];
        if (UserProblem(user) is { } wrong)
        {
            return wrong;
        }

        var host = authority[(at + 1)..];
        int? port = null;
        var colon = host.LastIndexOf(':');
        if (colon >= 0 && !host.EndsWith(']'))
        {
            if (!ushort.TryParse(host.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0)
            {
                return "the port is not a number from 1 to 65535";
            }

            port = number;
            host = host[..colon];
        }

        if (host.StartsWith('[') && host.EndsWith(']'))
        {
            host = host[1..^1];
            if (!IPAddress.TryParse(host, out _))
            {
                return "the brackets hold no IPv6 address";
            }
        }
        else if (HostProblem(host) is { } bad)
        {
            return bad;
        }

        url = RepositoryUrl.Of(scheme, user, host, IsOwnPort(scheme, port) ? null : port, path);
        return PathProblem(path);
    }

    private static bool IsOwnPort(RepositoryScheme scheme, int? port) => (scheme, port) is
        (RepositoryScheme.Https, 443) or (RepositoryScheme.Http, 80) or (RepositoryScheme.Ssh, 22);

    private static string? ReadHostAndPath(string text, int colon, out RepositoryUrl? url)
    {
        url = null;
        var left = text[..colon];
        var path = text[(colon + 1)..];
        var at = left.LastIndexOf('@');
        var user = at < 0 ? null : left[..at];
        var host = left[(at + 1)..];
        if ((UserProblem(user) ?? HostProblem(host) ?? PathProblem(path)) is { } wrong)
        {
            return wrong;
        }

        if (path.Trim('/').Length == 0 || path.StartsWith('-'))
        {
            return "has no path, or one that begins with \"-\"";
        }

        if (path.AsSpan().IndexOfAny('?', '#', '%') >= 0)
        {
            return "must not hold \"?\", \"#\" or \"%\"";
        }

        url = RepositoryUrl.Of(RepositoryScheme.Ssh, user, host, null, path);
        return null;
    }

    private static string? ReadFile(string path, out RepositoryUrl? url)
    {
        url = null;
        if (path.Trim('/').Length == 0)
        {
            return "has no path";
        }

        if (path.AsSpan().IndexOfAny('?', '#') >= 0)
        {
            return "must not hold \"?\" or \"#\"";
        }

        url = RepositoryUrl.Of(RepositoryScheme.File, null, "", null, path);
        return PathProblem(path);
    }

    private static string? UserProblem(string? user)
    {
        if (user is null)
        {
            return null;
        }

        if (user.Contains(':', StringComparison.Ordinal))
        {
            return "holds a password; credentials belong in a repository Secret";
        }

        return user.Length == 0 || user.StartsWith('-') || user.Any(c => !char.IsAsciiLetterOrDigit(c) && !"._~%+-@".Contains(c, StringComparison.Ordinal))
            ? "the user name holds characters that are not allowed"
            : null;
    }

    private static string? HostProblem(string host)
    {
        if (host.Length is 0 or > 253 || !char.IsAsciiLetterOrDigit(host[0]) || host.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '-' or '_')))
        {
            return "the host name is empty or holds characters that are not allowed";
        }

        return IPAddress.TryParse(host, out var address) && address.ToString() != host
            ? "write the IP address in its usual form"
            : null;
    }

    private static string? PathProblem(string path) => path.Split('/').Any(part => part is ".." or "." || DecodesToDots(part))
        ? "the path must not hold \".\" or \"..\""
        : null;

    private static bool DecodesToDots(string part) => part.Contains('%', StringComparison.Ordinal) && Uri.UnescapeDataString(part) is ".." or ".";
}
