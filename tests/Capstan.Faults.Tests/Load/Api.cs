using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace Capstan.Faults.Tests.Load;

/// <summary>The two APIs of the server, spoken plainly: nothing is tried again, and what is no success throws.</summary>
internal sealed class Api : IDisposable
{
    private readonly HttpClient _cluster;
    private readonly HttpClient _server;

    public Api(string data, string url)
    {
        var kubeconfig = JsonNode.Parse(File.ReadAllText(Path.Combine(data, "kubeconfig")))!;
        var authority = Convert.FromBase64String(kubeconfig["clusters"]![0]!["cluster"]!["certificate-authority-data"]!.ToString());
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(X509Certificate2.CreateFromPem(Encoding.UTF8.GetString(authority)));
        var handler = new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = trust } };
        _cluster = Client(handler, kubeconfig["clusters"]![0]!["cluster"]!["server"]!.ToString(), kubeconfig["users"]![0]!["user"]!["token"]!.ToString());
        _server = Client(new SocketsHttpHandler(), url, File.ReadAllText(Path.Combine(data, "token")).Trim());
    }

    public async Task<JsonNode> GetAsync(string path, CancellationToken cancellation) =>
        JsonNode.Parse(await SendAsync(_cluster, HttpMethod.Get, path, null, cancellation))!;

    public async Task<JsonNode?> FindAsync(string path, CancellationToken cancellation)
    {
        try
        {
            return await GetAsync(path, cancellation);
        }
        catch (HttpRequestException error) when (error.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    public Task ApplyAsync(string path, string body, CancellationToken cancellation) =>
        SendAsync(_cluster, HttpMethod.Patch, path + "?fieldManager=campaign&force=true", new StringContent(body, Encoding.UTF8, "application/apply-patch+yaml"), cancellation);

    public Task DeleteAsync(string path, CancellationToken cancellation) => SendAsync(_cluster, HttpMethod.Delete, path, null, cancellation);

    public Task PostAsync(string path, string body, CancellationToken cancellation) =>
        SendAsync(_server, HttpMethod.Post, path, new StringContent(body, Encoding.UTF8, "application/json"), cancellation);

    public Task<string> ReadyAsync(CancellationToken cancellation) => SendAsync(_server, HttpMethod.Get, "/readyz", null, cancellation);

    public void Dispose()
    {
        _cluster.Dispose();
        _server.Dispose();
    }

    private static HttpClient Client(SocketsHttpHandler handler, string url, string token)
    {
        var client = new HttpClient(handler) { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(20) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    private static async Task<string> SendAsync(HttpClient client, HttpMethod method, string path, HttpContent? content, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var response = await client.SendAsync(request, cancellation);
        var text = await response.Content.ReadAsStringAsync(cancellation);
        return response.IsSuccessStatusCode
            ? text
            : throw new HttpRequestException($"{method} {path}: {(int)response.StatusCode} {text}", null, response.StatusCode);
    }
}
