using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Capstan.Access.Rights;
using Capstan.Access.SignIn;

namespace Capstan.Server.People;

/// <summary>What the operator says of the OpenID provider.</summary>
/// <param name="Issuer">Its address, exactly as its tokens name it.</param>
/// <param name="ClientId">What this server is called there.</param>
public sealed record OpenIdSettings(Uri Issuer, string ClientId)
{
    /// <summary>A file with the client's secret; absent for a public client.</summary>
    public string? ClientSecretFile { get; init; }

    /// <summary>The claim that names a person.</summary>
    public string UserClaim { get; init; } = "email";

    /// <summary>The claim that lists groups.</summary>
    public string GroupsClaim { get; init; } = "groups";

    /// <summary>What is asked for.</summary>
    public string Scopes { get; init; } = "openid profile email groups";
}

/// <summary>Signs people in by an OpenID provider: the code flow with PKCE (S256), a state and a nonce that are used once and bound to the browser.</summary>
internal sealed class OpenIdProvider : IDisposable
{
    private const int MostStarted = 5000;
    private const int LargestAnswer = 256 * 1024;
    private static readonly TimeSpan LongestSignIn = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan KeysAge = TimeSpan.FromHours(1);
    private static readonly TimeSpan ShortestKeysAge = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<string, Started> _started = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _reading = new(1, 1);
    private readonly OpenIdSettings _settings;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private Known? _known;

