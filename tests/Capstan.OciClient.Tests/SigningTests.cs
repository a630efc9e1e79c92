using System.Diagnostics;
using Capstan.Oci.Content;
using Capstan.Oci.Manifests;
using Capstan.Oci.References;
using Capstan.OciClient.Signing;
using Capstan.Testing;

namespace Capstan.OciClient.Tests;

/// <summary>Signatures and provenance: made here, accepted by cosign, and refused when anything was changed.</summary>
public sealed class SigningTests : IAsyncLifetime
{
    private static readonly Provenance Where = new("https://git.example/shop", new string('a', 40), ".github/workflows/ci.yaml", "https://capstan.example/runs/7", "https://capstan.example") { Reference = "refs/heads/main" };
    private readonly SocketsHttpHandler _handler = new() { AllowAutoRedirect = false, UseProxy = false };
    private readonly SigningKey _key = SigningKey.Create();
    private RegistryFixture _registry = null!;
    private RegistryClient _client = null!;
    private ImageReference _at = null!;
    private Descriptor _image = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private ImageSignatures Signatures => new(_client);

    public async ValueTask InitializeAsync()
    {
        // Open to reading, as cosign is given no credential here.
        _registry = await RegistryFixture.StartAsync(anonymous: true);
        _client = new RegistryClient(_handler, new RegistryBook(new Dictionary<string, RegistryEntry> { [_registry.Host] = new() { PlainHttp = true, Credential = new("a", _registry.Token) } }), TimeProvider.System);
        _at = ImageReference.Parse($"{_registry.Host}/team/shop:v1");
        _image = await PushAsync("one");
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _handler.Dispose();
        _key.Dispose();
        await _registry.DisposeAsync();
    }

    [Fact]
    public async Task An_image_is_trusted_when_a_trusted_key_signed_it_and_only_then()
    {
        using var keys = new TrustedKeys(_key.PublicPem);
        using var other = SigningKey.Create();
        Assert.Equal(SignatureVerdict.Absent, await VerifyAsync(_image, keys));
        await Signatures.SignAsync(_at, _image, other, Stop);
        Assert.Equal(SignatureVerdict.NotTrusted, await VerifyAsync(_image, keys));
        await Signatures.SignAsync(_at, _image, _key, Stop);
        Assert.Equal(SignatureVerdict.Trusted, await VerifyAsync(_image, keys));
        using var both = new TrustedKeys(other.PublicPem);
        Assert.Equal(SignatureVerdict.Trusted, await VerifyAsync(_image, both));
        var changed = await PushAsync("two");
        Assert.Equal(SignatureVerdict.Absent, await VerifyAsync(changed, keys));
    }

    [Fact]
    public async Task A_signature_of_another_image_is_none_of_this_one()
    {
        using var keys = new TrustedKeys(_key.PublicPem);
        await Signatures.SignAsync(_at, _image, _key, Stop);
        await Signatures.AttestAsync(_at, _image, Where, _key, Stop);
        var changed = await PushAsync("two");
        foreach (var kind in new[] { "sig", "att" })
        {
            // The signature is put where the other image's would be.
            var stolen = await _client.GetManifestAsync(_at with { Tag = Tag.Parse(_image.Digest.Replace(':', '-') + "." + kind) }, Stop);
            await _client.PushManifestAsync(_at with { Tag = Tag.Parse(changed.Digest.Replace(':', '-') + "." + kind) }, stolen.MediaType, stolen.Content, Stop);
        }

        Assert.Equal(SignatureVerdict.NotTrusted, await VerifyAsync(changed, keys));
        Assert.Empty(await Signatures.ListProvenancesAsync(_at, Digest.Parse(changed.Digest), keys, Stop));
    }

