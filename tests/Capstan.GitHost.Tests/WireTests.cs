using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Capstan.GitHost.Repositories;
using Microsoft.Extensions.Logging;
using static Capstan.GitHost.Tests.Wire;

namespace Capstan.GitHost.Tests;

/// <summary>What clients send that no git would.</summary>
public sealed class WireTests
{
    [Theory]
    [InlineData("GET", "/git/shop.git/info/refs?service=git-upload-pack", HttpStatusCode.Unauthorized)]
    [InlineData("GET", "/git/shop.git/info/refs?service=git-receive-pack", HttpStatusCode.Unauthorized)]
    [InlineData("POST", "/git/shop.git/git-upload-pack", HttpStatusCode.Unauthorized)]
    [InlineData("POST", "/git/shop.git/git-receive-pack", HttpStatusCode.Unauthorized)]
    [InlineData("GET", "/git/unknown.git/info/refs?service=git-upload-pack", HttpStatusCode.Unauthorized)]
    [InlineData("GET", "/git/anything/else", HttpStatusCode.Unauthorized)]
    public async Task Every_route_asks_for_a_credential_whether_the_repository_is_there_or_not(string method, string path, HttpStatusCode expected)
    {
        await using var host = await GitHostFixture.StartAsync();
        await host.SeedAsync();
        foreach (var token in (string?[])[null, "wrong-token-wrong-token"])
        {
            using var answer = await host.SendAsync(new HttpMethod(method), path, token: token);
            Assert.Equal(expected, answer.StatusCode);
            Assert.StartsWith("Basic realm=", answer.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Anonymous_reading_never_opens_writing_whatever_the_query_says()
    {
        await using var host = await GitHostFixture.StartAsync(anonymous: true);
        var commit = await host.SeedAsync();
        Assert.Contains(commit, await host.GitAsync(host.Folder, "ls-remote", host.Url("shop")), StringComparison.Ordinal);
        var before = await host.RefsAsync();
        foreach (var query in (string[])["", "?service=git-upload-pack", "?service=git-receive-pack"])
        {
            using var answer = await host.SendAsync(HttpMethod.Post, "/git/shop.git/git-receive-pack" + query, Body(Delete("refs/heads/side", commit), "git-receive-pack"));
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }

        using var advertised = await host.SendAsync(HttpMethod.Get, "/git/shop.git/info/refs?service=git-receive-pack");
        Assert.Equal(HttpStatusCode.Unauthorized, advertised.StatusCode);
        Assert.Equal(before, await host.RefsAsync());
    }

    [Theory]
    [InlineData("/git/shop.git/HEAD")]
    [InlineData("/git/shop.git/config")]
    [InlineData("/git/shop.git/objects/info/alternates")]
    [InlineData("/git/shop.git/objects/info/packs")]
    [InlineData("/git/shop.git/git-upload-archive")]
    [InlineData("/git/..%2fshop.git/info/refs?service=git-upload-pack")]
    [InlineData("/git/%2e%2e/shop.git/info/refs?service=git-upload-pack")]
    [InlineData("/git/%252e%252e/shop.git/info/refs?service=git-upload-pack")]
    [InlineData("/git/..%5cshop.git/info/refs?service=git-upload-pack")]
    [InlineData("/git/.template.git/info/refs?service=git-upload-pack")]
    [InlineData("/git/.incoming/x.git/info/refs?service=git-upload-pack")]
    [InlineData("/git/SHOP.git/info/refs?service=git-upload-pack")]
    [InlineData("/git/shop.git.git/info/refs?service=git-upload-pack")]
    public async Task Paths_that_are_not_smart_http_on_a_repository_are_not_there(string path)
    {
        await using var host = await GitHostFixture.StartAsync();
        await host.SeedAsync();
        using var answer = await host.SendAsync(HttpMethod.Get, path, token: host.Token);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?service=git-upload-archive")]
    [InlineData("?service=git-upload-pack&service=git-receive-pack")]
    public async Task The_dumb_protocol_and_unknown_services_are_off(string query)
    {
        await using var host = await GitHostFixture.StartAsync();
        await host.SeedAsync();
        using var answer = await host.SendAsync(HttpMethod.Get, "/git/shop.git/info/refs" + query, token: host.Token);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Theory]
    [InlineData("001")]
    [InlineData("0001")]
    [InlineData("0003abc")]
    [InlineData("0004")]
    [InlineData("zzzz")]
    [InlineData("fff5")]
    [InlineData("00ff short")]
    [InlineData("0010 not command0000")]
    public async Task Broken_packet_lines_are_refused_and_nothing_is_kept(string text)
    {
        await using var host = await GitHostFixture.StartAsync();
        await host.SeedAsync();
        var before = await host.RefsAsync();
        using var answer = await host.SendAsync(HttpMethod.Post, "/git/shop.git/git-receive-pack", Body(Text(text), "git-receive-pack"), host.Token);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(before, await host.RefsAsync());
        await host.FsckAsync("shop");
    }

    [Theory]
    [InlineData("001")]
    [InlineData("0003abc")]
    [InlineData("zzzz")]
    [InlineData("00ff short")]
    [InlineData("0032want 0123456789012345678901234567890123456789\n00000009done\n")]
    public async Task A_fetch_that_breaks_the_protocol_gets_an_error_and_the_host_lives_on(string text)
    {
        await using var host = await GitHostFixture.StartAsync();
        var commit = await host.SeedAsync();
        using var answer = await host.SendAsync(HttpMethod.Post, "/git/shop.git/git-upload-pack", Body(Text(text), "git-upload-pack"), host.Token);
        var said = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode == HttpStatusCode.BadRequest || said.Contains("ERR", StringComparison.Ordinal), $"{answer.StatusCode} {said}");
        Assert.Contains(commit, await host.GitAsync(host.Folder, "ls-remote", host.UrlWithToken("shop")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_is_shorter_than_it_says_changes_nothing()
    {
        await using var host = await GitHostFixture.StartAsync();
        var commit = await host.SeedAsync();
        var before = await host.RefsAsync();
        var body = Delete("refs/heads/side", commit);
        var answer = await SendRawAsync(host, $"Content-Length: {body.Length + 10}", Encoding.ASCII.GetString(body), cutOff: true);
        Assert.DoesNotContain("200 OK", answer, StringComparison.Ordinal);
        Assert.Equal(before, await host.RefsAsync());
        Assert.Equal(2, host.Observer.Events.Sum(push => push.Updates.Count));
    }

    [Fact]
    public async Task Compressed_requests_are_expanded_and_damaged_or_bomb_like_ones_refused()
    {
        await using var host = await GitHostFixture.StartAsync(new GitHostOptions { MaxFetchRequestBytes = 1 << 20, MaxPushBytes = 1 << 20 });
        await host.Store.CreateAsync(RepositoryName.Parse("shop"), TestContext.Current.CancellationToken);
        var commit = await host.SeedAsync();
        var before = await host.RefsAsync();
        var packed = Gzip(Delete("refs/heads/side", commit));
        foreach (var (bytes, expected) in ((byte[], HttpStatusCode)[])
        [
            (packed[..^6], HttpStatusCode.BadRequest),
            (Text("not gzip at all"), HttpStatusCode.BadRequest),
            ([], HttpStatusCode.BadRequest),
            (Gzip(new byte[64 << 20]), HttpStatusCode.RequestEntityTooLarge),
        ])
        {
            using var refused = await host.SendAsync(HttpMethod.Post, "/git/shop.git/git-receive-pack", Body(bytes, "git-receive-pack", "gzip"), host.Token);
            Assert.Equal(expected, refused.StatusCode);
            Assert.Equal(before, await host.RefsAsync());
        }

        using var answer = await host.SendAsync(HttpMethod.Post, "/git/shop.git/git-receive-pack", Body(packed, "git-receive-pack", "gzip"), host.Token);
        Assert.Contains("ok refs/heads/side", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.DoesNotContain("refs/heads/side", await host.RefsAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("version=2\u0001", HttpStatusCode.BadRequest)]
    [InlineData("version=2;rm -rf", HttpStatusCode.BadRequest)]
    [InlineData("version=99", HttpStatusCode.OK)]
    [InlineData("version=2", HttpStatusCode.OK)]
    public async Task The_protocol_header_is_checked_before_it_becomes_environment(string header, HttpStatusCode expected)
    {
        await using var host = await GitHostFixture.StartAsync();
        await host.SeedAsync();
        using var answer = await host.SendAsync(HttpMethod.Get, "/git/shop.git/info/refs?service=git-upload-pack", token: host.Token, protocol: header);
        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task A_huge_protocol_header_is_refused()
    {
        await using var host = await GitHostFixture.StartAsync();
        using var answer = await host.SendAsync(HttpMethod.Get, "/git/shop.git/info/refs?service=git-upload-pack", token: host.Token, protocol: "version=2:" + new string('a', 5000));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task A_chunked_request_that_is_cut_off_changes_nothing()
    {
        await using var host = await GitHostFixture.StartAsync();
        var commit = await host.SeedAsync();
        var before = await host.RefsAsync();
        var body = Delete("refs/heads/side", commit);
        var chunk = $"{body.Length:x}\r\n{Encoding.ASCII.GetString(body)}\r\n";
        Assert.DoesNotContain("200 OK", await SendRawAsync(host, "Transfer-Encoding: chunked", chunk, cutOff: true), StringComparison.Ordinal);
        Assert.Equal(before, await host.RefsAsync());
        Assert.Contains("ok refs/heads/side", await SendRawAsync(host, "Transfer-Encoding: chunked", chunk + "0\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_follows_the_announced_length_is_no_part_of_the_push()
    {
        await using var host = await GitHostFixture.StartAsync();
        var commit = await host.SeedAsync();
        var body = Encoding.ASCII.GetString(Delete("refs/heads/side", commit));
        var answer = await SendRawAsync(host, $"Content-Length: {body.Length}", body + Encoding.ASCII.GetString(Delete("refs/heads/main", commit)));
        Assert.Contains("ok refs/heads/side", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("ok refs/heads/main", answer, StringComparison.Ordinal);
        Assert.Contains("refs/heads/main", await host.RefsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_header_with_NUL_is_refused()
    {
        await using var host = await GitHostFixture.StartAsync();
        Assert.Contains("400 Bad Request", await SendRawAsync(host, "User-Agent: git\0/2.39.5\r\nContent-Length: 4", "0000"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_client_sends_forges_no_line_of_the_log()
    {
        var log = new KeptLog();
        await using var host = await GitHostFixture.StartAsync(log: log);
        await host.SeedAsync();
        using var answer = await host.SendAsync(HttpMethod.Post, "/git/shop.git/git-upload-pack",
            Body(Text(Line("want \u001b[2J\nwarn: all is well") + "0000"), "git-upload-pack"), host.Token);
        var line = Assert.Single(log.Lines);
        Assert.Contains("all is well", line, StringComparison.Ordinal);
        Assert.DoesNotContain(line, char.IsControl);
    }

    [Fact]
    public async Task A_header_of_a_megabyte_is_refused()
    {
        await using var host = await GitHostFixture.StartAsync();
        await host.SeedAsync();
        var answer = await SendRawAsync(host, $"User-Agent: {new string('a', 1 << 20)}\r\nContent-Length: 4", "0000");
        Assert.DoesNotContain("200 OK", answer, StringComparison.Ordinal);
        await host.GitAsync(host.Folder, "ls-remote", host.UrlWithToken("shop"));
    }

    [Fact]
    public async Task Push_options_are_not_offered_and_do_not_get_in()
    {
        await using var host = await GitHostFixture.StartAsync();
        var work = await host.NewWorkAsync("seed");
        var refused = await host.TryGitAsync(work, "push", "-o", new string('x', 10_000), host.UrlWithToken("shop"), "main");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("does not support push options", refused.Errors, StringComparison.Ordinal);
    }

    private static async Task<string> SendRawAsync(GitHostFixture host, string headers, string body, bool cutOff = false)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(host.Address.Host, host.Address.Port, TestContext.Current.CancellationToken);
        var stream = client.GetStream();
        using var reader = new StreamReader(stream);
        try
        {
            await stream.WriteAsync(Text($"POST /git/shop.git/git-receive-pack HTTP/1.1\r\nHost: {host.Address.Authority}\r\n"
                + $"Authorization: Basic {Convert.ToBase64String(Text("a:" + host.Token))}\r\nContent-Type: application/x-git-receive-pack-request\r\n"
                + $"Connection: close\r\n{headers}\r\n\r\n{body}"), TestContext.Current.CancellationToken);
            if (cutOff)
            {
                client.Client.Shutdown(SocketShutdown.Send);
            }
        }
        catch (Exception failure) when (failure is IOException or SocketException)
        {
            // The host has hung up already; what it said is read.
        }

        return await ReadOrNothingAsync(reader);
    }

    // A connection that is reset is an answer too.
    private static async Task<string> ReadOrNothingAsync(StreamReader reader)
    {
        try
        {
            return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            return "";
        }
    }

    private sealed class KeptLog : ILogger<GitHostEndpoints>
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue(formatter(state, exception));
    }
}
