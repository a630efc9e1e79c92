using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Tests;

/// <summary>Who is let in: by a certificate of the cluster's authority, by a static token, and by nothing else.</summary>
public sealed class IdentityTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_certificate_of_the_authority_names_its_user_and_groups()
    {
        var pki = Path.Combine(fixture.Folder, "pki");
        using var authority = X509Certificate2.CreateFromPemFile(Path.Combine(pki, "ca.crt"), Path.Combine(pki, "ca.key"));
        using var jane = Issue("O=crew, CN=jane", authority);

        var (status, answer) = await AskAsync(jane, null);

        Assert.Equal((HttpStatusCode.Created, "jane"), (status, answer.At("status", "userInfo", "username")?.AsString()));
        Assert.Equal(["crew", "system:authenticated"], ((YamlList)answer.At("status", "userInfo", "groups")!).Select(g => g.AsString()));
    }

    [Fact]
    public async Task A_certificate_that_somebody_made_themselves_opens_nothing()
    {
        using var evil = Issue("O=system:masters, CN=admin", null);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(evil, null)).Status);
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("eyJhbGciOiJub25lIn0.eyJzdWIiOiJzeXN0ZW06c2VydmljZWFjY291bnQ6ZGVmYXVsdDpkZWZhdWx0In0.")]
    public async Task A_token_that_nobody_signed_opens_nothing(string token) =>
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(null, token)).Status);

    private static X509Certificate2 Issue(string subject, X509Certificate2? authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ClientAuthentication)], false));
        var (from, until) = (DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddHours(1));
        if (authority is null)
        {
            return request.CreateSelfSigned(from, until);
        }

        using var bare = request.Create(authority, from, until, RandomNumberGenerator.GetBytes(8));
        using var whole = bare.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pfx), null);
    }

    private async Task<(HttpStatusCode Status, YamlMap Body)> AskAsync(X509Certificate2? certificate, string? token)
    {
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => shown!.Issuer == fixture.Server.CaCertificate.Subject;
        handler.SslOptions.ClientCertificates = certificate is null ? [] : [certificate];
        using var client = new HttpClient(handler) { BaseAddress = fixture.Server.Address };
        client.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        using var content = new StringContent("""{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}""", Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync("/apis/authentication.k8s.io/v1/selfsubjectreviews", content, Cancellation);
        return (answer.StatusCode, (YamlMap)JsonText.Read(await answer.Content.ReadAsByteArrayAsync(Cancellation)));
    }
}
