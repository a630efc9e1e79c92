using System.Text;
using Capstan.Oci.Content;
using Capstan.Oci.Manifests;
using Capstan.Oci.References;
using Capstan.Testing;

namespace Capstan.OciClient.Tests;

/// <summary>The client against Capstan's registry (with a credential, and through the token flow) and against Debian's.</summary>
public class BothRegistriesTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Registries => ["capstan", "capstan with tokens", "docker-registry"];

    [Theory]
    [MemberData(nameof(Registries))]
    public async Task What_is_pushed_is_resolved_listed_and_pulled(string which)
    {
        await using var registry = await Subject.StartAsync(which);
        var at = ImageReference.Parse($"{registry.Host}/team/shop:v1");
        var layer = new byte[3_000_000];
        Random.Shared.NextBytes(layer);
        var config = await registry.Client.PushBlobAsync(at, MediaTypes.ImageConfig, "{}"u8.ToArray(), Stop);
        var blob = await registry.Client.PushBlobAsync(at, MediaTypes.LayerGzip, layer, Stop);
        var manifest = OciJson.Write(new ImageManifest { MediaType = MediaTypes.ImageManifest, Config = config, Layers = [blob] }, OciJson.Manifest);
        var pushed = await registry.Client.PushManifestAsync(at, MediaTypes.ImageManifest, manifest, Stop);
        Assert.Equal(Digest.Of(manifest).ToString(), pushed.Digest);

        var resolved = await registry.Client.ResolveAsync(at, Stop);
        Assert.Equal((pushed.Digest, (long)manifest.Length, MediaTypes.ImageManifest), (resolved!.Digest, resolved.Size, resolved.MediaType));
        Assert.Null(await registry.Client.ResolveAsync(at with { Tag = Tag.Parse("none") }, Stop));
        var got = await registry.Client.GetManifestAsync(at with { Tag = null, Digest = Digest.Parse(pushed.Digest) }, Stop);
        Assert.Equal(manifest, got.Content.ToArray());
        Assert.Equal(layer, await registry.Client.ReadBlobAsync(at, blob, 4_000_000, Stop));
        Assert.Equal(["v1"], await registry.Client.ListTagsAsync(at, Stop).ToListAsync(Stop));
        Assert.True(await registry.Client.HasBlobAsync(at, Digest.Parse(blob.Digest), Stop));
    }

    [Theory]
    [MemberData(nameof(Registries))]
    public async Task Blobs_are_mounted_from_another_repository(string which)
    {
        await using var registry = await Subject.StartAsync(which);
        var (from, to) = (ImageReference.Parse($"{registry.Host}/from"), ImageReference.Parse($"{registry.Host}/to"));
        var blob = await registry.Client.PushBlobAsync(from, "a/b", "content"u8.ToArray(), Stop);
        await registry.Client.PushBlobAsync(to, blob, () => throw new InvalidOperationException("it is there already"), from.Name, Stop);
        Assert.Equal("content"u8.ToArray(), await registry.Client.ReadBlobAsync(to, blob, 100, Stop));
    }

    [Theory]
    [MemberData(nameof(Registries))]
    public async Task Referrers_are_found_where_the_registry_keeps_them_and_where_the_client_has_to(string which)
    {
        await using var registry = await Subject.StartAsync(which);
        var at = ImageReference.Parse($"{registry.Host}/shop:v1");
        var config = await registry.Client.PushBlobAsync(at, MediaTypes.Empty, "{}"u8.ToArray(), Stop);
        ImageManifest Artifact(string type, Descriptor? subject) => new() { MediaType = MediaTypes.ImageManifest, ArtifactType = type, Config = config, Layers = [config], Subject = subject };
        var subject = await registry.Client.PushManifestAsync(at, MediaTypes.ImageManifest, OciJson.Write(Artifact("a/subject", null), OciJson.Manifest), Stop);
        foreach (var type in new[] { "a/one", "a/two" })
        {
            var about = new Descriptor { MediaType = subject.MediaType, Digest = subject.Digest, Size = subject.Size };
            await registry.Client.PushManifestAsync(at with { Tag = null }, MediaTypes.ImageManifest, OciJson.Write(Artifact(type, about), OciJson.Manifest), Stop);
        }

        Assert.Equal(2, (await registry.Client.ListReferrersAsync(at, Digest.Parse(subject.Digest), null, Stop)).Count);
        Assert.Equal("a/two", Assert.Single(await registry.Client.ListReferrersAsync(at, Digest.Parse(subject.Digest), "a/two", Stop)).ArtifactType);
        Assert.Empty(await registry.Client.ListReferrersAsync(at, Digest.Of("none"u8), null, Stop));
    }

    [Theory]
    [MemberData(nameof(Registries))]
    public async Task Of_an_index_the_image_of_a_platform_is_got_and_what_is_deleted_is_gone(string which)
    {
        await using var registry = await Subject.StartAsync(which);
        var at = ImageReference.Parse($"{registry.Host}/shop:v1");
        var children = new List<Descriptor>();
        foreach (var architecture in new[] { "amd64", "arm64" })
        {
            var config = await registry.Client.PushBlobAsync(at, MediaTypes.ImageConfig, Encoding.UTF8.GetBytes($"{{\"architecture\":\"{architecture}\"}}"), Stop);
            var child = await registry.Client.PushManifestAsync(at with { Tag = null }, MediaTypes.ImageManifest, OciJson.Write(new ImageManifest { MediaType = MediaTypes.ImageManifest, Config = config }, OciJson.Manifest), Stop);
            children.Add(new Descriptor { MediaType = child.MediaType, Digest = child.Digest, Size = child.Size, Platform = new Platform { System = "linux", Architecture = architecture } });
        }

        await registry.Client.PushManifestAsync(at, MediaTypes.ImageIndex, OciJson.Write(new ImageIndex { MediaType = MediaTypes.ImageIndex, Manifests = children }, OciJson.Index), Stop);
        Assert.Equal(children[0].Digest, (await registry.Client.GetImageAsync(at, null, Stop)).Digest.ToString());
        Assert.Equal(children[1].Digest, (await registry.Client.GetImageAsync(at, Platform.Parse("linux/arm64"), Stop)).Digest.ToString());
        var missing = await Assert.ThrowsAsync<RegistryClientException>(() => registry.Client.GetImageAsync(at, Platform.Parse("linux/s390x"), Stop));
        Assert.EndsWith("has no image for linux/s390x; it has linux/amd64, linux/arm64", missing.Message, StringComparison.Ordinal);
        var index = await registry.Client.ResolveAsync(at, Stop);
        Assert.True(await registry.Client.DeleteAsync(at with { Tag = null, Digest = Digest.Parse(index!.Digest) }, Stop));
        Assert.Null(await registry.Client.ResolveAsync(at, Stop));
    }

    /// <summary>A registry with a client that knows how to reach it.</summary>
    private sealed class Subject(IAsyncDisposable server, string host, RegistryCredential? credential) : IAsyncDisposable
    {
        private readonly SocketsHttpHandler _handler = new() { AllowAutoRedirect = false, UseProxy = false };

        public string Host => host;

        public RegistryClient Client => field ??= new RegistryClient(_handler, new RegistryBook(new Dictionary<string, RegistryEntry> { [host] = new() { PlainHttp = true, Credential = credential } }), TimeProvider.System);

        public static async Task<Subject> StartAsync(string which)
        {
            if (which == "docker-registry")
            {
                var debian = await DebianRegistry.StartAsync();
                return new Subject(debian, debian.Address.Authority, null);
            }

            var capstan = await RegistryFixture.StartAsync(anonymous: which.EndsWith("tokens", StringComparison.Ordinal));
            return new Subject(capstan, capstan.Host, new RegistryCredential("admin", capstan.Token));
        }

        public async ValueTask DisposeAsync()
        {
            Client.Dispose();
            _handler.Dispose();
            await server.DisposeAsync();
        }
    }
}
