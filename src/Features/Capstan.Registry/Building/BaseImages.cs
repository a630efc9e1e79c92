using Capstan.Oci.Content;
using Capstan.Oci.Manifests;
using Capstan.Oci.References;
using Capstan.OciClient;
using Capstan.Registry.Building.Dockerfiles;
using Capstan.Registry.Building.Files;

namespace Capstan.Registry.Building;

/// <summary>Gets the images that stages begin with: from a registry, or from an OCI layout in a folder (<c>oci:PATH[:TAG]</c>).</summary>
/// <param name="client">The client; null where no registry is to be asked.</param>
/// <param name="work">Where contents are kept.</param>
internal sealed class BaseImages(RegistryClient? client, string work)
{
    private const int LargestConfig = 8 << 20;

    public async Task<Stage> GetAsync(string text, Platform platform, string folder, Instruction of, CancellationToken cancellation)
    {
        var source = Open(text, folder, of);
        var manifest = await source.ManifestAsync(platform, cancellation).ConfigureAwait(false);
        var image = OciJson.Read(manifest.Span, OciJson.Manifest);
        var config = OciJson.Read(await ReadAsync(source, image.Config, cancellation).ConfigureAwait(false), OciJson.Config);
        if (config.RootFs.DiffIds.Count != image.Layers.Count) throw of.Wrong($"{text}: its configuration speaks of {config.RootFs.DiffIds.Count} layers, its manifest of {image.Layers.Count}");
        var stage = new Stage { Config = config.Config ?? new RunConfig(), Layers = [], History = [.. config.History ?? []], Tree = new RootTree() };
        if (stage.Config.OnBuild is { Count: > 0 }) throw of.Wrong($"{text}: has ONBUILD instructions, which are not carried out here", needsEngine: true);
        foreach (var (layer, diff) in image.Layers.Zip(config.RootFs.DiffIds))
        {
            var file = Path.Combine(work, Digest.Parse(layer.Digest).Hex);
            if (!File.Exists(file)) await SaveAsync(source, layer, file, cancellation).ConfigureAwait(false);
            var content = File.OpenRead(file);
            await using (content.ConfigureAwait(false)) await LayerReader.ReadAsync(content, stage.Tree, "", work, isLayer: true, null, cancellation).ConfigureAwait(false);
            stage.Layers.Add(new StageLayer(layer, diff, () => File.OpenRead(file), source.Reference));
        }

        return stage;
    }

    private ISource Open(string text, string folder, Instruction of)
    {
        if (text.StartsWith("oci:", StringComparison.Ordinal)) return new LayoutSource(text[4..], folder, of);
        if (!ImageReference.TryParse(text, out var reference)) throw of.Wrong($"\"{text}\" is no image and no earlier stage");
        return client is null ? throw of.Wrong($"{text}: no registry is asked here") : new RegistrySource(client, reference);
    }

    private static async Task<byte[]> ReadAsync(ISource source, Descriptor blob, CancellationToken cancellation)
    {
        if (blob.Size > LargestConfig) throw new BuildException($"the configuration {blob.Digest} has {blob.Size:N0} bytes");
        var stream = await source.OpenAsync(blob, cancellation).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var buffer = new MemoryStream();
            await stream.CopyToAsync(buffer, cancellation).ConfigureAwait(false);
            return buffer.ToArray();
        }
    }

    private static async Task SaveAsync(ISource source, Descriptor blob, string file, CancellationToken cancellation)
    {
        var stream = await source.OpenAsync(blob, cancellation).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var draft = new FileStream(file + ".part", FileMode.Create);
            await using (draft.ConfigureAwait(false)) await stream.CopyToAsync(draft, cancellation).ConfigureAwait(false);
            File.Move(file + ".part", file, overwrite: true);
        }
    }

    private interface ISource
    {
        ImageReference? Reference { get; }

        Task<ReadOnlyMemory<byte>> ManifestAsync(Platform platform, CancellationToken cancellation);

        Task<Stream> OpenAsync(Descriptor blob, CancellationToken cancellation);
    }

    private sealed class RegistrySource(RegistryClient client, ImageReference reference) : ISource
    {
        public ImageReference Reference => reference;

        public async Task<ReadOnlyMemory<byte>> ManifestAsync(Platform platform, CancellationToken cancellation) => (await client.GetImageAsync(reference, platform, cancellation).ConfigureAwait(false)).Content;

        public Task<Stream> OpenAsync(Descriptor blob, CancellationToken cancellation) => Task.FromResult(client.OpenBlob(reference, blob, cancellation));
    }

    private sealed class LayoutSource(string text, string folder, Instruction of) : ISource
    {
        public ImageReference? Reference => null;

        public async Task<ReadOnlyMemory<byte>> ManifestAsync(Platform platform, CancellationToken cancellation)
        {
            var (layout, tag) = text.LastIndexOf(':') is var colon and > 0 ? (text[..colon], text[(colon + 1)..]) : (text, null);
            _root = Path.GetFullPath(Path.Combine(folder, layout));
            if (!(_root + "/").StartsWith(Path.GetFullPath(folder).TrimEnd('/') + "/", StringComparison.Ordinal)) throw of.Wrong($"oci:{text}: lies outside the build's folder");
            if (!File.Exists(Path.Combine(_root, "index.json"))) throw of.Wrong($"oci:{text}: there is no index.json");
            var index = OciJson.Read(await File.ReadAllBytesAsync(Path.Combine(_root, "index.json"), cancellation).ConfigureAwait(false), OciJson.Index);
            var found = index.Manifests.FirstOrDefault(m => tag is null || m.Annotations?.GetValueOrDefault("org.opencontainers.image.ref.name") == tag) ?? throw of.Wrong($"oci:{text}: has no image {tag}");
            var content = await File.ReadAllBytesAsync(PathOf(found), cancellation).ConfigureAwait(false);
            if (!MediaTypes.IsIndex(found.MediaType)) return content;
            var child = OciJson.Read(content, OciJson.Index).Manifests.FirstOrDefault(m => m.Platform is { } p && p.System == platform.System && p.Architecture == platform.Architecture) ?? throw of.Wrong($"oci:{text}: has no image for {platform}");
            return await File.ReadAllBytesAsync(PathOf(child), cancellation).ConfigureAwait(false);
        }

        public Task<Stream> OpenAsync(Descriptor blob, CancellationToken cancellation) => Task.FromResult<Stream>(File.OpenRead(PathOf(blob)));

        private string _root = "";

        private string PathOf(Descriptor blob) => Digest.Parse(blob.Digest) is var digest ? Path.Combine(_root, "blobs", digest.AlgorithmName, digest.Hex) : "";
    }
}
