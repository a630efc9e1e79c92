using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Capstan.Sources.Git.Urls;

/// <summary>How a repository is reached.</summary>
public enum RepositoryScheme
{
    /// <summary>Smart HTTP over TLS.</summary>
    Https,

    /// <summary>Smart HTTP in the clear.</summary>
    Http,

    /// <summary>Secure shell.</summary>
    Ssh,

    /// <summary>A repository on this machine's disk.</summary>
    File,
}

/// <summary>
/// The address of a Git repository, checked: one of four protocols, nothing that git or ssh would take for an option, no password in it.
/// Addresses that differ only in a trailing <c>.git</c> or <c>/</c>, the case of the host or the protocol's own port are equal.
/// <c>git@host:path</c> and <c>ssh://git@host/path</c> are not: the first begins in the user's home folder.
/// </summary>
public sealed class RepositoryUrl : IEquatable<RepositoryUrl>
{
    private RepositoryUrl(RepositoryScheme scheme, string? user, string host, int? port, string path)
    {
        Scheme = scheme;
        User = user;
        Host = host;
        Port = port;
        Path = path;
    }

    /// <summary>The protocol.</summary>
    public RepositoryScheme Scheme { get; }

    /// <summary>The user named in the address, if any.</summary>
    public string? User { get; }

    /// <summary>The host in lower case, IPv6 without brackets; empty for files.</summary>
    public string Host { get; }

    /// <summary>The port, when it is not the protocol's own.</summary>
    public int? Port { get; }

    /// <summary>The path; absolute for files and URLs, relative to the home folder for <c>host:path</c>.</summary>
    public string Path { get; }

    /// <summary>The port that is connected to; 0 for files.</summary>
    public int EffectivePort => Port ?? Scheme switch
    {
        RepositoryScheme.Https => 443,
        RepositoryScheme.Http => 80,
        RepositoryScheme.Ssh => 22,
        _ => 0,
    };

    /// <summary>The address as git is given it.</summary>
    public string Text => Scheme == RepositoryScheme.File ? "file://" + Path
        : IsHostAndPath ? $"{UserPart}{HostPart}:{Path}"
        : $"{SchemeName}://{UserPart}{HostPart}{PortPart}{Path}";

    /// <summary>The identity: the same for addresses of the same repository. Names the mirror on disk.</summary>
    public string Key => Scheme == RepositoryScheme.File
        ? "file://" + Trim(Path)
        : IsHostAndPath ? $"{UserPart}{HostPart}:{Trim(Path)}"
        : $"{SchemeName}://{(Scheme == RepositoryScheme.Ssh ? UserPart : "")}{HostPart}{PortPart}{Trim(Path)}";

    private bool IsHostAndPath => Scheme == RepositoryScheme.Ssh && !Path.StartsWith('/');

    private string SchemeName => Scheme switch
    {
        RepositoryScheme.Https => "https",
        RepositoryScheme.Http => "http",
        RepositoryScheme.Ssh => "ssh",
        _ => "file",
    };

    private string UserPart => User is null ? "" : User + "@";

    private string HostPart => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;

    private string PortPart => Port is null ? "" : $":{Port}";

    private string AbsolutePath => Path.StartsWith('/') ? Path : "/" + Path;

    /// <summary>Reads an address that someone wrote.</summary>
    /// <exception cref="SourceException">It cannot be used; the message says why and holds no password.</exception>
    public static RepositoryUrl Parse(string text) => TryParse(text, out var url, out var problem)
        ? url
        : throw new SourceException(SourceProblem.Invalid, problem);

    /// <summary>Reads an address that someone wrote, without an exception.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out RepositoryUrl? url, [NotNullWhen(false)] out string? problem) =>
        RepositoryUrlReader.TryRead(text ?? "", out url, out problem);

    /// <summary>Whether a webhook that names the other address speaks of this repository: host and path alike, whatever protocol, user, port and case.</summary>
    public bool NamesSameRepository(RepositoryUrl other) =>
        Host.Equals(other.Host, StringComparison.OrdinalIgnoreCase)
        && Trim(AbsolutePath).Equals(Trim(other.AbsolutePath), StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public bool Equals(RepositoryUrl? other) => other is not null && Key == other.Key;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as RepositoryUrl);

    /// <inheritdoc/>
    public override int GetHashCode() => Key.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Text;

    internal static RepositoryUrl Of(RepositoryScheme scheme, string? user, string host, int? port, string path) =>
        new(scheme, user, NormalHost(host), port, path);

    private static string NormalHost(string host) =>
        IPAddress.TryParse(host, out var address) ? address.ToString() : host.ToLowerInvariant();

    private static string Trim(string path)
    {
        var trimmed = path.TrimEnd('/');
        return trimmed.EndsWith(".git", StringComparison.Ordinal) ? trimmed[..^4] : trimmed;
    }
}
