using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.LocalCluster.Tests;

/// <summary>A server of its own in a temporary folder, on a free port.</summary>
public sealed class ServerFixture : IAsyncLifetime
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("capstan-cluster-").FullName;

    public LocalClusterServer Server { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await LocalClusterServer.StartAsync(
            new LocalClusterOptions { DataFolder = Folder, Listen = new IPEndPoint(IPAddress.Loopback, 0) }, TimeProvider.System, NullLoggerFactory.Instance, default);
        Http = Connect(withToken: true);
    }

    public HttpClient Connect(bool withToken)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate!.Issuer == Server.CaCertificate.Subject;
        var client = new HttpClient(handler) { BaseAddress = Server.Address };
        if (withToken)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", File.ReadAllText(Path.Combine(Folder, "pki", "token")).Trim());
        }

        return client;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
