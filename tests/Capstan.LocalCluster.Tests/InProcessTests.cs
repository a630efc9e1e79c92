using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.LocalCluster.Tests;

/// <summary>Requests from within the process are answered as those over a connection are.</summary>
public sealed class InProcessTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("capstan-in-process-").FullName;
    private readonly ConcurrentQueue<AuditRecord> _audit = new();
    private LocalClusterServer _server = null!;
    private HttpMessageInvoker _direct = null!;
    private HttpMessageInvoker _wire = null!;
    private int _stopped;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await LocalClusterServer.StartAsync(
            new LocalClusterOptions { DataFolder = _folder, Listen = new IPEndPoint(IPAddress.Loopback, 0), Audit = _audit.Enqueue }, TimeProvider.System, NullLoggerFactory.Instance, Cancellation);
        _direct = new HttpMessageInvoker(_server.CreateHandler());
        var sockets = new SocketsHttpHandler();
        sockets.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate!.Issuer == _server.CaCertificate.Subject;
        _wire = new HttpMessageInvoker(sockets);
    }

    public async ValueTask DisposeAsync()
    {
        _direct.Dispose();
        _wire.Dispose();
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("GET", "/version")]
    [InlineData("GET", "/apis")]
    [InlineData("GET", "/api/v1/namespaces/default")]
    [InlineData("GET", "/api/v1/namespaces?limit=-1")]
    [InlineData("GET", "/api/v1/namespaces/default/configmaps/none")]
    [InlineData("GET", "/api/v1/namespaces/default/secrets?labelSelector=a%3Db%2Cc")]
    [InlineData("GET", "/api/v1/namespaces/..%2F..%2Fx/pods")]
    [InlineData("POST", "/api/v1/namespaces/default/configmaps", "{\"metadata\":")]
    [InlineData("PUT", "/nowhere", "{}")]
    [InlineData("HEAD", "/api/v1/namespaces/default")]
    public async Task An_answer_is_the_same_with_and_without_a_connection(string method, string path, string? body = null)
    {
        var (direct, wire) = (await AskAsync(_direct, method, path, body), await AskAsync(_wire, method, path, body));

        Assert.Equal(wire, direct);
    }

    [Fact]
    public async Task Whoever_has_no_valid_token_is_turned_away()
    {
        Assert.StartsWith("401", await AskAsync(_direct, "GET", "/api/v1/namespaces", token: null), StringComparison.Ordinal);
        Assert.StartsWith("401", await AskAsync(_direct, "GET", "/api/v1/namespaces", token: "wrong"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_is_impersonated_has_their_own_rights_and_the_audit_says_who_it_was()
    {
        using var request = Request("POST", "/api/v1/namespaces/default/configmaps", """{"metadata":{"name":"x"}}""");
        request.Headers.Add("Impersonate-User", "anna");

        using var answer = await _direct.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        var told = Assert.Single(_audit);
        Assert.Equal(("anna", "create", "configmaps", 403), (told.User, told.Verb, told.Resource, told.Code));
    }

    [Fact]
    public async Task A_list_larger_than_what_is_held_back_is_read_whole()
    {
        var data = new string('x', 400_000);
        for (var i = 0; i < 5; i++)
        {
            Assert.StartsWith("201", await AskAsync(_direct, "POST", "/api/v1/namespaces/default/configmaps", $$$"""{"metadata":{"name":"c{{{i}}}"},"data":{"v":"{{{data}}}"}}"""), StringComparison.Ordinal);
        }

        Assert.True((await AskAsync(_direct, "GET", "/api/v1/namespaces/default/configmaps", null)).Length > 2_000_000);
    }

    [Fact]
    public async Task A_watch_tells_what_happens_until_its_caller_lets_go()
    {
        using var request = Request("GET", "/api/v1/namespaces/default/configmaps?watch=1", null);
        using (var answer = await _direct.SendAsync(request, Cancellation))
        {
            using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancellation));
            await AskAsync(_direct, "POST", "/api/v1/namespaces/default/configmaps", """{"metadata":{"name":"seen"}}""");
            string? line;
            while ((line = await reader.ReadLineAsync(Cancellation)) is not null && !line.Contains("\"seen\"", StringComparison.Ordinal))
            {
            }

            Assert.NotNull(line);
        }

        // The server would wait for a watch that nobody ended.
        await StopAsync().WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
    }

    [Fact]
    public async Task A_watch_that_is_not_read_is_told_410_when_history_has_moved_on_and_keeps_no_memory_until_then()
    {
        using var request = Request("GET", "/api/v1/namespaces/default/configmaps?watch=1&resourceVersion=1", null);
        using var answer = await _direct.SendAsync(request, Cancellation);
        var data = new string('x', 500_000);
        for (var i = 0; i < 50; i++)
        {
            var made = await AskAsync(_direct, i == 0 ? "POST" : "PUT", i == 0 ? "/api/v1/namespaces/default/configmaps" : "/api/v1/namespaces/default/configmaps/big",
                $$$"""{"metadata":{"name":"big"},"data":{"v":"{{{i}}}{{{data}}}"}}""");
            Assert.StartsWith("20", made, StringComparison.Ordinal);
        }

        var (read, last) = (0L, "");
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancellation));
        while (await reader.ReadLineAsync(Cancellation) is { } line)
        {
            (read, last) = (read + line.Length, line);
        }

        Assert.Contains("\"code\":410", last, StringComparison.Ordinal);
        Assert.True(read < 20_000_000, $"{read} bytes were kept for it");
    }

    [Fact]
    public async Task A_watch_ends_when_the_server_stops()
    {
        using var request = Request("GET", "/api/v1/configmaps?watch=1", null);
        using var answer = await _direct.SendAsync(request, Cancellation);
        using var stream = await answer.Content.ReadAsStreamAsync(Cancellation);
        var reading = stream.CopyToAsync(Stream.Null, Cancellation);

        await StopAsync();

        await reading.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
    }

    [Fact]
    public async Task A_request_that_was_given_up_is_cancelled()
    {
        using var given = new CancellationTokenSource();
        using var request = Request("POST", "/api/v1/namespaces/default/configmaps", null);
        request.Content = new StreamContent(new Endless(given));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _direct.SendAsync(request, given.Token));
    }

    private async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _stopped, 1) == 0)
        {
            await _server.DisposeAsync();
        }
    }

    private HttpRequestMessage Request(string method, string path, string? body, string? token = "")
    {
        var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_server.Address.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        token = token == "" ? File.ReadAllText(Path.Combine(_folder, "pki", "token")).Trim() : token;
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        return request;
    }

    // The status, the type and the body, less what is different each time.
    private async Task<string> AskAsync(HttpMessageInvoker through, string method, string path, string? body = null, string? token = "")
    {
        using var request = Request(method, path, body, token);
        using var answer = await through.SendAsync(request, Cancellation);
        var text = Regex.Replace(await answer.Content.ReadAsStringAsync(Cancellation), "\"resourceVersion\":\"[0-9]+\"", "");
        return $"{(int)answer.StatusCode} {answer.Content.Headers.ContentType} {text}";
    }

    /// <summary>A body that never comes; its first reading gives the request up.</summary>
    private sealed class Endless(CancellationTokenSource given) : MemoryStream([1])
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await given.CancelAsync();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }
    }
}
