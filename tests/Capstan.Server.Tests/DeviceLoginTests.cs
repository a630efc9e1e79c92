using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Capstan.Access.SignIn;
using Capstan.Cli;
using Capstan.Cli.Hosting;
using Capstan.Testing;

namespace Capstan.Server.Tests;

/// <summary>A program is signed in by a person with a browser, and by nobody else.</summary>
public sealed partial class DeviceLoginTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_is_allowed_in_the_browser_gets_a_token_once_and_it_opens_the_API()
    {
        var (secret, code) = await BeginAsync();
        Assert.Equal("pending", (await AskAsync(secret)).GetProperty("state").GetString());
        using var answered = await AnswerAsync(code, "allow");
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
        var token = (await AskAsync(secret)).GetProperty("token").GetString()!;
        using var opened = await fixture.SendAsync("GET", "/api/v1/applications", token);
        Assert.Equal(HttpStatusCode.OK, opened.StatusCode);
        using var again = await PostAsync("/api/v1/device-logins/token", new { secret });
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
    }

    [Fact]
    public async Task Who_is_refused_gets_none()
    {
        var (secret, code) = await BeginAsync();
        using var answered = await AnswerAsync(code, "refuse");
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
        var state = await AskAsync(secret);
        Assert.Equal("refused", state.GetProperty("state").GetString());
        Assert.False(state.TryGetProperty("token", out _));
    }

    [Fact]
    public async Task Nobody_answers_without_being_signed_in_or_without_the_word_of_the_page()
    {
        var (secret, code) = await BeginAsync();
        using var anonymous = await fixture.SendAsync("POST", "/device", change: r => r.Content = Form(("code", code), ("answer", "allow")));
        Assert.Equal(HttpStatusCode.Found, anonymous.StatusCode);
        var cookie = await SignInAsync();
        using var forged = await fixture.SendAsync("POST", "/device", change: r => (r.Content, _) = (Form(("code", code), ("answer", "allow")), r.Headers.TryAddWithoutValidation("Cookie", cookie)));
        Assert.Equal(HttpStatusCode.Forbidden, forged.StatusCode);
        Assert.Equal("pending", (await AskAsync(secret)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task The_page_says_who_asks_as_text_and_not_as_tags()
    {
        var (_, code) = await BeginAsync("<script>alert(1)</script>");
        using var page = await fixture.SendAsync("GET", "/device?code=" + code, fixture.Server.TokenText);
        var html = await page.Content.ReadAsStringAsync(Stop);
        Assert.Contains("&lt;script&gt;alert(1)", html, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("BCDF-GHJK")]
    [InlineData("%00")]
    public async Task A_code_that_nobody_has_finds_nothing(string code)
    {
        using var page = await fixture.SendAsync("GET", "/device?code=" + code, fixture.Server.TokenText);
        Assert.DoesNotContain("value=\"allow\"", await page.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public void Requests_end_by_themselves_and_one_address_cannot_fill_the_book()
    {
        var clock = new FakeClock();
        var book = new DeviceLogins(clock);
        var (secret, login) = book.Begin("here", "10.0.0.1")!.Value;
        Assert.NotNull(book.Find(login.UserCode.ToLowerInvariant().Replace("-", " ", StringComparison.Ordinal)));
        while (book.Begin("here", "10.0.0.1") is not null) clock.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(book.Begin("there", "10.0.0.2"));
        clock.Advance(DeviceLogins.Lifetime);
        Assert.Equal(DeviceState.Unknown, book.Ask(secret).State);
        Assert.Null(book.Find(login.UserCode));
        Assert.NotNull(book.Begin("here", "10.0.0.1"));
    }

    [Fact]
    public async Task The_command_waits_for_the_browser_keeps_the_token_for_this_server_alone_and_forgets_it_when_asked()
    {
        var home = Directory.CreateTempSubdirectory("capstan-login-").FullName;
        try
        {
            var (said, printed) = (new StringWriter(), new StringWriter());
            var context = Context(home, said, printed);
            string[] server = ["--server", fixture.Server.Url.ToString(), "--data", Path.Combine(home, "none")];
            var running = CommandLine.RunAsync(["login", .. server], context, Stop);
            var deadline = TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(60);
            while (!Code().IsMatch(said.ToString()) && TimeProvider.System.GetUtcNow() < deadline) await Task.Delay(20, Stop);
            using var answered = await AnswerAsync(Code().Match(said.ToString()).Groups[1].Value, "allow");
            Assert.Equal(ExitCodes.Fine, await running);
            var file = Path.Combine(home, "capstan", "logins.json");
            if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            Assert.Equal(ExitCodes.Fine, await CommandLine.RunAsync(["get", "apps", .. server], context, Stop));
            Assert.Equal(ExitCodes.Fine, await CommandLine.RunAsync(["login", "--forget", .. server], context, Stop));
            Assert.Equal(ExitCodes.NotAllowed, await CommandLine.RunAsync(["get", "apps", .. server], context, Stop));
        }
        finally
        {
            Directory.Delete(home, recursive: true);
        }
    }

    private static CliContext Context(string home, TextWriter said, TextWriter printed) => new()
    {
        Out = printed,
        Error = said,
        Host = new NoHost(),
        Version = "capstan test",
        Environment = name => name == "XDG_CONFIG_HOME" ? home : null,
    };

    private async Task<(string Secret, string Code)> BeginAsync(string program = "laptop")
    {
        using var begun = await PostAsync("/api/v1/device-logins", new { program });
        Assert.Equal(HttpStatusCode.Created, begun.StatusCode);
        var body = await begun.Content.ReadFromJsonAsync<JsonElement>(Stop);
        return (body.GetProperty("secret").GetString()!, body.GetProperty("userCode").GetString()!);
    }

    private async Task<JsonElement> AskAsync(string secret)
    {
        using var asked = await PostAsync("/api/v1/device-logins/token", new { secret });
        return await asked.Content.ReadFromJsonAsync<JsonElement>(Stop);
    }

    private Task<HttpResponseMessage> PostAsync(string path, object body) => fixture.SendAsync("POST", path, change: r => r.Content = JsonContent.Create(body));

    private async Task<HttpResponseMessage> AnswerAsync(string code, string answer)
    {
        var cookie = await SignInAsync();
        using var page = await fixture.SendAsync("GET", "/device?code=" + code, change: r => r.Headers.TryAddWithoutValidation("Cookie", cookie));
        var guard = Guard().Match(await page.Content.ReadAsStringAsync(Stop)).Groups[1].Value;
        return await fixture.SendAsync("POST", "/device", change: r => (r.Content, _) = (Form(("_guard", guard), ("code", code), ("answer", answer)), r.Headers.TryAddWithoutValidation("Cookie", cookie)));
    }

    private async Task<string> SignInAsync()
    {
        using var done = await fixture.SendAsync("POST", "/sign-in", change: r => r.Content = Form(("secret", fixture.Server.TokenText)));
        return done.Headers.GetValues("Set-Cookie").First().Split(';')[0];
    }

    private static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) => new(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)));

    [GeneratedRegex("name=\"_guard\" value=\"([^\"]+)\"")]
    private static partial Regex Guard();

    [GeneratedRegex("whose code is ([A-Z]{4}-[A-Z]{4})")]
    private static partial Regex Code();

    private sealed class NoHost : IServerHost
    {
        public Task<IRunningServer> StartAsync(UpSettings settings, Action<string> progress, CancellationToken cancellation) => throw new NotSupportedException();

        public Task RunAgentAsync(AgentSettings settings, Action<string> progress, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<string> CheckBackupAsync(string file, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<string> RestoreAsync(string file, string data, CancellationToken cancellation) => throw new NotSupportedException();
    }
}
