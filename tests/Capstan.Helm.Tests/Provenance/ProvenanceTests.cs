using System.Security.Cryptography;
using System.Text;
using Capstan.Helm.Charts;
using Capstan.Helm.Provenance;
using Capstan.Testing;

namespace Capstan.Helm.Tests.Provenance;

/// <summary>Provenance that the real helm wrote, checked here and by helm.</summary>
public sealed class ProvenanceTests : IDisposable
{
    private const string Archive = "q-0.1.0.tgz";

    private readonly HelmProgram _helm = HelmProgram.Find();
    private readonly SigningKeys _signer = SigningKeys.Make("Signer <s@example.com>");
    private readonly SigningKeys _other = SigningKeys.Make("Other <o@example.com>");

    public void Dispose() => _helm.Dispose();

    [Fact]
    public async Task What_helm_signed_is_believed_with_the_key_that_helm_names()
    {
        await SignAsync();
        var said = await _helm.RunAsync("verify", Archive, "--keyring", "pub.gpg");
        var verdict = Verify();
        Assert.Equal($"Signed by: {verdict.SignedBy.Single()}\nUsing Key With Fingerprint: {verdict.Fingerprint}\nChart Hash Verified: {verdict.FileHash}\n", said);
        Assert.Equal(verdict.FileHash, Verify(keys: _other.Public.Concat(_signer.Secret).ToArray()).FileHash);
    }

    [Fact]
    public async Task What_helm_refuses_is_refused_in_its_words()
    {
        await SignAsync();
        var good = Text(".prov");
        await SameAsync(provenance: good, keys: _other.Public);
        await SameAsync(provenance: good.Replace("name: q", "name: r", StringComparison.Ordinal));
        await SameAsync(provenance: "rubbish\n");
        await SameAsync(provenance: good.Replace("-----BEGIN PGP SIGNATURE-----", "-----BEGIN PGP SIGNATURE", StringComparison.Ordinal));
        File.AppendAllText(Path.Combine(_helm.Folder, Archive), "x");
        await SameAsync(provenance: good);
        File.Copy(Path.Combine(_helm.Folder, Archive), Path.Combine(_helm.Folder, "z.tgz"));
        File.WriteAllText(Path.Combine(_helm.Folder, "z.tgz.prov"), good);
        var error = (await _helm.TryAsync("verify", "z.tgz", "--keyring", "pub.gpg")).Error;
        Assert.Equal($"Error: {Assert.Throws<ChartException>(() => Verify("z.tgz")).Message}", error.TrimEnd());
    }

    [Fact]
    public async Task What_stands_before_the_signed_text_is_not_believed()
    {
        await SignAsync();
        var forged = "files:\n  q-0.1.0.tgz: sha256:00\n\n...\n" + Text(".prov");
        File.WriteAllText(Path.Combine(_helm.Folder, Archive + ".prov"), forged);
        Assert.Equal("sha256:" + Sha256(Archive), Verify().FileHash);
    }

    [Fact]
    public async Task A_key_that_has_expired_vouches_for_nothing()
    {
        await SignAsync();
        var shortLived = SigningKeys.Make("Brief <b@example.com>", lifetime: TimeSpan.FromDays(1));
        File.WriteAllBytes(Path.Combine(_helm.Folder, "brief.gpg"), shortLived.Secret);
        await _helm.RunAsync("package", "--sign", "--key", "Brief", "--keyring", "brief.gpg", "q");
        Assert.NotEmpty(Verify(keys: shortLived.Public).FileHash);
        Assert.Equal("openpgp: key expired", Assert.Throws<ChartException>(() => Verify(keys: shortLived.Public, now: DateTimeOffset.UtcNow.AddDays(2))).Message);
    }

    [Theory]
    [InlineData("-----BEGIN PGP PUBLIC KEY BLOCK-----\n")]
    [InlineData("")]
    public void What_is_no_keyring_is_told(string content) =>
        Assert.StartsWith("failed to load keyring: ", Assert.Throws<ChartException>(() => Keyring.Read(Encoding.UTF8.GetBytes(content))).Message, StringComparison.Ordinal);

    private async Task SignAsync()
    {
        _helm.Write("q/Chart.yaml", "apiVersion: v2\nname: q\nversion: 0.1.0\ndescription: \"- dashes\"\n");
        _helm.Write("q/templates/a.yaml", "a: 1\n");
        File.WriteAllBytes(Path.Combine(_helm.Folder, "sec.gpg"), _signer.Secret);
        File.WriteAllBytes(Path.Combine(_helm.Folder, "pub.gpg"), _signer.Public);
        await _helm.RunAsync("package", "--sign", "--key", "Signer", "--keyring", "sec.gpg", "q");
    }

    private async Task SameAsync(string provenance, byte[]? keys = null)
    {
        File.WriteAllText(Path.Combine(_helm.Folder, Archive + ".prov"), provenance);
        File.WriteAllBytes(Path.Combine(_helm.Folder, "used.gpg"), keys ?? _signer.Public);
        var (code, _, error) = await _helm.TryAsync("verify", Archive, "--keyring", "used.gpg");
        Assert.Equal(1, code);
        Assert.Equal(error.TrimEnd(), $"Error: {Assert.Throws<ChartException>(() => Verify(keys: keys)).Message}");
    }

    private ProvenanceVerdict Verify(string archive = Archive, byte[]? keys = null, DateTimeOffset? now = null) =>
        ChartProvenance.Verify(archive, Sha256(archive), Encoding.UTF8.GetBytes(File.ReadAllText(Path.Combine(_helm.Folder, archive + ".prov"))), Keyring.Read(keys ?? _signer.Public), now ?? DateTimeOffset.UtcNow);

    private string Sha256(string archive) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(_helm.Folder, archive))));

    private string Text(string suffix) => File.ReadAllText(Path.Combine(_helm.Folder, Archive + suffix));
}
