using Capstan.OciClient;

namespace Capstan.Server.Bindings;

/// <summary>How the server's own parts reach its registry.</summary>
internal static class OwnRegistry
{
    /// <summary>The registry under each of the server's addresses, by host and port.</summary>
    /// <param name="addresses">Where this server is reached.</param>
    /// <param name="token">A token that may read its registry.</param>
    public static IReadOnlyDictionary<string, RegistryEntry> Entries(IReadOnlyList<Uri> addresses, string token) => addresses.GroupBy(a => a.Authority).ToDictionary(
        g => g.Key,
        g => new RegistryEntry { PlainHttp = g.First().Scheme == Uri.UriSchemeHttp, Credential = new RegistryCredential("capstan", token) },
        StringComparer.OrdinalIgnoreCase);
}
