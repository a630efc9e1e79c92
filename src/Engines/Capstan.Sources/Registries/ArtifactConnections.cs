using System.Collections.Concurrent;
using System.Net.Security;
using Capstan.OciClient;
using Capstan.Sources.Git;
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

    public ArtifactConnections(AddressGuard guard, IReadOnlyDictionary<string, RegistryEntry> own, TimeProvider time)
    {
        (_own, _time) = (own, time);
        _doors = [Door(guard.CreateHandler(), false), Door(Open(), false), Door(Open(), true)];
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
    public static string KeyOf(RepositoryCredentials credentials) => credentials.AuthorizationHeader() ?? "";

    public void Dispose()
    {
        foreach (var door in _doors)
        {
            door.Dispose();
        }
    }

    private RegistryClient Connect(ArtifactRepository repository, string registry)
    {
        var own = _own.GetValueOrDefault(registry);
        var entry = own ?? new RegistryEntry
        {
            PlainHttp = repository.PlainHttp || RegistryBook.IsThisMachine(registry),
            Credential = repository.Credentials is { BearerToken: { } token } ? new RegistryCredential("", token)
                : repository.Credentials is { Password: { } password } ? new RegistryCredential(repository.Credentials.UserName ?? "", password) : null,
        };
        var trusted = own is not null || repository.Registered;
        var handler = new TrustedHostHandler(registry, trusted ? _doors[repository.Credentials.Insecure ? 2 : 1] : _doors[0], _doors[0]);
        return new RegistryClient(handler, new RegistryBook(new Dictionary<string, RegistryEntry>(StringComparer.OrdinalIgnoreCase) { [registry] = entry }), _time);
    }

    private static SocketsHttpHandler Open() => new() { UseProxy = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5), ConnectTimeout = TimeSpan.FromSeconds(15) };

    private static HttpMessageInvoker Door(SocketsHttpHandler handler, bool insecure)
    {
        handler.AllowAutoRedirect = false;
        if (insecure)
        {
            // Only for a repository whose operator wrote "insecure" into its Secret: any certificate is taken, none is not.
            handler.SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = static (_, _, _, errors) => !errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable),
            };
        }

        return new HttpMessageInvoker(handler);
    }

    // What the operator registered is trusted for its own host alone: a registry may lead to any other.
    private sealed class TrustedHostHandler(string registry, HttpMessageInvoker own, HttpMessageInvoker others) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            (string.Equals(request.RequestUri!.Authority, registry, StringComparison.OrdinalIgnoreCase) ? own : others).SendAsync(request, cancellationToken);
    }
}
