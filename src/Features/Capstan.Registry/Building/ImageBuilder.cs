using System.Globalization;
using Capstan.Oci.Content;
using Capstan.Oci.Manifests;
using Capstan.Oci.References;
using Capstan.OciClient;
using Capstan.Registry.Building.Dockerfiles;
using Capstan.Registry.Building.Files;

namespace Capstan.Registry.Building;

/// <summary>
/// Builds images of Dockerfiles that run nothing, in this process: the same input gives the same bytes. What has <c>RUN</c> is refused with
/// <see cref="BuildException.NeedsEngine"/>.
/// </summary>
/// <param name="client">For base images; null where no registry is to be asked.</param>
/// <param name="work">A folder of the build's own; layers lie in it until the image was pushed or written.</param>
public sealed class ImageBuilder(RegistryClient? client, string work)
{
    /// <summary>Builds.</summary>
    /// <exception cref="BuildException">It cannot be built.</exception>
    public async Task<BuiltImage> BuildAsync(BuildRequest request, CancellationToken cancellation)
    {
        var file = FileOf(request);
        var instructions = await ReadAsync(request, cancellation).ConfigureAwait(false);
        if (instructions.FirstOrDefault(i => i.Keyword == "RUN") is { } run) throw run.Wrong("commands are run by a container engine, not here", needsEngine: true);
        var context = ContextFiles.Read(request.Folder, file);
        var images = new List<(Platform Platform, Descriptor Manifest)>();
        var (manifests, blobs, from) = (new List<(Descriptor, byte[])>(), new Dictionary<string, (Descriptor, Func<Stream>)>(), new Dictionary<string, ImageReference>());
        foreach (var platform in request.Platforms)
        {
            var stage = await new StageRunner(request, instructions, context, new BaseImages(client, work), platform, work).RunAsync(cancellation).ConfigureAwait(false);
            images.Add((platform, Assemble(request, platform, stage, manifests, blobs)));
            foreach (var layer in stage.Layers.Where(l => l.From is not null)) from[layer.Blob.Digest] = layer.From!;
        }

        var root = images is [var only] ? only.Manifest : AddIndex(images, manifests);
        return new BuiltImage(root, manifests, [.. blobs.Values], from);
    }

    /// <summary>The instructions of a build's Dockerfile.</summary>
    internal static async Task<IReadOnlyList<Instruction>> ReadAsync(BuildRequest request, CancellationToken cancellation)
    {
        var file = FileOf(request);
        return DockerfileReader.Read(await File.ReadAllTextAsync(file, cancellation).ConfigureAwait(false), request.ShownAs ?? Path.GetRelativePath(Directory.GetCurrentDirectory(), file));
    }

    /// <summary>A build's Dockerfile.</summary>
    /// <exception cref="BuildException">There is none.</exception>
    internal static string FileOf(BuildRequest request) => request.Dockerfile ?? ((string[])["Dockerfile", "Containerfile"]).Select(n => Path.Combine(request.Folder, n)).FirstOrDefault(File.Exists)
        ?? throw new BuildException($"{request.Folder}: has no Dockerfile");

    private static Descriptor Assemble(BuildRequest request, Platform platform, Stage stage, List<(Descriptor, byte[])> manifests, Dictionary<string, (Descriptor, Func<Stream>)> blobs)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in (stage.Config.Labels ?? new Dictionary<string, string>()).Concat(request.Labels)) labels[name] = value;
        var config = OciJson.Write(new ImageConfig
        {
            Created = request.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            Architecture = platform.Architecture,
            Variant = platform.Variant,
            System = platform.System,
            Config = stage.Config with { Labels = labels.Count > 0 ? labels : null },
            RootFs = new RootFileSystem { DiffIds = [.. stage.Layers.Select(l => l.DiffId)] },
            History = stage.History,
        }, OciJson.Config);
        var described = new Descriptor { MediaType = MediaTypes.ImageConfig, Digest = Digest.Of(config).ToString(), Size = config.Length };
        blobs[described.Digest] = (described, () => new MemoryStream(config, writable: false));
        foreach (var layer in stage.Layers) blobs[layer.Blob.Digest] = (layer.Blob, layer.Open);
        // Layers of a base image in Docker's media types are the same bytes under OCI's name.
        var layers = stage.Layers.Select(l => l.Blob with { MediaType = l.Blob.MediaType == MediaTypes.DockerLayer ? MediaTypes.LayerGzip : l.Blob.MediaType, Annotations = null });
        var content = OciJson.Write(new ImageManifest { MediaType = MediaTypes.ImageManifest, Config = described, Layers = [.. layers] }, OciJson.Manifest);
        var manifest = new Descriptor { MediaType = MediaTypes.ImageManifest, Digest = Digest.Of(content).ToString(), Size = content.Length };
        manifests.Add((manifest, content));
        return manifest;
    }

    private static Descriptor AddIndex(List<(Platform Platform, Descriptor Manifest)> images, List<(Descriptor, byte[])> manifests)
    {
        var content = OciJson.Write(new ImageIndex { MediaType = MediaTypes.ImageIndex, Manifests = [.. images.Select(i => i.Manifest with { Platform = i.Platform })] }, OciJson.Index);
        var index = new Descriptor { MediaType = MediaTypes.ImageIndex, Digest = Digest.Of(content).ToString(), Size = content.Length };
        manifests.Add((index, content));
        return index;
    }
}
