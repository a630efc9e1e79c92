using Capstan.OciClient;
using Capstan.Registry;
using Capstan.Registry.InProcess;
using Capstan.Sources.Ssrf;

namespace Capstan.Server.Bindings;

/// <summary>How this server itself uses registries: its own one in the process, with the rights of a token, and all others over guarded connections.</summary>
internal sealed class OwnRegistry : IDisposable
{
    private readonly HashSet<string> _hosts;
    private readonly Uri _address;
    private readonly SwitchingHandler _handler;
    private readonly TimeProvider _time;

    /// <summary>Makes it.</summary>
    /// <param name="endpoints">The registry.</param>
    /// <param name="address">The address by which images are named.</param>
    /// <param name="addresses">All addresses at which this data folder was ever served: names of images from then are its own.</param>
    /// <param name="time">The clock.</param>
    public OwnRegistry(RegistryEndpoints endpoints, Uri address, IReadOnlyList<Uri> addresses, TimeProvider time)
    {
        _hosts = addresses.Append(address).Select(a => a.Authority).ToHashSet(StringComparer.OrdinalIgnoreCase);
        _address = address;
        _time = time;
        var others = AddressGuard.Strict.CreateHandler();
        others.AllowAutoRedirect = false;
        _handler = new SwitchingHandler(new HttpMessageInvoker(new InProcessRegistry(endpoints)), new HttpMessageInvoker(others), IsOwn);
    }

    /// <summary>Host and port under which images are named.</summary>
    public string Name => _address.Authority;

    /// <summary>This registry under each of the server's addresses, by host and port, for clients that connect to it.</summary>
    /// <param name="addresses">Where this server is reached.</param>
    /// <param name="token">Whose rights they have.</param>
    public static IReadOnlyDictionary<string, RegistryEntry> Entries(IReadOnlyList<Uri> addresses, string token) => addresses.GroupBy(a => a.Authority).ToDictionary(
        g => g.Key,
        g => new RegistryEntry { PlainHttp = g.First().Scheme == Uri.UriSchemeHttp, Credential = new RegistryCredential("capstan", token) },
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a registry is this one.</summary>
    public bool IsOwn(string registry) => _hosts.Contains(registry);

    /// <summary>A client.</summary>
    /// <param name="token">Whose rights it has here.</param>
    /// <param name="credential">Who it is elsewhere; null for nobody.</param>
    public RegistryClient Client(string token, Func<string, RegistryCredential?>? credential = null) => new(_handler, new Book(this, token, credential), _time);

    public void Dispose() => _handler.Dispose();

    private sealed class Book(OwnRegistry own, string token, Func<string, RegistryCredential?>? credential) : IRegistryBook
    {
        public ValueTask<RegistryEntry> FindAsync(string registry, CancellationToken cancellation) => ValueTask.FromResult(own.IsOwn(registry)
            ? new RegistryEntry { PlainHttp = own._address.Scheme == Uri.UriSchemeHttp, Credential = new RegistryCredential("capstan", token) }
            : new RegistryEntry { Credential = credential?.Invoke(registry) });
    }

    private sealed class SwitchingHandler(HttpMessageInvoker own, HttpMessageInvoker others, Func<string, bool> isOwn) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            (isOwn(request.RequestUri!.Authority) ? own : others).SendAsync(request, cancellationToken);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                own.Dispose();
                others.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
