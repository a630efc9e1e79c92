using Capstan.Oci.Content;
using Capstan.Oci.References;
using Capstan.Registry.Storage;

namespace Capstan.Registry.Collecting;

/// <summary>
/// Deletes what nothing refers to, while pushes go on. Three steps, each of which looks again at the moment of deletion: everything that somebody
/// counted on since the grace time began stays, and everybody who counts on something says so (by touching its file) under the same turn.
/// </summary>
/// <param name="store">All that the registry keeps.</param>
/// <param name="inUse">What is in use outside; null when nobody knows, and then no manifest is deleted.</param>
public sealed class Collector(ImageStore store, IImagesInUse? inUse)
{
    /// <summary>Collects once.</summary>
    public async Task<CollectionReport> CollectAsync(CancellationToken cancellation)
    {
        var limit = store.Now() - store.Options.GraceTime;
        var uploads = store.Uploads.Sweep();
        var used = inUse is null ? null : await inUse.FindAsync(cancellation).ConfigureAwait(false);
        var (manifests, links) = (0, 0);
        var needed = new HashSet<Digest>();
        foreach (var name in store.ListRepositories())
        {
            cancellation.ThrowIfCancellationRequested();
            if (used is not null) manifests += await DeleteManifestsAsync(name, used, limit, cancellation).ConfigureAwait(false);
            links += await UnlinkBlobsAsync(name, limit, cancellation).ConfigureAwait(false);
            foreach (var (digest, _) in store.Manifests.List(name)) needed.Add(digest);
            foreach (var (digest, _) in RegistryFolders.DigestsIn(store.Folders.BlobLinks(name))) needed.Add(digest);
        }

        var (blobs, bytes) = await DeleteContentAsync(needed, limit, cancellation).ConfigureAwait(false);
        return new CollectionReport(uploads, manifests, links, blobs, bytes);
    }

    // A manifest lives when a tag, somebody outside, a living index or (for what refers to it) its living subject holds it.
    private async Task<int> DeleteManifestsAsync(ImageName name, IReadOnlySet<Digest> used, DateTimeOffset limit, CancellationToken cancellation)
    {
        using var turn = await store.TakeTurnAsync(name, cancellation).ConfigureAwait(false);
        var all = store.Manifests.List(name).ToDictionary(m => m.Digest, m => m.Touched);
        var living = Living(name, all, used, limit);
        var deleted = 0;
        foreach (var (digest, touched) in all)
        {
            if (living.Contains(digest) || touched >= limit.UtcDateTime) continue;
            store.Tags.DeleteThatPointAt(name, digest);
            if (store.Manifests.Delete(name, digest)) deleted++;
        }

        return deleted;
    }

    private HashSet<Digest> Living(ImageName name, Dictionary<Digest, DateTime> all, IReadOnlySet<Digest> used, DateTimeOffset limit)
    {
        var waiting = new Queue<Digest>(all.Keys.Where(d => used.Contains(d) || all[d] >= limit.UtcDateTime));
        var followers = new Dictionary<Digest, List<Digest>>();
        foreach (var tag in store.Tags.List(name))
        {
            if (store.Tags.Find(name, tag) is not { } target) continue;
            if (FollowedBy(tag) is { } followed) Follow(followed, target);
            else waiting.Enqueue(target);
        }

        foreach (var digest in all.Keys)
        {
            if (store.Manifests.FactsOf(name, digest)?.Subject is { } subject) Follow(Digest.Parse(subject.Digest), digest);
        }

        var living = new HashSet<Digest>();
        while (waiting.TryDequeue(out var digest))
        {
            if (!all.ContainsKey(digest) || !living.Add(digest)) continue;
            foreach (var child in store.Manifests.FactsOf(name, digest)?.Children ?? []) waiting.Enqueue(Digest.Parse(child.Digest));
            foreach (var follower in followers.GetValueOrDefault(digest) ?? []) waiting.Enqueue(follower);
        }

        return living;

        void Follow(Digest subject, Digest follower)
        {
            if (!followers.TryGetValue(subject, out var list)) followers[subject] = list = [];
            list.Add(follower);
        }
    }

    // Tags made of a digest (sha256-HEX, and with .sig, .att, .sbom at the end: cosign's) hold nothing by themselves: they follow what they are about.
    private static Digest? FollowedBy(Tag tag)
    {
        var text = tag.Text.Split('.')[0];
        return text.StartsWith("sha256-", StringComparison.Ordinal) && Digest.TryParse("sha256:" + text[7..], out var digest) ? digest : null;
    }

    private async Task<int> UnlinkBlobsAsync(ImageName name, DateTimeOffset limit, CancellationToken cancellation)
    {
        using var turn = await store.TakeTurnAsync(name, cancellation).ConfigureAwait(false);
        var needed = store.Manifests.List(name).SelectMany(m => store.Manifests.FactsOf(name, m.Digest)?.Blobs ?? []).Select(b => b.Digest).ToHashSet();
        var unlinked = 0;
        foreach (var (digest, _) in RegistryFolders.DigestsIn(store.Folders.BlobLinks(name)).ToList())
        {
            if (!needed.Contains(digest.ToString()) && await store.Blobs.UnlinkAsync(name, digest, limit, cancellation).ConfigureAwait(false)) unlinked++;
        }

        return unlinked;
    }

    private async Task<(int Blobs, long Bytes)> DeleteContentAsync(HashSet<Digest> needed, DateTimeOffset limit, CancellationToken cancellation)
    {
        var (blobs, bytes) = (0, 0L);
        foreach (var (digest, file) in RegistryFolders.DigestsIn(store.Folders.Blobs))
        {
            cancellation.ThrowIfCancellationRequested();
            if (needed.Contains(digest) || file.LastWriteTimeUtc >= limit.UtcDateTime) continue;
            var freed = await store.Blobs.DeleteAsync(digest, limit, cancellation).ConfigureAwait(false);
            if (freed == 0) continue;
            blobs++;
            bytes += freed;
        }

        return (blobs, bytes);
    }
}
