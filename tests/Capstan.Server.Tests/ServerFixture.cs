using System.Net;
using System.Net.Http.Headers;
using Capstan.Kubernetes;
using Capstan.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.Server.Tests;

/// <summary>A whole server in this process, on free ports.</summary>
public sealed class ServerFixture : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("capstan-server-").FullName;

    internal CapstanServer Server { get; private set; } = null!;

    /// <summary>The checkout.</summary>
    internal static string Root { get; } = FindRoot();

    internal HttpClient Http { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    internal ClusterClient Cluster { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await CapstanServer.StartAsync(Settings(_data), TimeProvider.System, NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
        Http.BaseAddress = Server.Url;
        Cluster = new ClusterClient(ClusterConnection.FromKubeconfig(Server.Kubeconfig), TimeProvider.System, NullLogger.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        Cluster?.Dispose();
        if (Server is not null) await Server.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    internal static ServerSettings Settings(string data) => new()
    {
        Data = data,
        Listen = new ListenAddress(IPAddress.Loopback, 0),
        ClusterListen = new ListenAddress(IPAddress.Loopback, 0),
        Version = "capstan test",
    };

    internal async Task<HttpResponseMessage> SendAsync(string method, string path, string? token = null, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        change?.Invoke(request);
        return await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    private static string FindRoot()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Capstan.slnx"))) return at.FullName;
        }
        throw new InvalidOperationException($"{AppContext.BaseDirectory} is not within a checkout");
    }
}
