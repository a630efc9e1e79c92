using Capstan.Oci.Manifests;
using Capstan.Oci.References;
using Capstan.OciClient;
using Capstan.OciClient.Signing;
using Capstan.Registry.Building;
using Capstan.Registry.Building.Outside;
using Capstan.Sources.Processes;
using Capstan.Workflows;
using Capstan.Workflows.Images;
using System.Globalization;
using OciPlatform = Capstan.Oci.Manifests.Platform;

namespace Capstan.Server.Bindings;

/// <summary>Builds of workflows, by the registry's builder; what goes to the own registry is signed and says where it comes from.</summary>
internal sealed class ImageBuilds : IImageBuilds, IDisposable
{
    private readonly OwnRegistry _registry;
    private readonly ImageBuildsOptions _options;
    private readonly TimeProvider _time;
    private readonly SigningKey _key;
    private readonly TrustedKeys _trusted;
    private readonly SemaphoreSlim _signing = new(1);

    public ImageBuilds(OwnRegistry registry, ImageBuildsOptions options, TimeProvider time)
    {
        (_registry, _options, _time) = (registry, options, time);
        _key = SigningKey.LoadOrCreate(options.Data);
        _trusted = new TrustedKeys(_key.PublicPem);
        if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
    }

    /// <inheritdoc/>
    public string Registry => _registry.Name;

    private string Folder => Path.Combine(_options.Data, "workflows", "builds");

    /// <inheritdoc/>
    public async Task<BuildOutcome> BuildAsync(BuildOrder order, Action<string> log, CancellationToken cancellation)
    {
        var work = Path.Combine(Folder, Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(work);
        try
        {
            var names = order.Names.Select(ReadName).ToList();
            using var client = Client(order.Origin, order.Logins);
            var image = await BuildAsync(order, work, client, log, cancellation).ConfigureAwait(false);
            var pushed = new List<string>();
            foreach (var name in names)
            {
                await ImageOutput.PushAsync(image, name, client, cancellation).ConfigureAwait(false);
                pushed.Add((name with { Tag = name.Tag ?? Tag.Latest, Digest = Oci.Content.Digest.Parse(image.Root.Digest) }).ToString());
            }

            foreach (var own in names.Where(n => _registry.IsOwn(n.Registry)).DistinctBy(n => n.Name.Text)) await SignAsync(own, image.Root, order.Origin, client, cancellation).ConfigureAwait(false);
            return new BuildOutcome(image.Root.Digest, ConfigOf(image), image.Root.MediaType, image.Root.Size, pushed);
        }
        catch (Exception wrong) when (wrong is BuildException or RegistryClientException or ManifestException or FormatException)
        {
            throw new WorkflowException(wrong.Message, wrong);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    /// <inheritdoc/>
    public async Task<string> TagAsync(string image, IReadOnlyList<string> tags, BuildOrigin origin, RegistryLogins logins, CancellationToken cancellation)
    {
        var name = ReadName(image);
        try
        {
            using var client = Client(origin, logins);
            var manifest = await client.GetManifestAsync(name, cancellation).ConfigureAwait(false);
            foreach (var tag in tags)
            {
                if (!Tag.TryParse(tag, out var read)) throw new WorkflowException($"tags: '{tag}' is no tag");
                await client.PushManifestAsync(name with { Digest = null, Tag = read }, manifest.MediaType, manifest.Content, cancellation).ConfigureAwait(false);
            }

            return manifest.Digest.ToString();
        }
        catch (RegistryClientException wrong)
        {
            throw new WorkflowException(wrong.Message, wrong);
        }
    }

    public void Dispose()
    {
        _key.Dispose();
        _trusted.Dispose();
        _signing.Dispose();
    }

    private RegistryClient Client(BuildOrigin origin, RegistryLogins logins) =>
        _registry.Client(origin.Token, registry => logins.Find(registry) is var (user, password) ? new RegistryCredential(user, password) : null);

    private async Task<BuiltImage> BuildAsync(BuildOrder order, string work, RegistryClient client, Action<string> log, CancellationToken cancellation)
    {
        var request = new BuildRequest(order.Folder)
        {
            Dockerfile = order.Dockerfile,
            ShownAs = order.ShownAs,
            Target = order.Target,
            Arguments = order.Arguments,
            Labels = order.Labels,
            Platforms = [.. order.Platforms.Select(OciPlatform.Parse)],
        };
        try
        {
            return await new ImageBuilder(client, work).BuildAsync(request, cancellation).ConfigureAwait(false);
        }
        catch (BuildException why) when (why.NeedsEngine)
        {
            // Commands of a repository's Dockerfile run in containers, unless its jobs may do everything on this machine already.
            var outside = new ProgramBuilder(new ProcessRunner(_time), Environment.GetEnvironmentVariable, work) { Isolation = _options.OnHost(order.Origin.Repository) ? "chroot" : "oci", Client = client, IsOwn = _registry.IsOwn };
            return await outside.BuildAsync(request, why, log, cancellation).ConfigureAwait(false);
        }
    }

    // One at a time: what is attached to an image is read, added to and written back.
    private async Task SignAsync(ImageReference name, Descriptor image, BuildOrigin origin, RegistryClient client, CancellationToken cancellation)
    {
        var provenance = new Provenance(origin.RepositoryUrl, origin.Commit, origin.Workflow, origin.Run, _options.Url)
        {
            Reference = origin.Ref,
            StartedAt = DateTimeOffset.TryParse(origin.StartedAt, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var started) ? started : null,
            FinishedAt = _time.GetUtcNow(),
        };
        await _signing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            var signatures = new ImageSignatures(client);
            if (await signatures.VerifyAsync(name, Oci.Content.Digest.Parse(image.Digest), _trusted, cancellation).ConfigureAwait(false) != SignatureVerdict.Trusted)
            {
                await signatures.SignAsync(name, image, _key, cancellation).ConfigureAwait(false);
            }

            await signatures.AttestAsync(name, image, provenance, _key, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _signing.Release();
        }
    }

    private static string ConfigOf(BuiltImage image)
    {
        var (descriptor, content) = image.Manifests[0];
        return MediaTypes.IsIndex(descriptor.MediaType) ? "" : OciJson.Read(content, OciJson.Manifest).Config.Digest;
    }

    private static ImageReference ReadName(string text) => ImageReference.TryParse(text, out var name) ? name
        : throw new WorkflowException($"'{text}' is no image's name: [REGISTRY/]NAME[:TAG], the name in lower case");
}

/// <summary>What builds need to know.</summary>
/// <param name="Data">The data folder, with the signing key.</param>
/// <param name="Url">The address of this installation: who vouches in provenance.</param>
/// <param name="OnHost">Whether a repository's jobs may run as processes of this machine.</param>
internal sealed record ImageBuildsOptions(string Data, string Url, Func<string, bool> OnHost);
