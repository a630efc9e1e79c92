using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Capstan.LocalCluster.ApiServer.Http;

/// <summary>A request path taken apart as Kubernetes does (apiserver, request info).</summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Version">The version; empty in discovery of groups.</param>
/// <param name="Namespace">The namespace; empty when the path names none.</param>
/// <param name="Resource">The plural name; empty in discovery.</param>
/// <param name="Name">The object; empty for collections.</param>
/// <param name="Subresource">The subresource; empty for none.</param>
internal sealed record RequestPath(string Group, string Version, string Namespace, string Resource, string Name, string Subresource)
{
    /// <summary>Whether the path had <c>/watch/</c> in it, the old way to watch.</summary>
    public bool IsWatch { get; init; }

    /// <summary>The path as it was sent: decoding before routing would turn an encoded slash into a separator.</summary>
    public static string Raw(HttpContext context)
    {
        var raw = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? context.Request.Path.Value ?? "/";
        var query = raw.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? raw : raw[..query];
    }

    /// <summary>Reads an undecoded path; null when it is none of <c>/api</c> or <c>/apis</c>, or is malformed.</summary>
    public static RequestPath? Parse(string rawPath)
    {
        var raw = rawPath.Trim('/').Split('/');
        var parts = new string[raw.Length];
        for (var i = 0; i < raw.Length; i++)
        {
            // Segments are decoded one by one, so that an encoded slash stays inside its segment.
            parts[i] = Uri.UnescapeDataString(raw[i]);
            if (parts[i].Length == 0 || parts[i] is "." or ".." || parts[i].Contains('/', StringComparison.Ordinal))
            {
                return null;
            }
        }

        return parts[0] switch
        {
            "api" when parts.Length == 1 => Discovery("", ""),
            "api" => Rest("", parts[1], parts.AsSpan(2)),
            "apis" when parts.Length == 1 => Discovery("", ""),
            "apis" when parts.Length == 2 => Discovery(parts[1], ""),
            "apis" => Rest(parts[1], parts[2], parts.AsSpan(3)),
            _ => null,
        };
    }

    private static RequestPath Discovery(string group, string version) => new(group, version, "", "", "", "");

    private static RequestPath? Rest(string group, string version, ReadOnlySpan<string> rest)
    {
        var watch = rest.Length > 1 && rest[0] == "watch";
        rest = watch ? rest[1..] : rest;
        var space = "";
        if (rest.Length >= 3 && rest[0] == "namespaces" && !(rest.Length == 3 && rest[2] is "status" or "finalize" && rest.Length == 3))
        {
            space = rest[1];
            rest = rest[2..];
        }

        return rest.Length > 3 ? null : new RequestPath(
            group, version, space,
            rest.Length > 0 ? rest[0] : "",
            rest.Length > 1 ? rest[1] : "",
            rest.Length > 2 ? rest[2] : "")
        { IsWatch = watch };
    }
}
