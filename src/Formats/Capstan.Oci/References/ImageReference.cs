using System.Diagnostics.CodeAnalysis;
using Capstan.Oci.Content;

namespace Capstan.Oci.References;

/// <summary>Where an image or artifact is: registry, repository, and a tag, a digest or both (then the digest decides).</summary>
/// <param name="Registry">Host, with the port where it is written, such as <c>ghcr.io</c> or <c>127.0.0.1:7070</c>.</param>
/// <param name="Name">The repository.</param>
/// <param name="Tag">The tag, if written.</param>
/// <param name="Digest">The digest, if written.</param>
public sealed record ImageReference(string Registry, ImageName Name, Tag? Tag, Digest? Digest)
{
    /// <summary>The registry that is meant where none is written.</summary>
    public const string DockerHub = "docker.io";

    private const int LongestReference = 1024;

    /// <summary>What the registry is asked for: the digest, else the tag, else <c>latest</c>.</summary>
    public string Version => Digest?.ToString() ?? (Tag ?? Tag.Latest).Text;

    /// <summary>
    /// Reads a reference as Docker's tools do: a first part with a dot, a colon, an upper-case letter or <c>localhost</c> is the registry, a single part on Docker Hub lies in <c>library/</c>.
    /// A leading <c>oci://</c> or <c>docker://</c> is taken off.
    /// </summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out ImageReference? reference)
    {
        reference = null;
        if (text is null || text.Length > LongestReference)
        {
            return false;
        }

        foreach (var scheme in (string[])["oci://", "docker://"])
        {
            if (text.StartsWith(scheme, StringComparison.Ordinal)) text = text[scheme.Length..];
        }

        Digest? digest = null;
        if (text.IndexOf('@', StringComparison.Ordinal) is var at and >= 0)
        {
            if (!Content.Digest.TryParse(text[(at + 1)..], out var written)) return false;
            digest = written;
            text = text[..at];
        }

        Tag? tag = null;
        if (text.LastIndexOf(':') is var colon and > 0 && colon > text.LastIndexOf('/'))
        {
            if (!References.Tag.TryParse(text[(colon + 1)..], out tag)) return false;
            text = text[..colon];
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var registry = slash > 0 && IsHost(text[..slash]) ? text[..slash] : DockerHub;
        var path = slash > 0 && IsHost(text[..slash]) ? text[(slash + 1)..] : text;
        if (registry == DockerHub && !path.Contains('/', StringComparison.Ordinal)) path = "library/" + path;
        if (!IsAuthority(registry) || !ImageName.TryParse(path, out var name))
        {
            return false;
        }

        reference = new ImageReference(registry, name, tag, digest);
        return true;
    }

    /// <summary>Reads a reference.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static ImageReference Parse(string text) => TryParse(text, out var reference) ? reference
        : throw new FormatException($"\"{text}\" is no image reference: [REGISTRY/]NAME[:TAG][@sha256:DIGEST], the name in lower case");

    /// <inheritdoc/>
    public override string ToString() => $"{Registry}/{Name}{(Tag is null ? "" : ":" + Tag)}{(Digest is null ? "" : "@" + Digest)}";

    private static bool IsHost(string part) => part == "localhost" || part.Any(c => c is '.' or ':' || char.IsAsciiLetterUpper(c));

    private static bool IsAuthority(string text) => text.Length <= 261 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or ':' or '[' or ']')
        && Uri.TryCreate($"http://{text}/", UriKind.Absolute, out var uri) && uri.UserInfo.Length == 0;
}
