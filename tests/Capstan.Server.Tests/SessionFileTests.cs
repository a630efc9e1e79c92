using System.Net;
using System.Text.RegularExpressions;
using Capstan.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.Server.Tests;

/// <summary>Sessions and the restart of the server.</summary>
public sealed partial class SessionFileTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("capstan-sessions-").FullName;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task Who_is_signed_in_is_so_after_a_restart_and_who_signed_out_is_not()
    {
        string kept, ended;
        await using (var first = await StartAsync())
        {
            kept = await SignInAsync(first);
            ended = await SignInAsync(first);
            using var page = await SendAsync(first, HttpMethod.Get, "/account", ended);
            var guard = GuardField().Match(await page.Content.ReadAsStringAsync(Stop)).Groups[1].Value;
            using var done = await SendAsync(first, HttpMethod.Post, "/sign-out", ended, ("_guard", guard));
            Assert.Equal(HttpStatusCode.SeeOther, done.StatusCode);
        }
        var file = Path.Combine(_data, "sessions.json");
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.DoesNotContain(kept[(kept.IndexOf('=', StringComparison.Ordinal) + 1)..], await File.ReadAllTextAsync(file, Stop), StringComparison.Ordinal);
        await using var second = await StartAsync();
        using var back = await SendAsync(second, HttpMethod.Get, "/", kept);
        Assert.Equal(HttpStatusCode.OK, back.StatusCode);
        using var gone = await SendAsync(second, HttpMethod.Get, "/", ended);
        Assert.Equal(HttpStatusCode.Found, gone.StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_session_ends_with_the_token_that_opened_it_and_with_a_file_that_nobody_can_read(bool withToken)
    {
        string cookie;
        await using (var first = await StartAsync()) cookie = await SignInAsync(first);
        if (withToken) File.Delete(Path.Combine(_data, "token"));
        else await File.WriteAllTextAsync(Path.Combine(_data, "sessions.json"), "{ this is no list", Stop);
        await using var second = await StartAsync();
        using var page = await SendAsync(second, HttpMethod.Get, "/", cookie);
        Assert.Equal(HttpStatusCode.Found, page.StatusCode);
    }

    [Fact]
    public async Task Making_a_link_is_written_down_as_that()
    {
        await using var server = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Url, "/api/v1/sign-in-links"));
        request.Headers.Authorization = new("Bearer", server.TokenText);
        using var made = await _http.SendAsync(request, Stop);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        using var page = await SendAsync(server, HttpMethod.Get, "/activity", await SignInAsync(server));
        var html = await page.Content.ReadAsStringAsync(Stop);
        Assert.Contains("made a sign-in link", html, StringComparison.Ordinal);
        Assert.DoesNotContain("created user", html, StringComparison.Ordinal);
    }

    private Task<CapstanServer> StartAsync() => CapstanServer.StartAsync(ServerFixture.Settings(_data), TimeProvider.System, NullLoggerFactory.Instance, Stop);

    private async Task<string> SignInAsync(CapstanServer server)
    {
        using var done = await SendAsync(server, HttpMethod.Post, "/sign-in", null, ("secret", server.TokenText));
        Assert.Equal(HttpStatusCode.SeeOther, done.StatusCode);
        return done.Headers.GetValues("Set-Cookie").First().Split(';')[0];
    }

    private async Task<HttpResponseMessage> SendAsync(CapstanServer server, HttpMethod method, string path, string? cookie, params (string Name, string Value)[] form)
    {
        using var request = new HttpRequestMessage(method, new Uri(server.Url, path));
        if (cookie is not null) request.Headers.Add("Cookie", cookie);
        if (form.Length > 0) request.Content = new FormUrlEncodedContent(form.Select(f => new KeyValuePair<string, string>(f.Name, f.Value)));
        return await _http.SendAsync(request, Stop);
    }

    [GeneratedRegex("name=\"_guard\" value=\"([^\"]+)\"")]
    private static partial Regex GuardField();
}
