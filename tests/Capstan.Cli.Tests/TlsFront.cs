using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Capstan.Cli.Tests;

/// <summary>
/// A server on loopback that speaks only to who shows a certificate of its authority: a folder of charts at <c>/charts/</c>, and a plain registry
/// behind it at <c>/v2/</c>.
/// </summary>
internal sealed class TlsFront : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly HttpClient _behind = new();

    private TlsFront(WebApplication server) => _server = server;

    public string Host => new Uri(_server.Urls.First()).Authority;

    /// <summary>Starts it and writes ca.pem, client.pem, client.key and the certificate of a stranger's authority, other.pem, into a folder.</summary>
    public static async Task<TlsFront> StartAsync(string folder, string charts, Uri registry)
    {
        using var authority = Authority("CN=authority");
        using var server = Issue(authority, "CN=127.0.0.1");
        using var client = Issue(authority, "CN=reader");
        using var other = Authority("CN=other");
        await File.WriteAllTextAsync(Path.Combine(folder, "ca.pem"), authority.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(folder, "other.pem"), other.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(folder, "client.pem"), client.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(folder, "client.key"), client.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var shown = X509CertificateLoader.LoadPkcs12(server.Export(X509ContentType.Pkcs12), null);
        var issuer = authority.SubjectName.Name;
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = shown;
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.ClientCertificateValidation = (certificate, _, _) => certificate.Issuer == issuer;
        })));
        var front = new TlsFront(builder.Build());
        front._server.MapGet("/charts/{file}", (string file) => Results.File(Path.Combine(charts, Path.GetFileName(file))));
        front._server.Map("/v2/{**path}", context => front.ForwardAsync(context, registry));
        await front._server.StartAsync(TestContext.Current.CancellationToken);
        return front;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _behind.Dispose();
    }

    private async Task ForwardAsync(HttpContext context, Uri registry)
    {
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(registry, context.Request.Path + context.Request.QueryString));
        request.Headers.TryAddWithoutValidation("Accept", (IEnumerable<string?>)context.Request.Headers.Accept);
        using var answer = await _behind.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
        {
            if (name is not "Transfer-Encoding") context.Response.Headers[name] = values.ToArray();
        }

        if (context.Request.Method != "HEAD") await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(130));
    }

    private static X509Certificate2 Issue(X509Certificate2 authority, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        using var issued = request.Create(authority, DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(100), RandomNumberGenerator.GetBytes(8));
        return issued.CopyWithPrivateKey(key);
    }
}
