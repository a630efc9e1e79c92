using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Capstan.OciClient.Transport;

namespace Capstan.OciClient.Auth;

/// <summary>
/// Answers challenges. A credential goes to the registry it is for, and to hosts that give out its tokens: itself, a parent of its name
/// (registry.gitlab.example → gitlab.example), Docker Hub's, and those that the operator named. To any other realm the client goes without one.
/// </summary>
internal sealed class TokenSource(HttpMessageInvoker http, TimeProvider time)
{
    private const int LargestToken = 1 << 20;
    private static readonly string[] TokenNames = ["token", "access_token"];
    private static readonly TimeSpan ShortestLife = TimeSpan.FromSeconds(60);
    private readonly ConcurrentDictionary<(string Registry, string Scope), (AuthenticationHeaderValue Header, DateTimeOffset Until)> _known = new();

    /// <summary>What to send at once, from what earlier challenges taught; null when nothing is known.</summary>
    public AuthenticationHeaderValue? Known(string registry, string scope) =>
        _known.TryGetValue((registry, scope), out var known) && known.Until > time.GetUtcNow() ? known.Header : null;

    /// <summary>Forgets what a registry no longer takes.</summary>
    public void Forget(string registry, string scope) => _known.TryRemove((registry, scope), out _);

    /// <summary>Answers a challenge; null when there is nothing to answer it with.</summary>
    /// <exception cref="RegistryClientException">The token server refuses or cannot be used.</exception>
    public async Task<AuthenticationHeaderValue?> AnswerAsync(RegistryAddress registry, string scope, IEnumerable<string> headers, CancellationToken cancellation)
    {
        var challenges = headers.SelectMany(Challenge.Read).ToList();
        var answer = challenges.FirstOrDefault(c => c.Scheme == "bearer" && c.Parameters.ContainsKey("realm")) is { } bearer
            ? await TokenAsync(registry, scope, bearer, cancellation).ConfigureAwait(false)
            : challenges.Any(c => c.Scheme == "basic") && registry.Entry.Credential is { } credential ? (Basic(credential), DateTimeOffset.MaxValue) : default;
        if (answer.Item1 is not null) _known[(registry.Registry, scope)] = answer!;
        return answer.Item1;
    }

    private async Task<(AuthenticationHeaderValue?, DateTimeOffset)> TokenAsync(RegistryAddress registry, string scope, Challenge challenge, CancellationToken cancellation)
    {
        var realm = RealmOf(registry, challenge);
        var query = new StringBuilder(realm.Query.Length > 1 ? realm.Query + "&" : "?");
        if (challenge.Parameters.TryGetValue("service", out var service)) query.Append("service=").Append(Uri.EscapeDataString(service)).Append('&');
        foreach (var one in (challenge.Parameters.GetValueOrDefault("scope") is { Length: > 0 } asked && !scope.Contains(' ', StringComparison.Ordinal) ? asked : scope).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            query.Append("scope=").Append(Uri.EscapeDataString(one)).Append('&');
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(realm, realm.AbsolutePath + query.ToString().TrimEnd('&', '?')));
        if (registry.Entry.Credential is { } credential && MayBeShown(registry, realm)) request.Headers.Authorization = Basic(credential);
        using var answer = await http.SendAsync(request, cancellation).ConfigureAwait(false);
        if (answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden) throw Refused(registry, realm, request.Headers.Authorization is not null);
        if (!answer.IsSuccessStatusCode) throw new RegistryClientException(RegistryProblem.Unreachable, $"{registry.Registry}: its token server {realm.Host} answers {(int)answer.StatusCode}");
        return Read(registry, await BoundedBody.ReadAsync(answer.Content, LargestToken, realm.Host, cancellation).ConfigureAwait(false));
    }

    private (AuthenticationHeaderValue, DateTimeOffset) Read(RegistryAddress registry, byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 16 });
            var token = TokenNames.Select(n => document.RootElement.TryGetProperty(n, out var value) ? value.GetString() : null).FirstOrDefault(t => !string.IsNullOrEmpty(t));
            if (token is null || token.AsSpan().ContainsAnyExceptInRange('!', '~')) throw new RegistryClientException(RegistryProblem.AuthenticationFailed, $"{registry.Registry}: its token server gives no token");
            var life = document.RootElement.TryGetProperty("expires_in", out var seconds) && seconds.TryGetInt32(out var number) ? TimeSpan.FromSeconds(number) : ShortestLife;
            // A little early, so that it does not end on its way.
            return (new AuthenticationHeaderValue("Bearer", token), time.GetUtcNow() + (life * 0.8));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new RegistryClientException(RegistryProblem.Unreachable, $"{registry.Registry}: its token server gives no JSON", e);
        }
    }

    private static Uri RealmOf(RegistryAddress registry, Challenge challenge)
    {
        if (!Uri.TryCreate(challenge.Parameters["realm"], UriKind.Absolute, out var realm) || realm.UserInfo.Length > 0
            || (realm.Scheme != Uri.UriSchemeHttps && !(realm.Scheme == Uri.UriSchemeHttp && registry.Entry.PlainHttp)))
        {
            throw new RegistryClientException(RegistryProblem.Refused, $"{registry.Registry}: asks for a token from an address that is not followed: it must be https");
        }

        return realm;
    }

    private static bool MayBeShown(RegistryAddress registry, Uri realm)
    {
        var (host, giver) = (registry.BaseUrl.Host, realm.Host);
        return (host == giver && registry.BaseUrl.Port == realm.Port) || registry.Entry.TokenHosts.Contains(realm.Authority, StringComparer.OrdinalIgnoreCase)
            || (host.EndsWith("." + giver, StringComparison.OrdinalIgnoreCase) && giver.Contains('.', StringComparison.Ordinal))
            || (registry.Registry == Oci.References.ImageReference.DockerHub && giver == "auth.docker.io");
    }

    private static RegistryClientException Refused(RegistryAddress registry, Uri realm, bool shown) => new(RegistryProblem.AuthenticationFailed,
        shown || registry.Entry.Credential is null
            ? $"{registry.Registry}: {(shown ? "the credential is refused" : "a credential is needed, and none is known for this registry")}"
            : $"{registry.Registry}: sends its clients to {realm.Authority} for a token; the credential was not shown to that host. If it belongs to the registry, name it as one of its token hosts");

    private static AuthenticationHeaderValue Basic(RegistryCredential credential) => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential.User}:{credential.Password}")));
}
