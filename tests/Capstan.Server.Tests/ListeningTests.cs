using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Capstan.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.Server.Tests;

public sealed class ListeningTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("capstan-listen-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task With_a_certificate_it_serves_over_TLS()
    {
        var (certificate, key) = WriteCertificate();
        var settings = ServerFixture.Settings(Path.Combine(_folder, "data")) with { TlsCertificate = certificate, TlsKey = key };
        await using var server = await CapstanServer.StartAsync(settings, TimeProvider.System, NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
        Assert.Equal("https", server.Url.Scheme);
        using var expected = X509CertificateLoader.LoadCertificateFromFile(certificate);
        using var http = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == expected.GetCertHashString() },
        });
        Assert.Equal("ok", await http.GetStringAsync(new Uri(server.Url, "readyz"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Without_TLS_it_listens_for_this_machine_alone()
    {
        var settings = ServerFixture.Settings(Path.Combine(_folder, "data")) with { Listen = new ListenAddress(IPAddress.Any, 0) };
        var refusal = await Assert.ThrowsAsync<ServerStartException>(() => CapstanServer.StartAsync(settings, TimeProvider.System, NullLoggerFactory.Instance, TestContext.Current.CancellationToken));
        Assert.Contains("--tls-cert", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "--listen")]
    [InlineData(false, "--cluster-listen")]
    public async Task An_address_that_is_taken_is_named_with_its_option(bool own, string option)
    {
        using var taken = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var address = new ListenAddress(IPAddress.Loopback, ((IPEndPoint)taken.LocalEndpoint).Port);
        var settings = ServerFixture.Settings(Path.Combine(_folder, "data"));
        settings = own ? settings with { Listen = address } : settings with { ClusterListen = address };
        var refusal = await Assert.ThrowsAsync<ServerStartException>(() => CapstanServer.StartAsync(settings, TimeProvider.System, NullLoggerFactory.Instance, TestContext.Current.CancellationToken));
        Assert.Contains(option, refusal.Message, StringComparison.Ordinal);
    }

    private (string Certificate, string Key) WriteCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddMinutes(-5), now.AddHours(1));
        var (first, second) = (Path.Combine(_folder, "tls.crt"), Path.Combine(_folder, "tls.key"));
        File.WriteAllText(first, certificate.ExportCertificatePem());
        File.WriteAllText(second, key.ExportPkcs8PrivateKeyPem());
        return (first, second);
    }
}
