using Capstan.Oci.Content;
using Capstan.Oci.References;

namespace Capstan.Registry.Storage;

/// <summary>
/// Where things lie beneath the registry's folder. A repository's own folders begin with an underscore, which no part of a name does, so that
/// <c>a</c> and <c>a/b</c> never meet.
/// </summary>
internal sealed class RegistryFolders
{
    public RegistryFolders(string root)
    {
        Root = Path.GetFullPath(root);
        Blobs = Path.Combine(Root, "blobs");
        Uploads = Path.Combine(Root, "uploads");
        Drafts = Path.Combine(Root, "drafts");
        Damaged = Path.Combine(Root, "damaged");
        Repositories = Path.Combine(Root, "repositories");
    }

    public string Root { get; }

    /// <summary>All content, by digest.</summary>
    public string Blobs { get; }

    /// <summary>What is being pushed.</summary>
    public string Uploads { get; }

    /// <summary>Small files on their way to their place.</summary>
    public string Drafts { get; }

    /// <summary>Blobs that are no longer what their names say.</summary>
    public string Damaged { get; }

    /// <summary>What belongs to which repository.</summary>
    public string Repositories { get; }

    public string Blob(Digest digest) => Path.Combine(Blobs, digest.AlgorithmName, digest.Hex[..2], digest.Hex);

    public string Repository(ImageName name) => Path.Combine(Repositories, name.Text);

    public string BlobLinks(ImageName name) => Path.Combine(Repository(name), "_blobs");

    public string BlobLink(ImageName name, Digest digest) => Path.Combine(BlobLinks(name), digest.AlgorithmName, digest.Hex);

    public string ManifestLinks(ImageName name) => Path.Combine(Repository(name), "_manifests");

    public string ManifestLink(ImageName name, Digest digest) => Path.Combine(ManifestLinks(name), digest.AlgorithmName, digest.Hex);

    public string Tags(ImageName name) => Path.Combine(Repository(name), "_tags");

    public string Tag(ImageName name, Tag tag) => Path.Combine(Tags(name), tag.Text);

    public string Referrers(ImageName name, Digest subject) => Path.Combine(Repository(name), "_referrers", subject.AlgorithmName, subject.Hex);

    public string Referrer(ImageName name, Digest subject, Digest referrer) => Path.Combine(Referrers(name, subject), $"{referrer.AlgorithmName}-{referrer.Hex}");

    /// <summary>The digests whose files lie in a folder of algorithms.</summary>
    public static IEnumerable<(Digest Digest, FileInfo File)> DigestsIn(string folder)
    {
        if (!Directory.Exists(folder)) yield break;
        foreach (var algorithm in Directory.EnumerateDirectories(folder))
        {
            foreach (var file in new DirectoryInfo(algorithm).EnumerateFiles("*", SearchOption.AllDirectories))
            {
                if (Digest.TryParse($"{Path.GetFileName(algorithm)}:{file.Name}", out var digest)) yield return (digest, file);
            }
        }
    }
}
