using System.Collections.Concurrent;
using System.Net.Security;
using Capstan.OciClient;
using Capstan.Sources.Git;
using Capstan.Sources.Http;
using Capstan.Sources.Ssrf;

namespace Capstan.Sources.Registries;

/// <summary>One client for each registry and way of asking it, so that tokens are never shared between credentials.</summary>
internal sealed class ArtifactConnections : IDisposable
{
    private const int MostClients = 256;

    private readonly ConcurrentDictionary<(string Registry, bool Registered, bool PlainHttp, string Credentials), RegistryClient> _clients = new();
    private readonly IReadOnlyDictionary<string, RegistryEntry> _own;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker[] _doors;
    private readonly TrustedClients<HttpMessageInvoker> _trusting;

    public ArtifactConnections(AddressGuard guard, IReadOnlyDictionary<string, RegistryEntry> own, TimeProvider time)
    {
        (_own, _time) = (own, time);
        _doors = [Door(guard.CreateHandler()), Door(Open()), Door(Open(), AnyCertificate())];
        _trusting = new((options, registered) => Door(registered ? Open() : guard.CreateHandler(), options));
    }

    /// <summary>The client for a repository of a registry.</summary>
    public RegistryClient Of(ArtifactRepository repository, string registry)
    {
        if (_clients.Count > MostClients)
        {
            // Clients hold no connections, only tokens; those in use go on working.
            _clients.Clear();
        }

        return _clients.GetOrAdd((registry, repository.Registered, repository.PlainHttp, KeyOf(repository.Credentials)), _ => Connect(repository, registry));
    }

    /// <summary>What tells credentials apart, for keys in memory only.</summary>
    public static string KeyOf(RepositoryCredentials credentials) => $"{credentials.Identity} {credentials.Trust?.Key} {(credentials.Insecure ? "any" : "")}";

    public void Dispose()
    {
        foreach (var door in _doors)
        {
            door.Dispose();
        }

        _trusting.Dispose();
    }

    private RegistryClient Connect(ArtifactRepository repository, string registry)
    {
        var own = _own.GetValueOrDefault(registry);
        var entry = own ?? new RegistryEntry
        {
            PlainHttp = repository.PlainHttp || (RegistryBook.IsThisMachine(registry) && repository.Credentials.Trust is null),
            Credential = repository.Credentials is { BearerToken: { } token } ? new RegistryCredential("", token)
                : repository.Credentials is { Password: { } password } ? new RegistryCredential(repository.Credentials.UserName ?? "", password) : null,
        };
        var trusted = own is not null || repository.Registered;
        var door = repository.Credentials is { Trust: { } tls, Insecure: false } ? _trusting.Of(tls, trusted)
            : trusted ? _doors[repository.Credentials.Insecure ? 2 : 1] : _doors[0];
        var handler = new TrustedHostHandler(registry, door, _doors[0]);
        return new RegistryClient(handler, new RegistryBook(new Dictionary<string, RegistryEntry>(StringComparer.OrdinalIgnoreCase) { [registry] = entry }), _time);
    }

    private static SocketsHttpHandler Open() => new() { UseProxy = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5), ConnectTimeout = TimeSpan.FromSeconds(15) };

    // Only for a repository whose operator wrote "insecure" into its Secret: any certificate is taken, none is not.
    private static SslClientAuthenticationOptions AnyCertificate() => new()
    {
        RemoteCertificateValidationCallback = static (_, _, _, errors) => !errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable),
    };

    private static HttpMessageInvoker Door(SocketsHttpHandler handler, SslClientAuthenticationOptions? tls = null)
    {
        handler.AllowAutoRedirect = false;
        handler.SslOptions = tls ?? handler.SslOptions;
        return new HttpMessageInvoker(handler);
    }

    // What the operator registered is trusted for its own host alone: a registry may lead to any other.
    private sealed class TrustedHostHandler(string registry, HttpMessageInvoker own, HttpMessageInvoker others) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            (string.Equals(request.RequestUri!.Authority, registry, StringComparison.OrdinalIgnoreCase) ? own : others).SendAsync(request, cancellationToken);
    }
}
