using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Capstan.Sources;
using Capstan.Sources.Git;
using Capstan.Sources.Git.Urls;
using Capstan.Sources.Ssrf;
using Capstan.Trees;

namespace Capstan.GitHost.Tests;

/// <summary>Repositories of another server over https: certificates and tokens.</summary>
public sealed class TlsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_the_authority_and_the_token_it_is_read()
    {
        using var certificate = Certificate();
        await using var host = await StartAsync(certificate);
        using var mirrors = Mirrors(host);
        var remote = Remote(host) with { CertificateAuthorities = certificate.ExportCertificatePem(), Credentials = RepositoryCredentials.Basic("any", host.Token) };
        var found = await mirrors.ResolveAsync(remote, "main", TimeSpan.Zero, Cancellation);
        Assert.NotNull((await mirrors.OpenTreeAsync(remote, found.Commit, Cancellation)).Find(TreePath.Parse("readme.txt")));
    }

    [Fact]
    public async Task A_certificate_of_an_unknown_authority_is_not_believed_and_the_token_not_sent()
    {
        using var certificate = Certificate();
        await using var host = await StartAsync(certificate);
        using var mirrors = Mirrors(host);
        var remote = Remote(host) with { Credentials = RepositoryCredentials.Basic("any", host.Token) };
        var failure = await Assert.ThrowsAsync<SourceException>(() => mirrors.ResolveAsync(remote, "main", TimeSpan.Zero, Cancellation));
        Assert.Equal(SourceProblem.AuthenticationFailed, failure.Problem);
        Assert.Contains("argocd-tls-certs-cm", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(host.Token, failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_operator_says_so_any_certificate_is_taken()
    {
        using var certificate = Certificate();
        await using var host = await StartAsync(certificate);
        using var mirrors = Mirrors(host);
        var data = new Dictionary<string, string> { ["username"] = "any", ["password"] = host.Token, ["insecure"] = "true" };
        var remote = Remote(host) with { Credentials = RepositoryCredentials.FromSecretData(data, null) };
        Assert.NotNull(await mirrors.ResolveAsync(remote, "main", TimeSpan.Zero, Cancellation));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("wrong-token-wrong-token")]
    public async Task Without_the_right_token_it_is_refused_and_that_is_told(string? token)
    {
        using var certificate = Certificate();
        await using var host = await StartAsync(certificate);
        using var mirrors = Mirrors(host);
        var credentials = token is null ? RepositoryCredentials.None : RepositoryCredentials.Basic("any", token);
        var remote = Remote(host) with { CertificateAuthorities = certificate.ExportCertificatePem(), Credentials = credentials };
        var failure = await Assert.ThrowsAsync<SourceException>(() => mirrors.ResolveAsync(remote, "main", TimeSpan.Zero, Cancellation));
        Assert.Equal(SourceProblem.AuthenticationFailed, failure.Problem);
        Assert.False(failure.IsTransient);
        Assert.DoesNotContain("wrong-token", failure.ToString(), StringComparison.Ordinal);
    }

    private static async Task<GitHostFixture> StartAsync(X509Certificate2 certificate)
    {
        var host = await GitHostFixture.StartAsync(certificate: certificate);
        var work = await host.NewWorkAsync("seed");
        await host.GitAsync(work, "-c", "http.sslVerify=false", "push", "-q", host.UrlWithToken("shop"), "main");
        return host;
    }

    private static GitMirrors Mirrors(GitHostFixture host) =>
        new(Path.Combine(host.Folder, "mirrors"), new GitProgram(host.Runner), AddressGuard.Strict, null, TimeProvider.System);

    private static GitRemote Remote(GitHostFixture host) => new(RepositoryUrl.Parse(host.Url("shop"))) { Registered = true };

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=capstan test", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddMinutes(-5), now.AddHours(1));
    }
}
