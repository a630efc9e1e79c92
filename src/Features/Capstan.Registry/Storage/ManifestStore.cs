using System.Collections.Concurrent;
using System.Text;
using Capstan.Oci.Content;
using Capstan.Oci.Manifests;
using Capstan.Oci.References;

namespace Capstan.Registry.Storage;

/// <summary>A manifest as it is kept: its bytes are those that were pushed, always.</summary>
internal sealed record StoredManifest(Digest Digest, string MediaType, byte[] Content);

/// <summary>The manifests of repositories. What is written is written in an order that leaves nothing half-done: content, its place in the repository, what it refers to.</summary>
internal sealed class ManifestStore(RegistryFolders folders, BlobStore blobs, TimeProvider time)
{
    private const int MostFacts = 4096;
    private readonly ConcurrentDictionary<Digest, ManifestFacts> _facts = new();

    public bool Exists(ImageName name, Digest digest) => File.Exists(folders.ManifestLink(name, digest)) && File.Exists(folders.Blob(digest));

    /// <summary>Whether anything was ever pushed to the repository.</summary>
    public bool HasRepository(ImageName name) => Directory.Exists(folders.ManifestLinks(name)) || Directory.Exists(folders.BlobLinks(name));

    /// <summary>Reads a manifest; null when the repository has it not.</summary>
    /// <exception cref="RegistryException">What is on the disk is no longer what was pushed.</exception>
    public StoredManifest? Find(ImageName name, Digest digest)
    {
        try
        {
            var mediaType = File.ReadAllText(folders.ManifestLink(name, digest));
            var content = File.ReadAllBytes(folders.Blob(digest));
            return Digest.Of(content, digest.Algorithm) == digest
                ? new StoredManifest(digest, mediaType, content)
                : throw new RegistryException(500, Oci.Errors.RegistryErrorCode.ManifestInvalid, $"{name}: the manifest {digest} is damaged on the disk; push it again");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>What a manifest says, read once.</summary>
    public ManifestFacts? FactsOf(ImageName name, Digest digest)
    {
        if (_facts.TryGetValue(digest, out var known) && Exists(name, digest)) return known;
        if (Find(name, digest) is not { } stored) return null;
        var facts = ManifestFacts.Read(stored.Content, stored.MediaType);
        Remember(digest, facts);
        return facts;
    }

    /// <summary>All manifests of a repository with the moment at which somebody last counted on them.</summary>
    public IEnumerable<(Digest Digest, DateTime Touched)> List(ImageName name) =>
        RegistryFolders.DigestsIn(folders.ManifestLinks(name)).Select(m => (m.Digest, m.File.LastWriteTimeUtc));

    public async Task WriteAsync(ImageName name, StoredManifest manifest, ManifestFacts facts, CancellationToken cancellation)
    {
        await blobs.WriteAsync(manifest.Content, manifest.Digest, cancellation).ConfigureAwait(false);
        Put(folders.ManifestLink(name, manifest.Digest), Encoding.UTF8.GetBytes(manifest.MediaType));
        if (facts.Subject is { } subject)
        {
            Put(folders.Referrer(name, Digest.Parse(subject.Digest), manifest.Digest), OciJson.Write(Describe(manifest, facts), OciJson.Descriptor));
        }

        Remember(manifest.Digest, facts);
    }

    /// <summary>Says that somebody counts on a manifest: the grace time begins anew.</summary>
    public void Touch(ImageName name, Digest digest) => File.SetLastWriteTimeUtc(folders.ManifestLink(name, digest), time.GetUtcNow().UtcDateTime);

    /// <summary>Takes a manifest out of a repository.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Delete(ImageName name, Digest digest)
    {
        if (FactsOf(name, digest)?.Subject is { } subject) DurableFiles.Remove(folders.Referrer(name, Digest.Parse(subject.Digest), digest));
        return DurableFiles.Remove(folders.ManifestLink(name, digest));
    }

    /// <summary>Which manifest of a repository needs a blob; null when none does.</summary>
    public Digest? UserOf(ImageName name, Digest blob)
    {
        var text = blob.ToString();
        foreach (var (digest, _) in List(name))
        {
            if (FactsOf(name, digest)?.Blobs.Any(b => b.Digest == text) == true) return digest;
        }

        return null;
    }

    /// <summary>The descriptors of what refers to a manifest, ordered by digest.</summary>
    public IEnumerable<Descriptor> ReferrersOf(ImageName name, Digest subject)
    {
        var folder = folders.Referrers(name, subject);
        if (!Directory.Exists(folder)) return [];
        return Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(Read).OfType<Descriptor>();

        static Descriptor? Read(string file)
        {
            try
            {
                return OciJson.Read(File.ReadAllBytes(file), OciJson.Descriptor);
            }
            catch (FileNotFoundException)
            {
                // Deleted meanwhile.
                return null;
            }
        }
    }

    /// <summary>How a list of referrers tells of a manifest.</summary>
    public static Descriptor Describe(StoredManifest manifest, ManifestFacts facts) => new()
    {
        MediaType = manifest.MediaType,
        Digest = manifest.Digest.ToString(),
        Size = manifest.Content.Length,
        ArtifactType = facts.ArtifactType,
        Annotations = facts.Annotations is { Count: > 0 } some ? some : null,
    };

    // The same content is not written twice: what stands there has been flushed.
    private void Put(string path, byte[] content)
    {
        if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(content)) File.SetLastWriteTimeUtc(path, time.GetUtcNow().UtcDateTime);
        else
        {
            DurableFiles.Write(path, content, folders.Drafts);
            File.SetLastWriteTimeUtc(path, time.GetUtcNow().UtcDateTime);
        }
    }

    private void Remember(Digest digest, ManifestFacts facts)
    {
        if (_facts.Count >= MostFacts) _facts.Clear();
        _facts[digest] = facts;
    }
}
