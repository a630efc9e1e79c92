using System.Net;
using System.Text.RegularExpressions;
using Capstan.Access.SignIn;

namespace Capstan.Server.Tests;

/// <summary>Browsers: how they get in, what they cannot be made to do, and how they get out.</summary>
public sealed partial class SignInTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task A_token_opens_a_session_that_no_script_and_no_other_site_gets()
    {
        var (cookie, header) = await SignInAsync();
        Assert.Contains("httponly", header, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", header, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("path=/", header, StringComparison.OrdinalIgnoreCase);
        using var page = await GetAsync("/", cookie);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        var policy = page.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("script-src 'self'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Equal("no-store", page.Headers.CacheControl?.ToString());
    }

    [Fact]
    public async Task A_page_that_is_asked_for_before_signing_in_comes_afterwards()
    {
        using var asked = await GetAsync("/applications?search=a%20b", null);
        Assert.Equal(HttpStatusCode.Found, asked.StatusCode);
        Assert.Equal("/sign-in?next=%2Fapplications%3Fsearch%3Da%2520b", asked.Headers.Location?.OriginalString);
        using var done = await PostAsync("/sign-in", null, ("secret", fixture.Server.TokenText), ("next", "/applications?search=a%20b"));
        Assert.Equal("/applications?search=a%20b", done.Headers.Location?.OriginalString);
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("\\/evil.example")]
    [InlineData("https://evil.example")]
    [InlineData("https:evil.example")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/\t/evil.example")]
    [InlineData("/%0d%0aSet-Cookie:x\r\ny")]
    [InlineData("")]
    public async Task Signing_in_never_leads_away(string next)
    {
        using var done = await PostAsync("/sign-in", null, ("secret", fixture.Server.TokenText), ("next", next));
        Assert.Equal(HttpStatusCode.SeeOther, done.StatusCode);
        Assert.Equal("/", done.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task What_changes_something_needs_the_word_that_only_our_pages_know()
    {
        var (cookie, _) = await SignInAsync();
        foreach (var (path, guard) in new[] { ("/repositories", (string?)null), ("/repositories", "wrong"), ("/applications/platform/refresh", null), ("/account/tokens", null), ("/api/v1/repositories", null), ("/sign-out", null) })
        {
            using var refused = guard is null ? await PostAsync(path, cookie, ("name", "forged")) : await PostAsync(path, cookie, ("name", "forged"), ("_guard", guard));
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }
        var (one, other) = (await GuardAsync(cookie), await GuardAsync(cookie));
        Assert.NotEqual(one, other);
        using var done = await PostAsync("/repositories", cookie, ("name", "wanted"), ("_guard", one));
        Assert.Equal(HttpStatusCode.SeeOther, done.StatusCode);
        Assert.Equal("/repositories/wanted", done.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task A_session_that_was_there_before_signing_in_does_not_come_along()
    {
        var (planted, _) = await SignInAsync();
        var (own, _) = await SignInAsync(planted);
        Assert.NotEqual(planted, own);
        using var before = await GetAsync("/", planted);
        Assert.Equal(HttpStatusCode.Found, before.StatusCode);
        var (invented, _) = await SignInAsync("capstan_session=chosen-by-somebody-else");
        Assert.DoesNotContain("chosen-by-somebody-else", invented, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_signs_in_once()
    {
        var link = fixture.Server.SignInLink().PathAndQuery;
        using var prefetched = await fixture.SendAsync("GET", link, null, r => r.Headers.Add("Sec-Purpose", "prefetch"));
        Assert.Equal(HttpStatusCode.NoContent, prefetched.StatusCode);
        using var first = await GetAsync(link, null);
        Assert.Equal("/", first.Headers.Location?.OriginalString);
        using var page = await GetAsync("/account", CookieOf(first).Cookie);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        using var second = await GetAsync(link, null);
        Assert.Equal(HttpStatusCode.Unauthorized, second.StatusCode);
    }

    [Fact]
    public async Task Signing_out_everywhere_ends_every_session_of_that_person()
    {
        var (one, _) = await SignInAsync();
        var (other, _) = await SignInAsync();
        using var done = await PostAsync("/sign-out", one, ("_guard", await GuardAsync(one)), ("everywhere", "true"));
        Assert.Equal("/sign-in", done.Headers.Location?.OriginalString);
        using var page = await GetAsync("/", other);
        Assert.Equal(HttpStatusCode.Found, page.StatusCode);
    }

    [Fact]
    public async Task A_user_signs_in_changes_the_password_and_sees_what_bindings_give()
    {
        var password = await CreateUserAsync("anna", "shop");
        using var done = await PostAsync("/sign-in", null, ("name", "anna"), ("secret", password));
        Assert.Equal(HttpStatusCode.SeeOther, done.StatusCode);
        var cookie = CookieOf(done).Cookie;
        using var hidden = await GetAsync("/applications/platform", cookie);
        Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
        await BindAsync("anna-sees", "group:local:shop", "get", "applications");
        await TokenTests.EventuallyAsync(async () =>
        {
            using var seen = await GetAsync("/applications/platform", cookie);
            return seen.StatusCode == HttpStatusCode.OK;
        });
        using var forbidden = await PostAsync("/applications/platform/refresh", cookie, ("_guard", await GuardAsync(cookie)));
        Assert.Equal(HttpStatusCode.Forbidden, forbidden.StatusCode);
        using var changed = await PostAsync("/account/password", cookie, ("_guard", await GuardAsync(cookie)), ("old", password), ("new", "a much longer password"));
        Assert.Equal(HttpStatusCode.SeeOther, changed.StatusCode);
        using var old = await GetAsync("/account", cookie);
        Assert.Equal(HttpStatusCode.Found, old.StatusCode);
        using var wrong = await PostAsync("/sign-in", null, ("name", "anna"), ("secret", password));
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        using var right = await PostAsync("/sign-in", null, ("name", "anna"), ("secret", "a much longer password"));
        Assert.Equal(HttpStatusCode.SeeOther, right.StatusCode);
    }

    [Fact]
    public async Task A_user_who_is_removed_is_out_at_once_with_tokens_and_sessions()
    {
        var password = await CreateUserAsync("bert");
        using var done = await PostAsync("/sign-in", null, ("name", "bert"), ("secret", password));
        var cookie = CookieOf(done).Cookie;
        using var made = await PostAsync("/account/tokens", cookie, ("_guard", await GuardAsync(cookie)), ("name", "of-bert"), ("days", "7"));
        var token = TokenText().Match(await made.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Value;
        Assert.NotEmpty(token);
        using var works = await fixture.SendAsync("GET", "/api/v1/version", token);
        Assert.Equal(HttpStatusCode.OK, works.StatusCode);
        using var removed = await fixture.SendAsync("DELETE", "/api/v1/users/bert", fixture.Server.TokenText);
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        using var page = await GetAsync("/", cookie);
        Assert.Equal(HttpStatusCode.Found, page.StatusCode);
        using var gone = await fixture.SendAsync("GET", "/api/v1/version", token);
        Assert.Equal(HttpStatusCode.Unauthorized, gone.StatusCode);
    }

    [Fact]
    public async Task Guessing_has_to_wait_also_for_names_that_nobody_has()
    {
        await CreateUserAsync("guessed");
        foreach (var name in new[] { "guessed", "nobody-of-this-name" })
        {
            HttpStatusCode last = default;
            for (var i = 0; i < 7; i++)
            {
                using var answer = await PostAsync("/sign-in", null, ("name", name), ("secret", $"guess {i}"));
                last = answer.StatusCode;
            }
            Assert.Equal(HttpStatusCode.TooManyRequests, last);
        }
    }

    [Fact]
    public async Task What_is_typed_is_never_shown_again_unescaped()
    {
        const string Evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";
        var (cookie, _) = await SignInAsync();
        foreach (var path in new[] { "/applications?search=", "/applications?project=", "/applications?label=", "/activity?who=", "/applications/", "/repositories/", "/repositories/platform?at=main&path=", "/sign-in?next=/" })
        {
            using var page = await GetAsync(path + Uri.EscapeDataString(Evil), cookie);
            var html = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
            Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        }
    }

    private async Task<string> CreateUserAsync(string name, string? group = null)
    {
        using var made = await fixture.SendAsync("POST", "/api/v1/users", fixture.Server.TokenText,
            r => r.Content = new StringContent($"{{\"name\":\"{name}\"{(group is null ? "" : $",\"groups\":[\"{group}\"]")}}}", System.Text.Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        using var json = System.Text.Json.JsonDocument.Parse(await made.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var password = json.RootElement.GetProperty("password").GetString()!;
        Assert.True(password.Length >= Passwords.Shortest);
        return password;
    }

    private async Task BindAsync(string name, string subject, string verb, string resource) => await fixture.Cluster.CreateAsync(new Resources.KubernetesObject((Yaml.YamlMap)Yaml.YamlText.ReadOne($$"""
        apiVersion: capstan.dev/v1alpha1
        kind: AccessBinding
        metadata: {name: {{name}}, namespace: capstan}
        spec:
          subjects: ["{{subject}}"]
          rules: [{verbs: [{{verb}}], resources: [{{resource}}]}]
        """)), null, TestContext.Current.CancellationToken);

    private async Task<(string Cookie, string Header)> SignInAsync(string? before = null)
    {
        using var done = await PostAsync("/sign-in", before, ("secret", fixture.Server.TokenText));
        Assert.Equal(HttpStatusCode.SeeOther, done.StatusCode);
        return CookieOf(done);
    }

    private static (string Cookie, string Header) CookieOf(HttpResponseMessage answer)
    {
        var header = answer.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("capstan_session=", StringComparison.Ordinal));
        return (header[..header.IndexOf(';', StringComparison.Ordinal)], header);
    }

    private async Task<string> GuardAsync(string cookie)
    {
        using var page = await GetAsync("/account", cookie);
        return Guard().Match(await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Groups[1].Value;
    }

    private Task<HttpResponseMessage> GetAsync(string path, string? cookie) => fixture.SendAsync("GET", path, null, r =>
    {
        if (cookie is not null) r.Headers.Add("Cookie", cookie);
    });

    private Task<HttpResponseMessage> PostAsync(string path, string? cookie, params (string, string)[] form) => fixture.SendAsync("POST", path, null, r =>
    {
        if (cookie is not null) r.Headers.Add("Cookie", cookie);
        r.Content = new FormUrlEncodedContent(form.Select(f => KeyValuePair.Create(f.Item1, f.Item2)));
    });

    [GeneratedRegex("name=\"_guard\" value=\"([^\"]+)\"", RegexOptions.NonBacktracking)]
    private static partial Regex Guard();

    [GeneratedRegex("capt_[0-9a-f]{16}_[A-Za-z0-9_-]+", RegexOptions.NonBacktracking)]
    private static partial Regex TokenText();
}
