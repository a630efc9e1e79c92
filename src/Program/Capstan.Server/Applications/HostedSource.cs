using Capstan.GitHost.Repositories;
using Capstan.Resources;
using Capstan.Server.Hosting;
using Capstan.Sources;
using Capstan.Sources.Git.Urls;
using Capstan.Yaml;

namespace Capstan.Server.Applications;

/// <summary>The part of an application's source that lies in a repository of this server.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Path">The folder.</param>
/// <param name="Revision">The revision that is wanted.</param>
internal sealed record HostedSource(RepositoryName Repository, string Path, string Revision)
{
    /// <returns>Null when the source is elsewhere.</returns>
    public static HostedSource? Of(ServerParts parts, KubernetesObject application)
    {
        var source = application.Spec["source"] as YamlMap ?? (application.Spec["sources"] is YamlList { Count: > 0 } sources ? sources[0] as YamlMap : null);
        if (source?["repoURL"]?.AsString() is not { Length: > 0 } url) return null;
        try
        {
            if (!parts.Mirrors.IsLocal(RepositoryUrl.Parse(url))) return null;
        }
        catch (SourceException)
        {
            // An address that is none is told where it is compared.
            return null;
        }
        var at = url.IndexOf("/git/", StringComparison.Ordinal);
        var name = at < 0 ? "" : url[(at + 5)..];
        if (name.EndsWith(".git", StringComparison.Ordinal)) name = name[..^4];
        return RepositoryName.TryParse(name, out var read) && parts.Repositories.Exists(read)
            ? new HostedSource(read, source["path"]?.AsString() ?? "", source["targetRevision"]?.AsString() is { Length: > 0 } revision ? revision : "HEAD")
            : null;
    }
}
