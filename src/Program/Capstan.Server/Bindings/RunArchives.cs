using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using Capstan.Oci.Content;
using Capstan.Oci.Manifests;
using Capstan.Oci.References;
using Capstan.OciClient;
using Capstan.Workflows.Keeping;
using Capstan.Workflows.Runs;

namespace Capstan.Server.Bindings;

/// <summary>
/// What runs leave, in the own registry under <c>REPOSITORY/runs</c>: for each run a manifest with its log, tagged by the run's name, and one for each artifact that refers
/// to it. The run itself remembers digests, so a tag that somebody moved changes nothing.
/// </summary>
internal sealed class RunArchives : IRunArchive, IDisposable
{
    /// <summary>The kind of the manifest of a run.</summary>
    public const string RunType = "application/vnd.capstan.run.v1";

    /// <summary>The kind of the manifest of an artifact.</summary>
    public const string ArtifactType = "application/vnd.capstan.run.artifact.v1";

    private const string LogMedia = "application/vnd.capstan.run.log.v1.text+gzip";
    private const string FilesMedia = "application/vnd.capstan.run.artifact.v1.tar+gzip";
    private const string TitleKey = "org.opencontainers.image.title";
    private readonly OwnRegistry _registry;
    private readonly RegistryClient _client;
    private readonly string _drafts;

    /// <param name="registry">The registry.</param>
    /// <param name="token">A token that may write everywhere in it.</param>
    /// <param name="drafts">Where files lie while they are packed.</param>
    public RunArchives(OwnRegistry registry, string token, string drafts)
    {
        (_registry, _drafts) = (registry, drafts);
        _client = registry.Client(token);
        if (Directory.Exists(drafts)) Directory.Delete(drafts, recursive: true);
    }

    /// <inheritdoc/>
    public async Task<KeptRun> KeepAsync(WorkflowRun run, string log, IReadOnlyList<(string Name, string Folder)> artifacts, CancellationToken cancellation)
    {
        Directory.CreateDirectory(_drafts);
        var place = PlaceOf(run);
        var empty = await _client.PushBlobAsync(place, MediaTypes.Empty, "{}"u8.ToArray(), cancellation).ConfigureAwait(false);
        var facts = new Dictionary<string, string>
        {
            ["dev.capstan.run"] = run.Name,
            ["dev.capstan.repository"] = run.Repository,
            ["dev.capstan.workflow"] = run.Path,
            ["dev.capstan.conclusion"] = run.Status.Conclusion,
            ["org.opencontainers.image.revision"] = run.Event.Sha,
            ["org.opencontainers.image.created"] = run.Status.FinishedAt.Length > 0 ? run.Status.FinishedAt : run.CreatedAt,
        };
        var text = await PackAsync(place, LogMedia, "run.log.gz", (file, stop) => PackLogAsync(log, file, stop), cancellation).ConfigureAwait(false);
        var root = await PushAsync(place, new ImageManifest { MediaType = MediaTypes.ImageManifest, ArtifactType = RunType, Config = empty, Layers = [text], Annotations = facts }, cancellation).ConfigureAwait(false);
        var kept = new List<KeptArtifact>();
        foreach (var (name, folder) in artifacts)
        {
            var files = await PackAsync(place, FilesMedia, $"{name}.tar.gz", (file, stop) => PackFilesAsync(folder, file, stop), cancellation).ConfigureAwait(false);
            var manifest = new ImageManifest
            {
                MediaType = MediaTypes.ImageManifest,
                ArtifactType = ArtifactType,
                Config = empty,
                Layers = [files],
                Subject = root with { Annotations = null, ArtifactType = null },
                Annotations = new Dictionary<string, string>(facts) { ["dev.capstan.artifact"] = name },
            };
            var pushed = await PushAsync(place with { Tag = null }, manifest, cancellation).ConfigureAwait(false);
            kept.Add(new KeptArtifact(name, files.Size, pushed.Digest));
        }

        return new KeptRun($"{place.Name}@{root.Digest}", kept);
    }

    /// <inheritdoc/>
    public async Task<bool> RestoreLogAsync(WorkflowRun run, string file, CancellationToken cancellation)
    {
        if (await FindAsync(run, null, cancellation).ConfigureAwait(false) is not var (place, manifest)) return false;
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var draft = $"{file}.{Guid.NewGuid():N}.draft";
        try
        {
            await using (var target = File.Create(draft))
            {
                await ReadAsync(place, Only(manifest), (content, stop) => content.CopyToAsync(target, stop), cancellation).ConfigureAwait(false);
            }

            File.Move(draft, file, overwrite: false);
            return true;
        }
        finally
        {
            File.Delete(draft);
        }
    }

    /// <inheritdoc/>
    public async Task<bool> RestoreArtifactAsync(WorkflowRun run, KeptArtifact artifact, string folder, CancellationToken cancellation)
    {
        if (await FindAsync(run, artifact.Digest, cancellation).ConfigureAwait(false) is not var (place, manifest)) return false;
        await ReadAsync(place, Only(manifest), (content, stop) => UnpackAsync(content, folder, stop), cancellation).ConfigureAwait(false);
        return true;
    }

    /// <inheritdoc/>
    public async Task ForgetAsync(WorkflowRun run, CancellationToken cancellation)
    {
        if (run.Status.Archive.Length == 0) return;
        var place = Parse(run.Status.Archive);
        foreach (var digest in run.Status.Artifacts.Select(a => a.Digest).Append(place.Digest!.Value.ToString())) await _client.DeleteAsync(place with { Digest = Digest.Parse(digest) }, cancellation).ConfigureAwait(false);
    }

    public void Dispose() => _client.Dispose();