    [Fact]
    public async Task Provenance_says_from_which_commit_and_is_a_referrer_of_the_image()
    {
        using var keys = new TrustedKeys(_key.PublicPem);
        await Signatures.AttestAsync(_at, _image, Where, _key, Stop);
        Assert.Equal([Where], await Signatures.ListProvenancesAsync(_at, Digest.Parse(_image.Digest), keys, Stop));
        Assert.Single(await _client.ListReferrersAsync(_at, Digest.Parse(_image.Digest), "application/vnd.in-toto+json", Stop));
        using var other = SigningKey.Create();
        using var others = new TrustedKeys(other.PublicPem);
        Assert.Empty(await Signatures.ListProvenancesAsync(_at, Digest.Parse(_image.Digest), others, Stop));
    }

    [Fact]
    public async Task Cosign_accepts_them_and_refuses_other_keys_and_other_images()
    {
        var cosign = Environment.GetEnvironmentVariable("CAPSTAN_COSIGN") ?? "/usr/bin/cosign";
        Assert.SkipUnless(File.Exists(cosign), "cosign is not here; eng/judges/cosign.sh fetches it (CAPSTAN_COSIGN)");
        await Signatures.SignAsync(_at, _image, _key, Stop);
        await Signatures.AttestAsync(_at, _image, Where, _key, Stop);
        var key = Path.Combine(_registry.Folder, "cosign.pub");
        await File.WriteAllTextAsync(key, _key.PublicPem, Stop);
        using var other = SigningKey.Create();
        var wrong = Path.Combine(_registry.Folder, "other.pub");
        await File.WriteAllTextAsync(wrong, other.PublicPem, Stop);
        var changed = await PushAsync("two");
        string[] flags = ["--insecure-ignore-tlog=true", "--allow-http-registry", "--key"];
        var image = $"{_registry.Host}/team/shop@{_image.Digest}";
        Assert.Equal(0, await RunAsync(cosign, ["verify", .. flags, key, image]));
        Assert.NotEqual(0, await RunAsync(cosign, ["verify", .. flags, wrong, image]));
        Assert.NotEqual(0, await RunAsync(cosign, ["verify", .. flags, key, $"{_registry.Host}/team/shop@{changed.Digest}"]));
        Assert.Equal(0, await RunAsync(cosign, ["verify-attestation", "--type", "slsaprovenance1", .. flags, key, image]));
        Assert.NotEqual(0, await RunAsync(cosign, ["verify-attestation", "--type", "slsaprovenance1", .. flags, wrong, image]));
    }

    [Fact]
    public void The_key_of_a_data_folder_is_made_once_and_kept_from_others()
    {
        var folder = Directory.CreateTempSubdirectory("capstan-key-").FullName;
        using var made = SigningKey.LoadOrCreate(folder);
        using var read = SigningKey.LoadOrCreate(folder);
        Assert.Equal(made.PublicPem, read.PublicPem);
        Assert.Equal(made.PublicPem, File.ReadAllText(Path.Combine(folder, "signing-key.pub")));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder, "signing-key.pem")));
        Directory.Delete(folder, recursive: true);
    }

    private Task<SignatureVerdict> VerifyAsync(Descriptor image, TrustedKeys keys) => Signatures.VerifyAsync(_at, Digest.Parse(image.Digest), keys, Stop);

    private async Task<Descriptor> PushAsync(string content)
    {
        var config = await _client.PushBlobAsync(_at, MediaTypes.ImageConfig, System.Text.Encoding.UTF8.GetBytes($"{{\"author\":\"{content}\"}}"), Stop);
        return await _client.PushManifestAsync(_at, MediaTypes.ImageManifest, OciJson.Write(new ImageManifest { MediaType = MediaTypes.ImageManifest, Config = config }, OciJson.Manifest), Stop);
    }

    private async Task<int> RunAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in new[] { "HOME", "TUF_ROOT" }) start.Environment[name] = _registry.Folder;
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(Stop), process.StandardError.ReadToEndAsync(Stop));
        await process.WaitForExitAsync(Stop);
        TestContext.Current.TestOutputHelper?.WriteLine($"{string.Join(' ', arguments)}: {process.ExitCode}\n{await output}\n{await errors}");
        return process.ExitCode;
    }
}
