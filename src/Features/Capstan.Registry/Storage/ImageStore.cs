using Capstan.Oci.Content;
using Capstan.Oci.Errors;
using Capstan.Oci.Manifests;
using Capstan.Oci.References;
using Capstan.Registry.Uploads;

namespace Capstan.Registry.Storage;

/// <summary>
/// All that the registry keeps, and every change of it. Changes of one repository's manifests and tags take turns, so that a manifest is never
/// there without what it needs.
/// </summary>
public sealed class ImageStore : IDisposable
{
    private readonly KeyedTurns _turns = new();
    private readonly TimeProvider _time;

    /// <summary>Opens the registry of a data folder; call <see cref="Start"/> before the first use.</summary>
    /// <param name="folder">Where it is kept (<c>DATA/registry</c>).</param>
    /// <param name="options">Settings.</param>
    /// <param name="time">The clock.</param>
    public ImageStore(string folder, RegistryOptions options, TimeProvider time)
    {
        Options = options;
        _time = time;
        Folders = new RegistryFolders(folder);
        Blobs = new BlobStore(Folders, time);
        Manifests = new ManifestStore(Folders, Blobs, time);
        Tags = new TagStore(Folders);
        Uploads = new UploadStore(Folders, options, time);
    }

    /// <summary>Settings.</summary>
    public RegistryOptions Options { get; }

    internal RegistryFolders Folders { get; }

    internal BlobStore Blobs { get; }

    internal ManifestStore Manifests { get; }

    internal TagStore Tags { get; }

    internal UploadStore Uploads { get; }

    /// <summary>The bytes of all blobs.</summary>
    public long TotalBytes => Blobs.TotalBytes;

    /// <summary>Makes the folders and clears away what a killed process left half-written.</summary>
    public void Start()
    {
        Blobs.Start();
        Uploads.Start();
    }

    /// <summary>Every repository to which something was pushed, in ordinal order.</summary>
    public IReadOnlyList<ImageName> ListRepositories()
    {
        var names = new List<ImageName>();
        var waiting = new Stack<DirectoryInfo>(Directory.Exists(Folders.Repositories) ? [new DirectoryInfo(Folders.Repositories)] : []);
        while (waiting.TryPop(out var folder))
        {
            var isRepository = false;
            foreach (var inner in folder.EnumerateDirectories())
            {
                if (inner.Name.StartsWith('_')) isRepository |= inner.Name is "_manifests" or "_blobs";
                else waiting.Push(inner);
            }

            if (isRepository && ImageName.TryParse(Path.GetRelativePath(Folders.Repositories, folder.FullName), out var name)) names.Add(name);
        }

        names.Sort((a, b) => string.CompareOrdinal(a.Text, b.Text));
        return names;
    }

    /// <summary>The tags of a repository, in ordinal order; empty when there is none.</summary>
    public IReadOnlyList<Tag> ListTags(ImageName name) => Tags.List(name);

    /// <summary>What a tag points at; null when there is none.</summary>
    public Digest? FindTag(ImageName name, Tag tag) => Tags.Find(name, tag);

    /// <summary>Whether a repository has a manifest.</summary>
    public bool HasManifest(ImageName name, Digest digest) => Manifests.Exists(name, digest);

    /// <summary>Takes a manifest in and lets tags point at it.</summary>
    /// <exception cref="RegistryException">It needs what is not there, or a tag stays what it is.</exception>
    internal async Task PutManifestAsync(ImageName name, StoredManifest manifest, IReadOnlyList<Tag> tags, CancellationToken cancellation)
    {
        ManifestFacts facts;
        try
        {
            facts = ManifestFacts.Read(manifest.Content, manifest.MediaType);
        }
        catch (ManifestException e)
        {
            throw RegistryException.ManifestInvalid(e.Message);
        }

        using var turn = await TakeTurnAsync(name, cancellation).ConfigureAwait(false);
        RequireParts(name, facts);
        foreach (var tag in tags) RequireMovable(name, tag, manifest.Digest);
        await Manifests.WriteAsync(name, manifest with { MediaType = facts.MediaType }, facts, cancellation).ConfigureAwait(false);
        foreach (var tag in tags) Tags.Write(name, tag, manifest.Digest);
    }

