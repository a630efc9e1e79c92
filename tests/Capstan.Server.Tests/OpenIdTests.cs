using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Capstan.Server.Hosting;
using Capstan.Server.People;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.Server.Tests;

/// <summary>A server that believes a provider of our own; and what that provider must not get away with.</summary>
public sealed class OpenIdFixture : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("capstan-oidc-").FullName;

    internal HostileProvider Provider { get; } = new();

    internal CapstanServer Server { get; private set; } = null!;

    internal HttpClient Http { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    public async ValueTask InitializeAsync()
    {
        Server = await CapstanServer.StartAsync(ServerFixture.Settings(_data) with { OpenId = new OpenIdSettings(new Uri(Provider.Issuer), "capstan") }, TimeProvider.System, NullLoggerFactory.Instance,
            TestContext.Current.CancellationToken);
        Http.BaseAddress = Server.Url;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (Server is not null) await Server.DisposeAsync();
        await Provider.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }
}

public sealed class OpenIdTests(OpenIdFixture fixture) : IClassFixture<OpenIdFixture>
{
    [Fact]
    public async Task Somebody_signs_in_by_the_provider_with_name_and_groups_under_their_prefix()
    {
        Reset();
        var (authorize, browser) = await BeginAsync("/account");
        var (code, state) = fixture.Provider.Visit(authorize);
        using var done = await EndAsync(code, state, browser);
        Assert.Equal(HttpStatusCode.SeeOther, done.StatusCode);
        Assert.Equal("/account", done.Headers.Location?.OriginalString);
        var session = done.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("capstan_session=", StringComparison.Ordinal)).Split(';')[0];
        using var page = await SendAsync("/account", session);
        var html = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("oidc:anna@example.test", html, StringComparison.Ordinal);
        Assert.Contains("oidc:shop", html, StringComparison.Ordinal);
        Assert.DoesNotContain("system:masters", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sign_in_is_used_once_and_only_in_the_browser_that_began_it()
    {
        Reset();
        var (authorize, browser) = await BeginAsync("/");
        var (code, state) = fixture.Provider.Visit(authorize);
        using var elsewhere = await EndAsync(code, state, "capstan_oidc=another-browser");
        Assert.Equal(HttpStatusCode.Unauthorized, elsewhere.StatusCode);
        using var replayed = await EndAsync(code, state, browser);
        Assert.Equal(HttpStatusCode.Unauthorized, replayed.StatusCode);
        (authorize, browser) = await BeginAsync("/");
        (code, state) = fixture.Provider.Visit(authorize);
        using var without = await EndAsync(code, state, null);
        Assert.Equal(HttpStatusCode.Unauthorized, without.StatusCode);
        (authorize, browser) = await BeginAsync("/");
        (code, state) = fixture.Provider.Visit(authorize);
        using var first = await EndAsync(code, state, browser);
        using var second = await EndAsync(code, state, browser);
        Assert.Equal(HttpStatusCode.SeeOther, first.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, second.StatusCode);
    }

    [Fact]
    public async Task A_code_of_another_sign_in_is_of_no_use()
    {
        Reset();
        fixture.Provider.ForgetsPkce = true;
        var (theirs, _) = await BeginAsync("/");
        var (stolen, _) = fixture.Provider.Visit(theirs);
        var (own, browser) = await BeginAsync("/");
        var (_, state) = fixture.Provider.Visit(own);
        using var done = await EndAsync(stolen, state, browser);
        Assert.Equal(HttpStatusCode.Unauthorized, done.StatusCode);
        fixture.Provider.ForgetsPkce = false;
    }

    [Fact]
    public async Task An_answer_that_names_another_provider_is_not_taken()
    {
        Reset();
        var (authorize, browser) = await BeginAsync("/");
        var (code, state) = fixture.Provider.Visit(authorize);
        using var done = await EndAsync(code, state, browser, "&iss=https%3A%2F%2Fother.example");
        Assert.Equal(HttpStatusCode.Unauthorized, done.StatusCode);
    }

    public static TheoryData<string> Lies => [.. Liars.Keys];

    private static readonly Dictionary<string, Action<HostileProvider>> Liars = new()
    {
        ["no signature"] = p => { p.Header = h => h["alg"] = "none"; p.Sign = _ => []; },
        ["the public key as a secret"] = p => { p.Header = h => h["alg"] = "HS256"; p.Sign = d => HMACSHA256.HashData(p.PublishedKey, d); },
        ["another algorithm of the same key"] = p => p.Header = h => h["alg"] = "RS512",
        ["a key of its own in the header"] = p => { p.Header = h => h["jwk"] = new JsonObject { ["kty"] = "RSA" }; p.Sign = SignWithAnother; },
        ["an unknown key"] = p => { p.Header = h => h["kid"] = "two"; p.Sign = SignWithAnother; },
        ["another key"] = p => p.Sign = SignWithAnother,
        ["an extension that must be understood"] = p => p.Header = h => h["crit"] = new JsonArray("x"),
        ["another issuer"] = p => p.Claims = c => c["iss"] = "https://other.example",
        ["an issuer with a slash"] = p => p.Claims = c => c["iss"] = p.Issuer + "/",
        ["another client"] = p => p.Claims = c => c["aud"] = "other",
        ["several clients and none that it is for"] = p => p.Claims = c => c["aud"] = new JsonArray("capstan", "other"),
        ["no client"] = p => p.Claims = c => c.Remove("aud"),
        ["an end in the past"] = p => p.Claims = c => c["exp"] = 1,
        ["no end"] = p => p.Claims = c => c.Remove("exp"),
        ["an end that is a text"] = p => p.Claims = c => c["exp"] = "9999999999",
        ["a beginning in the future"] = p => p.Claims = c => c["nbf"] = 9_999_999_999,
        ["issued in the future"] = p => p.Claims = c => c["iat"] = 9_999_999_999,
        ["the word of another sign-in"] = p => p.Claims = c => c["nonce"] = "other",
        ["no word"] = p => p.Claims = c => c.Remove("nonce"),
        ["an address that was never proven"] = p => p.Claims = c => c["email_verified"] = false,
        ["nobody"] = p => p.Claims = c => c.Remove("email"),
        ["a name of Kubernetes"] = p => p.Claims = c => c["email"] = "system:masters",
        ["a name with a line break"] = p => p.Claims = c => c["email"] = "a\nb",
        ["two parts"] = p => p.Token = t => t[..t.LastIndexOf('.')],
        ["ten thousand dots"] = p => p.Token = _ => new string('.', 10_000),
        ["a megabyte"] = p => p.Token = _ => new string('a', 200_000),
        ["changed claims"] = p => p.Token = t => t.Split('.') is [var h, _, var s] ? $"{h}.{Convert.ToBase64String(Encoding.UTF8.GetBytes("{\"email\":\"root\"}")).TrimEnd('=')}.{s}" : t,
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task A_provider_that_lies_signs_nobody_in(string lie)
    {
        Reset();
        Liars[lie](fixture.Provider);
        var (authorize, browser) = await BeginAsync("/");
        var (code, state) = fixture.Provider.Visit(authorize);
        using var done = await EndAsync(code, state, browser);
        Assert.Equal(HttpStatusCode.Unauthorized, done.StatusCode);
        Assert.DoesNotContain(done.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies : [], c => c.StartsWith("capstan_session=", StringComparison.Ordinal));
        Reset();
    }

    private void Reset() => (fixture.Provider.Claims, fixture.Provider.Header, fixture.Provider.Token, fixture.Provider.Sign) = (_ => { }, _ => { }, t => t, null);

    private async Task<(Uri Authorize, string Browser)> BeginAsync(string next)
    {
        using var begun = await SendAsync("/sign-in/oidc?next=" + Uri.EscapeDataString(next), null);
        Assert.Equal(HttpStatusCode.Found, begun.StatusCode);
        var cookie = begun.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        return (begun.Headers.Location!, cookie.Split(';')[0]);
    }

    private Task<HttpResponseMessage> EndAsync(string code, string state, string? browser, string more = "") => SendAsync($"/sign-in/oidc/callback?code={code}&state={state}{more}", browser);

    private async Task<HttpResponseMessage> SendAsync(string path, string? cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (cookie is not null) request.Headers.Add("Cookie", cookie);
        return await fixture.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static byte[] SignWithAnother(byte[] data)
    {
        using var key = RSA.Create(2048);
        return key.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }
}