    public OpenIdProvider(OpenIdSettings settings, TimeProvider time)
    {
        (_settings, _time) = (settings, time);
        // The operator named the provider; where it would lead to, the operator did not.
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(5) })
        {
            Timeout = TimeSpan.FromSeconds(10),
            MaxResponseContentBufferSize = LargestAnswer,
        };
    }

    private sealed record Started(string Verifier, string Nonce, string Browser, string Next, DateTimeOffset EndsAt);

    private sealed record Known(Uri Authorize, Uri Token, IReadOnlyList<ProviderKey> Keys, long At);

    /// <summary>The name for the button.</summary>
    public string Name => _settings.Issuer.Host;

    /// <summary>Begins a sign-in.</summary>
    /// <param name="callback">Where the provider sends the browser back to.</param>
    /// <param name="browser">A word that only this browser has.</param>
    /// <param name="next">Where to go afterwards.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="OpenIdException">The provider cannot be spoken to.</exception>
    public async Task<string> BeginAsync(Uri callback, string browser, string next, CancellationToken cancellation)
    {
        var known = await KnowAsync(fresh: false, cancellation).ConfigureAwait(false);
        var now = _time.GetUtcNow();
        foreach (var old in _started.Where(s => s.Value.EndsAt < now).ToArray()) _started.TryRemove(old.Key, out _);
        if (_started.Count >= MostStarted) throw new OpenIdException("too many sign-ins are under way; try again in some minutes");
        var (state, started) = (Random(), new Started(Random(), Random(), browser, next, now + LongestSignIn));
        _started[state] = started;
        var challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(started.Verifier)));
        (string, string)[] query =
        [
            ("response_type", "code"), ("client_id", _settings.ClientId), ("redirect_uri", callback.ToString()), ("scope", _settings.Scopes), ("state", state), ("nonce", started.Nonce),
            ("code_challenge", challenge), ("code_challenge_method", "S256"),
        ];
        return known.Authorize + (known.Authorize.Query.Length > 0 ? "&" : "?") + string.Join('&', query.Select(q => $"{q.Item1}={Uri.EscapeDataString(q.Item2)}"));
    }

    /// <summary>Ends a sign-in with what the browser brings back.</summary>
    /// <exception cref="OpenIdException">Nobody is signed in; the message says why.</exception>
    public async Task<(Principal Principal, string Next)> EndAsync(string state, string code, string? issuer, Uri callback, string? browser, CancellationToken cancellation)
    {
        if (!_started.TryRemove(state, out var started) || started.EndsAt < _time.GetUtcNow()) throw new OpenIdException("this sign-in is not known, was used already, or took too long");
        if (browser is null || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(browser), Encoding.UTF8.GetBytes(started.Browser))) throw new OpenIdException("this sign-in was begun in another browser");
        // RFC 9207: an answer that names another provider was meant for another sign-in.
        if (issuer is not null && issuer != Issuer) throw new OpenIdException("the answer comes from another provider");
        var known = await KnowAsync(fresh: false, cancellation).ConfigureAwait(false);
        var token = await ExchangeAsync(known, code, started.Verifier, callback, cancellation).ConfigureAwait(false);
        var rules = new IdTokenRules(Issuer, _settings.ClientId, started.Nonce, _settings.UserClaim, _settings.GroupsClaim);
        var (principal, problem) = IdTokens.Check(token, known.Keys, rules, _time.GetUtcNow());
        if (problem == "its key is none of the provider's")
        {
            // Providers change their keys: look once more, but not at every forged token.
            known = await KnowAsync(fresh: true, cancellation).ConfigureAwait(false);
            (principal, problem) = IdTokens.Check(token, known.Keys, rules, _time.GetUtcNow());
        }
        return (principal ?? throw new OpenIdException($"the provider's token is not believed: {problem}"), started.Next);
    }

    public void Dispose()
    {
        _http.Dispose();
        _reading.Dispose();
    }

    private string Issuer => _settings.Issuer.OriginalString;

    private async Task<string> ExchangeAsync(Known known, string code, string verifier, Uri callback, CancellationToken cancellation)
    {
        var form = new Dictionary<string, string> { ["grant_type"] = "authorization_code", ["code"] = code, ["redirect_uri"] = callback.ToString(), ["client_id"] = _settings.ClientId, ["code_verifier"] = verifier };
        using var request = new HttpRequestMessage(HttpMethod.Post, known.Token) { Content = new FormUrlEncodedContent(form) };
        if (_settings.ClientSecretFile is { } file)
        {
            var secret = (await File.ReadAllTextAsync(file, cancellation).ConfigureAwait(false)).Trim();
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(_settings.ClientId)}:{Uri.EscapeDataString(secret)}")));
        }
        using var answer = await AskAsync(request, "token", cancellation).ConfigureAwait(false);
        return Text(answer.RootElement, "id_token") ?? throw new OpenIdException("the provider gave no id token");
    }

    private async Task<Known> KnowAsync(bool fresh, CancellationToken cancellation)
    {
        await _reading.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_known is { } known && _time.GetElapsedTime(known.At) < (fresh ? ShortestKeysAge : KeysAge)) return known;
            using var discovery = await GetAsync(new Uri(Issuer.TrimEnd('/') + "/.well-known/openid-configuration"), "configuration", cancellation).ConfigureAwait(false);
            if (Text(discovery.RootElement, "issuer") != Issuer) throw new OpenIdException($"{Issuer}: calls itself {Text(discovery.RootElement, "issuer")}; both must be the same to the letter");
            using var set = await GetAsync(Address(discovery.RootElement, "jwks_uri"), "keys", cancellation).ConfigureAwait(false);
            var keys = set.RootElement.TryGetProperty("keys", out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().Take(50).Select(ProviderKey.Read).OfType<ProviderKey>().ToArray() : [];
            return _known = new Known(Address(discovery.RootElement, "authorization_endpoint"), Address(discovery.RootElement, "token_endpoint"), keys, _time.GetTimestamp());
        }
        finally
        {
            _reading.Release();
        }
    }

    // In the clear only to this machine: everything that follows from here is believed.
    private Uri Address(JsonElement discovery, string name) =>
        Uri.TryCreate(Text(discovery, name), UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || (url.IsLoopback && _settings.Issuer.IsLoopback && url.Scheme == Uri.UriSchemeHttp))
            ? url
            : throw new OpenIdException($"{Issuer}: {name} is no https address");

    private async Task<JsonDocument> GetAsync(Uri url, string what, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        return await AskAsync(request, what, cancellation).ConfigureAwait(false);
    }

    private async Task<JsonDocument> AskAsync(HttpRequestMessage request, string what, CancellationToken cancellation)
    {
        try
        {
            using var answer = await _http.SendAsync(request, cancellation).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode) throw new OpenIdException($"{Issuer}: refused ({what}): HTTP {(int)answer.StatusCode}");
            return JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false));
        }
        catch (Exception e) when (e is HttpRequestException or JsonException || (e is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new OpenIdException($"{Issuer}: gave no usable answer ({what})", e);
        }
    }

    // Half of a surrogate pair is no text.
    private static string? Text(JsonElement element, string name)
    {
        try
        {
            return element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
}

/// <summary>Nobody was signed in by the provider; the message is fit for the person.</summary>
internal sealed class OpenIdException(string message, Exception? inner = null) : Exception(message, inner);
