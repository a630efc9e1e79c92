using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Capstan.GitHost.Repositories;

namespace Capstan.GitHost.Tests;

/// <summary>What clients send that no git would.</summary>
public sealed class WireTests
{
    private static readonly string Zero = new('0', 40);

    private static async Task<HttpResponseMessage> SendAsync(GitHostFixture host, HttpMethod method, string path, HttpContent? content = null, string? token = null, string? protocol = null)
    {
        using var client = new HttpClient(new SocketsHttpHandler());
        var request = new HttpRequestMessage(method, new Uri(host.Address, path)) { Content = content };
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("any:" + token)));
        }

        if (protocol is not null)
        {
            request.Headers.TryAddWithoutValidation("Git-Protocol", protocol);
        }

        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static ByteArrayContent Body(byte[] bytes, string service, string? encoding = null)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue($"application/x-{service}-request");
        if (encoding is not null)
        {
            content.Headers.ContentEncoding.Add(encoding);
        }

        return content;
    }

    private static byte[] Text(string text) => Encoding.ASCII.GetBytes(text);

    private static string Line(string text) => $"{text.Length + 4:x4}{text}";

    private static byte[] Delete(string reference, string old) => Text(Line($"{old} {Zero} {reference}\0 report-status delete-refs") + "0000");

    private static async Task<string> SeedAsync(GitHostFixture host)
    {
        var work = await host.NewWorkAsync("seed");
        await host.GitAsync(work, "push", "-q", host.UrlWithToken("shop"), "main", "main:refs/heads/side");
        return (await host.GitAsync(work, "rev-parse", "HEAD")).Trim();
    }

    private static Task<string> RefsAsync(GitHostFixture host) => host.GitAsync(host.Store.PathTo(RepositoryName.Parse("shop")), "for-each-ref");

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
        await SeedAsync(host);
        foreach (var token in (string?[])[null, "wrong-token-wrong-token"])
        {
            using var answer = await SendAsync(host, new HttpMethod(method), path, token: token);
            Assert.Equal(expected, answer.StatusCode);
            Assert.StartsWith("Basic realm=", answer.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Anonymous_reading_never_opens_writing_whatever_the_query_says()
    {
        await using var host = await GitHostFixture.StartAsync(anonymous: true);
        var commit = await SeedAsync(host);
        Assert.Contains(commit, await host.GitAsync(host.Folder, "ls-remote", host.Url("shop")), StringComparison.Ordinal);
        var before = await RefsAsync(host);
        foreach (var query in (string[])["", "?service=git-upload-pack", "?service=git-receive-pack"])
        {
            using var answer = await SendAsync(host, HttpMethod.Post, "/git/shop.git/git-receive-pack" + query, Body(Delete("refs/heads/side", commit), "git-receive-pack"));
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }

        using var advertised = await SendAsync(host, HttpMethod.Get, "/git/shop.git/info/refs?service=git-receive-pack");
        Assert.Equal(HttpStatusCode.Unauthorized, advertised.StatusCode);
        Assert.Equal(before, await RefsAsync(host));
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
        await SeedAsync(host);
        using var answer = await SendAsync(host, HttpMethod.Get, path, token: host.Token);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?service=git-upload-archive")]
    [InlineData("?service=git-upload-pack&service=git-receive-pack")]
    public async Task The_dumb_protocol_and_unknown_services_are_off(string query)
    {
        await using var host = await GitHostFixture.StartAsync();
        await SeedAsync(host);
        using var answer = await SendAsync(host, HttpMethod.Get, "/git/shop.git/info/refs" + query, token: host.Token);
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
        await SeedAsync(host);
        var before = await RefsAsync(host);
        using var answer = await SendAsync(host, HttpMethod.Post, "/git/shop.git/git-receive-pack", Body(Text(text), "git-receive-pack"), host.Token);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(before, await RefsAsync(host));
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
        var commit = await SeedAsync(host);
        using var answer = await SendAsync(host, HttpMethod.Post, "/git/shop.git/git-upload-pack", Body(Text(text), "git-upload-pack"), host.Token);
        var said = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode == HttpStatusCode.BadRequest || said.Contains("ERR", StringComparison.Ordinal), $"{answer.StatusCode} {said}");
        Assert.Contains(commit, await host.GitAsync(host.Folder, "ls-remote", host.UrlWithToken("shop")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_is_shorter_than_it_says_changes_nothing()
    {
        await using var host = await GitHostFixture.StartAsync();
        var commit = await SeedAsync(host);
        var before = await RefsAsync(host);
        var body = Delete("refs/heads/side", commit);
        var head = $"POST /git/shop.git/git-receive-pack HTTP/1.1\r\nHost: {host.Address.Authority}\r\nAuthorization: Basic {Convert.ToBase64String(Text("a:" + host.Token))}\r\n"
            + $"Content-Type: application/x-git-receive-pack-request\r\nContent-Length: {body.Length + 10}\r\nConnection: close\r\n\r\n";
        using var client = new TcpClient();
        await client.ConnectAsync(host.Address.Host, host.Address.Port, TestContext.Current.CancellationToken);
        var stream = client.GetStream();
        await stream.WriteAsync(Text(head), TestContext.Current.CancellationToken);
        await stream.WriteAsync(body, TestContext.Current.CancellationToken);
        client.Client.Shutdown(SocketShutdown.Send);
        using var reader = new StreamReader(stream);
        var answer = await ReadOrNothingAsync(reader);
        Assert.DoesNotContain("200 OK", answer, StringComparison.Ordinal);
        Assert.Equal(before, await RefsAsync(host));
        Assert.Equal(2, host.Observer.Events.Sum(push => push.Updates.Count));
    }

    [Fact]
    public async Task Compressed_requests_are_expanded_and_damaged_or_bomb_like_ones_refused()
    {
        await using var host = await GitHostFixture.StartAsync(new GitHostOptions { MaxFetchRequestBytes = 1 << 20, MaxPushBytes = 1 << 20 });
        await host.Store.CreateAsync(RepositoryName.Parse("shop"), TestContext.Current.CancellationToken);
        var commit = await SeedAsync(host);
        var before = await RefsAsync(host);
        var packed = Gzip(Delete("refs/heads/side", commit));
        foreach (var (bytes, expected) in ((byte[], HttpStatusCode)[])
        [
            (packed[..^6], HttpStatusCode.BadRequest),
            (Text("not gzip at all"), HttpStatusCode.BadRequest),
            ([], HttpStatusCode.BadRequest),
            (Gzip(new byte[64 << 20]), HttpStatusCode.RequestEntityTooLarge),
        ])
        {
            using var refused = await SendAsync(host, HttpMethod.Post, "/git/shop.git/git-receive-pack", Body(bytes, "git-receive-pack", "gzip"), host.Token);
            Assert.Equal(expected, refused.StatusCode);
            Assert.Equal(before, await RefsAsync(host));
        }

        using var answer = await SendAsync(host, HttpMethod.Post, "/git/shop.git/git-receive-pack", Body(packed, "git-receive-pack", "gzip"), host.Token);
        Assert.Contains("ok refs/heads/side", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.DoesNotContain("refs/heads/side", await RefsAsync(host), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("version=2\u0001", HttpStatusCode.BadRequest)]
    [InlineData("version=2;rm -rf", HttpStatusCode.BadRequest)]
    [InlineData("version=99", HttpStatusCode.OK)]
    [InlineData("version=2", HttpStatusCode.OK)]
    public async Task The_protocol_header_is_checked_before_it_becomes_environment(string header, HttpStatusCode expected)
    {
        await using var host = await GitHostFixture.StartAsync();
        await SeedAsync(host);
        using var answer = await SendAsync(host, HttpMethod.Get, "/git/shop.git/info/refs?service=git-upload-pack", token: host.Token, protocol: header);
        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task A_huge_protocol_header_is_refused()
    {
        await using var host = await GitHostFixture.StartAsync();
        using var answer = await SendAsync(host, HttpMethod.Get, "/git/shop.git/info/refs?service=git-upload-pack", token: host.Token, protocol: "version=2:" + new string('a', 5000));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Theory]
    [InlineData("refs/heads/../x")]
    [InlineData("refs/heads/a..b")]
    [InlineData("refs/heads/x.lock")]
    [InlineData("refs/heads/@{u}")]
    [InlineData("refs/heads/a b")]
    [InlineData("../../outside")]
    [InlineData("HEAD")]
    [InlineData("refs/heads/main/below")]
    public async Task Ref_names_that_git_does_not_allow_are_refused_one_by_one(string reference)
    {
        await using var host = await GitHostFixture.StartAsync();
        var commit = await SeedAsync(host);
        var before = await RefsAsync(host);

        // A pack without objects, with its checksum.
        var pack = Convert.FromHexString("5041434b0000000200000000029d08823bd8a8eab510ad6ac75c823cfd3ed31e");
        byte[] body = [.. Text(Line($"{Zero} {commit} {reference}\0 report-status") + "0000"), .. pack];
        using var answer = await SendAsync(host, HttpMethod.Post, "/git/shop.git/git-receive-pack", Body(body, "git-receive-pack"), host.Token);
        var said = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain("ok " + reference, said, StringComparison.Ordinal);
        Assert.Equal(before, await RefsAsync(host));
        await host.FsckAsync("shop");
    }

    [Fact]
    public async Task A_damaged_pack_leaves_neither_refs_nor_objects()
    {
        await using var host = await GitHostFixture.StartAsync();
        var commit = await SeedAsync(host);
        var before = await RefsAsync(host);
        foreach (var pack in (byte[][])[Text("PACK garbage"), [], [0x50, 0x41, 0x43, 0x4b, 0, 0, 0, 2, 0xff, 0xff, 0xff, 0xff]])
        {
            byte[] body = [.. Text(Line($"{Zero} {commit[..39]}0 refs/heads/new\0 report-status") + "0000"), .. pack];
            using var answer = await SendAsync(host, HttpMethod.Post, "/git/shop.git/git-receive-pack", Body(body, "git-receive-pack"), host.Token);
            var said = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.DoesNotContain("ok refs/heads/new", said, StringComparison.Ordinal);
        }

        Assert.Equal(before, await RefsAsync(host));
        await host.FsckAsync("shop");
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

    private static byte[] Gzip(byte[] bytes)
    {
        var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return stream.ToArray();
    }
}