    /// <summary>Deletes a manifest with the tags that point at it.</summary>
    /// <returns>Whether it was there.</returns>
    public async Task<bool> DeleteManifestAsync(ImageName name, Digest digest, CancellationToken cancellation)
    {
        using var turn = await TakeTurnAsync(name, cancellation).ConfigureAwait(false);
        if (!Manifests.Exists(name, digest)) return false;
        foreach (var tag in Tags.List(name))
        {
            if (Tags.Find(name, tag) == digest) RequireMovable(name, tag, null);
        }

        Tags.DeleteThatPointAt(name, digest);
        return Manifests.Delete(name, digest);
    }

    /// <summary>Deletes a tag; what it pointed at stays.</summary>
    /// <returns>Whether it was there.</returns>
    public async Task<bool> DeleteTagAsync(ImageName name, Tag tag, CancellationToken cancellation)
    {
        using var turn = await TakeTurnAsync(name, cancellation).ConfigureAwait(false);
        RequireMovable(name, tag, null);
        return Tags.Delete(name, tag);
    }

    /// <summary>Takes a blob out of a repository, unless a manifest there needs it.</summary>
    /// <returns>Whether it was there.</returns>
    /// <exception cref="RegistryException">A manifest needs it.</exception>
    public async Task<bool> DeleteBlobAsync(ImageName name, Digest digest, CancellationToken cancellation)
    {
        using var turn = await TakeTurnAsync(name, cancellation).ConfigureAwait(false);
        if (!Blobs.IsLinked(name, digest)) return false;
        if (Manifests.UserOf(name, digest) is { } user)
        {
            throw new RegistryException(405, RegistryErrorCode.Denied, $"{name}: the manifest {user} needs the blob {digest}; delete that first");
        }

        return Blobs.Unlink(name, digest);
    }

    /// <summary>The bytes of a repository's blobs.</summary>
    public long BytesOf(ImageName name) =>
        RegistryFolders.DigestsIn(Folders.BlobLinks(name)).Sum(b => new FileInfo(Folders.Blob(b.Digest)) is { Exists: true } file ? file.Length : 0);

    /// <inheritdoc/>
    public void Dispose()
    {
        _turns.Dispose();
        Blobs.Dispose();
    }

    /// <summary>Waits until nobody else changes the repository.</summary>
    internal Task<IDisposable> TakeTurnAsync(ImageName name, CancellationToken cancellation) => _turns.TakeAsync(name.Text, cancellation);

    internal DateTimeOffset Now() => _time.GetUtcNow();

    private void RequireParts(ImageName name, ManifestFacts facts)
    {
        foreach (var blob in facts.Blobs)
        {
            var digest = Digest.Parse(blob.Digest);
            if (!Blobs.IsLinked(name, digest)) throw MissingPart(name, "blob", digest);
            if (new FileInfo(Folders.Blob(digest)).Length != blob.Size) throw RegistryException.ManifestInvalid($"{name}: the blob {digest} has not the size {blob.Size} that the manifest says");
            Blobs.Touch(name, digest);
        }

        foreach (var child in facts.Children)
        {
            var digest = Digest.Parse(child.Digest);
            if (Manifests.Exists(name, digest)) Manifests.Touch(name, digest);
            else if (!Options.AllowSparseIndexes) throw MissingPart(name, "manifest", digest);
        }
    }

    private static RegistryException MissingPart(ImageName name, string what, Digest digest) =>
        new(404, RegistryErrorCode.ManifestBlobUnknown, $"{name}: the manifest needs the {what} {digest}, which is not in the repository; push it first");

    private void RequireMovable(ImageName name, Tag tag, Digest? to)
    {
        if (Options.IsImmutable?.Invoke(name, tag) == true && Tags.Find(name, tag) is { } there && there != to)
        {
            throw new RegistryException(409, RegistryErrorCode.Denied, $"{name}: the tag {tag} stays what it is ({there}): this registry does not let it move; push under another tag");
        }
    }
}