    /// <summary>The digests of what a run's status names.</summary>
    public static IEnumerable<Digest> DigestsOf(WorkflowRun run) => run.Status.Artifacts.Select(a => a.Digest).Append(run.Status.Archive[(run.Status.Archive.IndexOf('@', StringComparison.Ordinal) + 1)..])
        .Select(text => Digest.TryParse(text, out var digest) ? digest : (Digest?)null).OfType<Digest>();

    private ImageReference PlaceOf(WorkflowRun run)
    {
        // Not every name of a repository is one of an image.
        var name = ImageName.TryParse($"{run.Repository}/runs", out _) ? $"{run.Repository}/runs" : $"runs/{RunNames.Hash(run.Repository)}";
        return ImageReference.Parse($"{_registry.Name}/{name}:{run.Name}");
    }

    private ImageReference Parse(string archive) => ImageReference.Parse($"{_registry.Name}/{archive}");

    private static Descriptor Only(FetchedManifest manifest) => OciJson.Read(manifest.Content.Span, OciJson.Manifest).Layers is [var only] ? only : throw new IOException($"{manifest.Digest}: is not what was kept of a run");

    private async Task<(ImageReference Place, FetchedManifest Manifest)?> FindAsync(WorkflowRun run, string? digest, CancellationToken cancellation)
    {
        if (run.Status.Archive.Length == 0) return null;
        var place = Parse(run.Status.Archive);
        if (digest is not null) place = place with { Digest = Digest.Parse(digest) };
        try
        {
            return (place, await _client.GetManifestAsync(place, cancellation).ConfigureAwait(false));
        }
        catch (RegistryClientException gone) when (gone.Problem == RegistryProblem.NotFound)
        {
            return null;
        }
    }

    private async Task ReadAsync(ImageReference place, Descriptor blob, Func<Stream, CancellationToken, Task> take, CancellationToken cancellation)
    {
        var compressed = _client.OpenBlob(place, blob, cancellation);
        await using (compressed.ConfigureAwait(false))
        {
            var content = new GZipStream(compressed, CompressionMode.Decompress, leaveOpen: true);
            await using (content.ConfigureAwait(false)) await take(content, cancellation).ConfigureAwait(false);

            // Only at its end it is known that it is what was kept.
            await compressed.CopyToAsync(Stream.Null, cancellation).ConfigureAwait(false);
        }
    }

    private Task<Descriptor> PushAsync(ImageReference place, ImageManifest manifest, CancellationToken cancellation) =>
        _client.PushManifestAsync(place, MediaTypes.ImageManifest, OciJson.Write(manifest, OciJson.Manifest), cancellation);

    // Packed into a file first: its digest comes before its content.
    private async Task<Descriptor> PackAsync(ImageReference place, string mediaType, string title, Func<Stream, CancellationToken, Task> write, CancellationToken cancellation)
    {
        var draft = Path.Combine(_drafts, Guid.NewGuid().ToString("N"));
        try
        {
            await using (var file = File.Create(draft))
            {
                var zip = new GZipStream(file, CompressionLevel.Fastest);
                await using (zip.ConfigureAwait(false)) await write(zip, cancellation).ConfigureAwait(false);
            }

            byte[] hash;
            await using (var file = File.OpenRead(draft)) hash = await SHA256.HashDataAsync(file, cancellation).ConfigureAwait(false);
            var blob = new Descriptor { MediaType = mediaType, Digest = $"sha256:{Convert.ToHexStringLower(hash)}", Size = new FileInfo(draft).Length, Annotations = new Dictionary<string, string> { [TitleKey] = title } };
            await _client.PushBlobAsync(place, blob, () => File.OpenRead(draft), null, cancellation).ConfigureAwait(false);
            return blob;
        }
        finally
        {
            File.Delete(draft);
        }
    }

    private static async Task PackLogAsync(string log, Stream target, CancellationToken cancellation)
    {
        if (!File.Exists(log)) return;
        var file = File.OpenRead(log);
        await using (file.ConfigureAwait(false)) await file.CopyToAsync(target, cancellation).ConfigureAwait(false);
    }

    // The same files give the same bytes, so that what is kept twice is there once.
    private static async Task PackFilesAsync(string folder, Stream target, CancellationToken cancellation)
    {
        var tar = new TarWriter(target, TarEntryFormat.Pax, leaveOpen: true);
        await using (tar.ConfigureAwait(false))
        {
            foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                var file = File.OpenRead(path);
                await using (file.ConfigureAwait(false))
                {
                    var entry = new PaxTarEntry(TarEntryType.RegularFile, Path.GetRelativePath(folder, path).Replace('\\', '/')) { DataStream = file, ModificationTime = DateTimeOffset.UnixEpoch };
                    await tar.WriteEntryAsync(entry, cancellation).ConfigureAwait(false);
                }
            }
        }
    }

    private static async Task UnpackAsync(Stream content, string folder, CancellationToken cancellation)
    {
        var root = Path.GetFullPath(folder) + Path.DirectorySeparatorChar;
        var tar = new TarReader(content);
        await using (tar.ConfigureAwait(false))
        {
            while (await tar.GetNextEntryAsync(copyData: false, cancellation).ConfigureAwait(false) is { } entry)
            {
                var target = Path.GetFullPath(Path.Combine(root, entry.Name));
                if (entry.EntryType != TarEntryType.RegularFile || !target.StartsWith(root, StringComparison.Ordinal)) throw new IOException($"artifact: '{entry.Name}' is no file beneath it");
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                await entry.ExtractToFileAsync(target, overwrite: false, cancellation).ConfigureAwait(false);
            }
        }
    }
}
