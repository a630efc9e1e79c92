using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.Storage;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Webhooks;

/// <summary>A webhook did not answer, or not with an answer to the question.</summary>
internal sealed class WebhookFailedException(string message) : Exception(message);

/// <summary>Calls webhooks: at their URL, or at a ready endpoint of their Service. Only over TLS, trusting what their configuration says.</summary>
internal sealed class WebhookClient(ObjectStore store, TimeProvider time) : IDisposable
{
    private const int MostBytes = 8 * 1024 * 1024;
    private const int MostKept = 200;

    private readonly ConcurrentDictionary<(string Bundle, string Host), HttpClient> _clients = [];

    /// <summary>The <c>response</c> of a webhook.</summary>
    /// <exception cref="WebhookFailedException">It did not answer in time, or not properly.</exception>
    public async Task<YamlMap> CallAsync(Webhook hook, string uid, YamlMap request, CancellationToken cancellation)
    {
        var (address, host) = Address(hook.Client);
        var review = YamlMap.Of(("kind", "AdmissionReview"), ("apiVersion", "admission.k8s.io/v1"), ("request", request));
        using var limit = new CancellationTokenSource(hook.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(JsonText.WriteBytes(review)) };
            message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            message.Headers.Host = host.Length > 0 ? host : null;
            using var answer = await Client(hook.Client.Text("caBundle"), host).SendAsync(message, either.Token).ConfigureAwait(false);
            var body = await answer.Content.ReadAsByteArrayAsync(either.Token).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode)
            {
                throw new WebhookFailedException(string.Create(CultureInfo.InvariantCulture, $"{address} answered with status {(int)answer.StatusCode}"));
            }

            var response = (JsonText.Read(body) as YamlMap ?? YamlMap.Empty).MapAt("response");
            return response.Text("uid") == uid ? response : throw new WebhookFailedException($"{address} answered with another uid than it was asked with (\"{response.Text("uid")}\")");
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            throw new WebhookFailedException(string.Create(CultureInfo.InvariantCulture, $"Post \"{address}\": context deadline exceeded after {hook.Timeout.TotalSeconds:0} s"));
        }
        catch (Exception error) when (error is HttpRequestException or IOException or YamlException)
        {
            throw new WebhookFailedException($"Post \"{address}\": {error.InnerException?.Message ?? error.Message}");
        }
    }

    public void Dispose()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }
    }

    // Where to call, and the name that the certificate must have when it is not the host of the address.
    private (Uri Address, string Host) Address(YamlMap client)
    {
        if (client.Text("url") is { Length: > 0 } url)
        {
            return Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps ? (address, "")
                : throw new WebhookFailedException($"\"{url}\" is no https URL");
        }

        var (space, name) = (client.Text("service", "namespace"), client.Text("service", "name"));
        var port = client.Number("service", "port") ?? 443;
        var service = store.Get(new StoreKey("services", space, name))?.Tree ?? throw new WebhookFailedException($"service \"{name}\" not found");
        var wanted = service.Maps("spec", "ports").FirstOrDefault(p => p.Number("port") == port)
            ?? throw new WebhookFailedException($"service \"{name}\" has no port {port.ToString(CultureInfo.InvariantCulture)}");
        var subset = store.Get(new StoreKey("endpoints", space, name))?.Tree.Maps("subsets").FirstOrDefault(s => s.Maps("addresses").Any());
        var target = subset?.Maps("ports").FirstOrDefault(p => p.Text("name") == wanted.Text("name"))?.Number("port");
        return target is null
            ? throw new WebhookFailedException($"no endpoints available for service \"{name}\"")
            : (new UriBuilder("https", subset!.Maps("addresses").First().Text("ip"), (int)target) { Path = client.Text("service", "path") }.Uri, $"{name}.{space}.svc");
    }

    private HttpClient Client(string bundle, string host)
    {
        if (_clients.Count > MostKept)
        {
            // Those in use end with their last request; new ones are made.
            _clients.Clear();
        }

        return _clients.GetOrAdd((bundle, host), static key =>
        {
            var roots = new X509Certificate2Collection();
            if (key.Bundle.Length > 0)
            {
                roots.ImportFromPem(System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(key.Bundle)));
            }

            var options = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, certificate, _, errors) => Trusts(roots, certificate, errors) };
            options.TargetHost = key.Host.Length > 0 ? key.Host : null;
            var handler = new SocketsHttpHandler { SslOptions = options, AllowAutoRedirect = false, UseProxy = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
            return new HttpClient(handler) { MaxResponseContentBufferSize = MostBytes, Timeout = Timeout.InfiniteTimeSpan };
        });
    }

    private static bool Trusts(X509Certificate2Collection roots, X509Certificate? certificate, SslPolicyErrors errors)
    {
        if (roots.Count == 0 || errors == SslPolicyErrors.None || certificate is not X509Certificate2 shown || errors != SslPolicyErrors.RemoteCertificateChainErrors)
        {
            return errors == SslPolicyErrors.None;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(shown);
    }
}
