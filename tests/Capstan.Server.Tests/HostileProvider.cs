using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Capstan.Testing;

namespace Capstan.Server.Tests;

/// <summary>An OpenID provider of our own that signs in whom the test says, and lies in every way that the test wants.</summary>
internal sealed class HostileProvider : IAsyncDisposable
{
    private readonly HttpListener _listener;
    private readonly RSA _key = RSA.Create(2048);
    private readonly Task _serving;
    private readonly Dictionary<string, (string Challenge, string Nonce)> _codes = [];

    public HostileProvider()
    {
        (_listener, Issuer) = LoopbackListener.Open();
        _serving = ServeAsync();
    }

    public string Issuer { get; }

    /// <summary>Changes the claims before they are signed.</summary>
    public Action<JsonObject> Claims { get; set; } = _ => { };

    /// <summary>Changes the header before it is signed.</summary>
    public Action<JsonObject> Header { get; set; } = _ => { };

    /// <summary>Changes the finished token.</summary>
    public Func<string, string> Token { get; set; } = token => token;

    /// <summary>Signs with something else than the key that is published.</summary>
    public Func<byte[], byte[]>? Sign { get; set; }

    /// <summary>Whether the code is exchanged without a look at the verifier, as careless providers do.</summary>
    public bool ForgetsPkce { get; set; }

    /// <summary>The key that is published, as others see it.</summary>
    public byte[] PublishedKey => _key.ExportSubjectPublicKeyInfo();

    /// <summary>What a browser does there: it is signed in and sent back.</summary>
    public (string Code, string State) Visit(Uri authorize)
    {
        var query = Query(authorize.Query);
        Assert.Equal("code", query["response_type"]);
        Assert.Equal("S256", query["code_challenge_method"]);
        var code = Guid.NewGuid().ToString("N");
        _codes[code] = (query["code_challenge"], query["nonce"]);
        return (code, query["state"]);
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving;
        _key.Dispose();
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext http;
            try
            {
                http = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
            var answer = http.Request.Url!.AbsolutePath switch
            {
                "/.well-known/openid-configuration" => $"{{\"issuer\":\"{Issuer}\",\"authorization_endpoint\":\"{Issuer}/authorize\",\"token_endpoint\":\"{Issuer}/token\",\"jwks_uri\":\"{Issuer}/keys\"}}",
                "/keys" => Keys(),
                "/token" => await ExchangeAsync(http.Request),
                _ => null,
            };
            http.Response.StatusCode = answer is null ? 400 : 200;
            http.Response.ContentType = "application/json";
            await http.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(answer ?? "{\"error\":\"invalid_grant\"}"));
            http.Response.Close();
        }
    }

    private string Keys()
    {
        var key = _key.ExportParameters(false);
        return $"{{\"keys\":[{{\"kty\":\"RSA\",\"use\":\"sig\",\"alg\":\"RS256\",\"kid\":\"one\",\"n\":\"{Base64Url.EncodeToString(key.Modulus)}\",\"e\":\"{Base64Url.EncodeToString(key.Exponent)}\"}}]}}";
    }

    private async Task<string?> ExchangeAsync(HttpListenerRequest request)
    {
        using var reader = new StreamReader(request.InputStream);
        var form = Query(await reader.ReadToEndAsync());
        if (!_codes.Remove(form["code"], out var known)) return null;
        var verified = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"]))) == known.Challenge;
        if (!verified && !ForgetsPkce) return null;
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var (header, claims) = (new JsonObject { ["alg"] = "RS256", ["kid"] = "one", ["typ"] = "JWT" }, new JsonObject
        {
            ["iss"] = Issuer,
            ["aud"] = "capstan",
            ["sub"] = "1",
            ["email"] = "anna@example.test",
            ["email_verified"] = true,
            ["groups"] = new JsonArray("shop", "system:masters"),
            ["iat"] = now,
            ["exp"] = now + 300,
            ["nonce"] = known.Nonce,
        });
        Header(header);
        Claims(claims);
        var body = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header.ToJsonString()))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()))}";
        var data = Encoding.ASCII.GetBytes(body);
        var signature = Sign is { } sign ? sign(data) : _key.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{{\"id_token\":\"{Token($"{body}.{Base64Url.EncodeToString(signature)}")}\",\"access_token\":\"x\",\"token_type\":\"Bearer\"}}";
    }

    private static Dictionary<string, string> Query(string text) => text.TrimStart('?').Split('&').Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => Uri.UnescapeDataString(p[1].Replace('+', ' ')));
}
