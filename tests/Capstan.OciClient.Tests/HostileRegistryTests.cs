using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Capstan.Oci.Content;
using Capstan.Oci.Manifests;
using Capstan.Oci.References;

namespace Capstan.OciClient.Tests;

/// <summary>Registries that fail, lie, or want what is not theirs.</summary>
public class HostileRegistryTests
{
    private static readonly ImageReference At = ImageReference.Parse("registry.example/shop:v1");
    private static readonly byte[] Manifest = """{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"""u8.ToArray();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("https://evil.example/token", false)]
    [InlineData("https://registry.example/token", true)]
    [InlineData("https://registry.example:444/token", false)]
    [InlineData("https://tokens.example/token", true)]
    [InlineData("https://example/token", false)]
    public async Task A_credential_goes_to_the_registrys_own_token_servers_only(string realm, bool shown)
    {
        var seen = new List<(string Url, string? Authorization)>();
        using var handler = new Script(request =>
        {
            seen.Add((request.RequestUri!.ToString(), request.Headers.Authorization?.ToString()));
            if (request.RequestUri.AbsolutePath == "/token") return Json("{\"token\":\"t0ken\"}");
            return request.Headers.Authorization?.Scheme == "Bearer" ? Bytes(Manifest, MediaTypes.ImageIndex) : Challenge($"Bearer realm=\"{realm}\",service=\"s\",scope=\"repository:shop:pull\"");
        });
        using var client = Client(handler);
        await client.GetManifestAsync(At, Stop);
        var asked = Assert.Single(seen, s => s.Url.Contains("/token", StringComparison.Ordinal));
        Assert.Equal(shown, asked.Authorization is not null);
        Assert.Contains("service=s&scope=repository%3Ashop%3Apull", asked.Url, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", string.Join(' ', seen.Select(s => s.Url)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_realm_without_tls_is_not_followed()
    {
        using var handler = new Script(_ => Challenge("Bearer realm=\"http://registry.example/token\""));
        using var client = Client(handler);
        Assert.Equal(RegistryProblem.Refused, (await Assert.ThrowsAsync<RegistryClientException>(() => client.GetManifestAsync(At, Stop))).Problem);
    }

    [Fact]
    public async Task A_redirect_leads_on_without_the_credential_and_never_out_of_tls()
    {
        var blob = new Descriptor { MediaType = "a/b", Digest = Digest.Of("content"u8).ToString(), Size = 7 };
        foreach (var (target, follows) in new[] { ("https://store.example/x", true), ("http://store.example/x", false), ("file:///etc/passwd", false) })
        {
            AuthenticationHeaderValue? sent = null;
            using var handler = new Script(request =>
            {
                if (request.RequestUri!.Host == "store.example")
                {
                    sent = request.Headers.Authorization;
                    return Bytes("content"u8.ToArray(), "application/octet-stream");
                }

                return request.Headers.Authorization is null ? Challenge("Basic realm=\"x\"") : new HttpResponseMessage(HttpStatusCode.TemporaryRedirect) { Headers = { Location = new Uri(target) } };
            });
            using var client = Client(handler);
            if (follows) Assert.Equal("content"u8.ToArray(), await client.ReadBlobAsync(At, blob, 100, Stop));
            else Assert.Equal(RegistryProblem.Refused, (await Assert.ThrowsAsync<RegistryClientException>(() => client.ReadBlobAsync(At, blob, 100, Stop))).Problem);
            Assert.Null(sent);
        }
    }

    [Fact]
    public async Task What_is_not_what_its_digest_says_is_never_whole()
    {
        using var handler = new Script(request => Bytes(request.RequestUri!.AbsolutePath.Contains("/blobs/", StringComparison.Ordinal) ? "c0ntent"u8.ToArray() : Manifest, MediaTypes.ImageIndex));
        using var client = Client(handler);
        var blob = new Descriptor { MediaType = "a/b", Digest = Digest.Of("content"u8).ToString(), Size = 7 };
        Assert.Equal(RegistryProblem.Corrupt, (await Assert.ThrowsAsync<RegistryClientException>(() => client.ReadBlobAsync(At, blob, 100, Stop))).Problem);
        Assert.Equal(RegistryProblem.Corrupt, (await Assert.ThrowsAsync<RegistryClientException>(() => client.GetManifestAsync(At with { Digest = Digest.Of("other"u8) }, Stop))).Problem);
    }

    [Fact]
    public async Task A_blob_that_breaks_off_is_taken_up_where_it_broke()
    {
        var ranges = new List<string?>();
        using var handler = new Script(request =>
        {
            ranges.Add(request.Headers.Range?.ToString());
            var from = (int)(request.Headers.Range?.Ranges.First().From ?? 0);
            return new HttpResponseMessage(from == 0 ? HttpStatusCode.OK : HttpStatusCode.PartialContent) { Content = new StreamContent(new BreakingStream("abcdefghij"u8.ToArray()[from..Math.Min(10, from + 4)])) };
        });
        using var client = Client(handler);
        var blob = new Descriptor { MediaType = "a/b", Digest = Digest.Of("abcdefghij"u8).ToString(), Size = 10 };
        Assert.Equal("abcdefghij"u8.ToArray(), await client.ReadBlobAsync(At, blob, 100, Stop));
        Assert.Equal([null, "bytes=4-", "bytes=8-"], ranges);
    }

    [Fact]
    public async Task A_busy_registry_is_asked_again_a_few_times()
    {
        var count = 0;
        using var handler = new Script(_ => ++count < 3 ? new HttpResponseMessage(HttpStatusCode.TooManyRequests) : Bytes(Manifest, MediaTypes.ImageIndex));
        using var client = Client(handler);
        await client.GetManifestAsync(At, Stop);
        Assert.Equal(3, count);
        using var broken = new Script(_ => new HttpResponseMessage(HttpStatusCode.InternalServerError) { Content = new StringContent("{\"errors\":[{\"code\":\"UNKNOWN\",\"message\":\"disk\"}]}") });
        using var other = Client(broken);
        var failure = await Assert.ThrowsAsync<RegistryClientException>(() => other.GetManifestAsync(At, Stop));
        Assert.True(failure.IsTransient);
        Assert.Equal("registry.example: answers 500 to GET /v2/shop/manifests/v1: UNKNOWN: disk", failure.Message);
    }

    [Fact]
    public async Task A_push_that_breaks_off_begins_a_new_upload()
    {
        var (sessions, bodies) = (0, new List<string>());
        using var handler = new Script(request =>
        {
            if (request.Method == HttpMethod.Head) return new HttpResponseMessage(HttpStatusCode.NotFound);
            if (request.Method == HttpMethod.Post) return new HttpResponseMessage(HttpStatusCode.Accepted) { Headers = { Location = new Uri($"/v2/shop/blobs/uploads/{++sessions}?state=a", UriKind.Relative) } };
            bodies.Add(request.RequestUri!.PathAndQuery);
            return bodies.Count == 1 ? throw new HttpRequestException("broken pipe") : new HttpResponseMessage(HttpStatusCode.Created);
        });
        using var client = Client(handler);
        var blob = await client.PushBlobAsync(At, "a/b", "content"u8.ToArray(), Stop);
        Assert.Equal(2, sessions);
        Assert.Equal($"/v2/shop/blobs/uploads/2?state=a&digest={Uri.EscapeDataString(blob.Digest)}", bodies[^1]);
    }

    [Fact]
    public async Task A_mirror_is_asked_first_and_passed_over_when_it_lies()
    {
        var asked = new List<string>();
        using var handler = new Script(request =>
        {
            asked.Add(request.RequestUri!.Host);
            return Bytes(request.RequestUri.Host == "mirror.example" ? [.. Manifest, (byte)' '] : Manifest, MediaTypes.ImageIndex);
        });
        using var client = new RegistryClient(handler, new RegistryBook(new Dictionary<string, RegistryEntry> { ["registry.example"] = new() { Mirrors = ["mirror.example"] } }), TimeProvider.System);
        Assert.Equal(Manifest, (await client.GetManifestAsync(At with { Digest = Digest.Of(Manifest) }, Stop)).Content.ToArray());
        Assert.Equal(["mirror.example", "registry.example"], asked);
    }

    [Fact]
    public async Task What_is_too_large_or_without_end_is_not_read()
    {
        using var handler = new Script(request => request.RequestUri!.AbsolutePath.EndsWith("list", StringComparison.Ordinal)
            ? WithLink(Json("{\"tags\":[\"a\"]}"), "</v2/shop/tags/list?n=1&last=a>; rel=\"next\"")
            : Bytes(new byte[9 << 20], MediaTypes.ImageIndex));
        using var client = Client(handler);
        Assert.Equal(RegistryProblem.TooLarge, (await Assert.ThrowsAsync<RegistryClientException>(() => client.GetManifestAsync(At, Stop))).Problem);
        Assert.Equal(RegistryProblem.TooLarge, (await Assert.ThrowsAsync<RegistryClientException>(async () => await client.ListTagsAsync(At, Stop).CountAsync(Stop))).Problem);
    }

    [Theory]
    [InlineData("Bearer realm=\"https://a/b\",service=\"c\\\"d\", scope=\"repository:x:pull,push\"", "bearer|realm=https://a/b|service=c\"d|scope=repository:x:pull,push")]
    [InlineData("Basic realm=\"x\", Bearer realm=y", "basic|realm=x;bearer|realm=y")]
    [InlineData("Negotiate, Basic realm=a", "negotiate;basic|realm=a")]
    [InlineData("", "")]
    [InlineData("Bearer realm=\"unfinished", "bearer|realm=unfinished")]
    [InlineData("=,=\"", "")]
    public void Challenges_are_read_as_far_as_they_can_be(string header, string read) =>
        Assert.Equal(read, string.Join(';', Auth.Challenge.Read(header).Select(c => string.Join('|', c.Parameters.Select(p => $"{p.Key}={p.Value}").Prepend(c.Scheme)))));

    [Fact]
    public void Docker_configurations_give_their_credentials_and_hide_them()
    {
        var json = $$"""{"auths":{"https://index.docker.io/v1/":{"auth":"{{Convert.ToBase64String("me:s:cret"u8)}}"},"ghcr.io":{"username":"u","password":"p"},"helper.example":{},"t.example":{"identitytoken":"tok"} },"credsStore":"x"}""";
        var found = DockerConfigFile.Read(Encoding.UTF8.GetBytes(json));
        Assert.Equal((3, "s:cret", "p", "tok"), (found.Count, found["docker.io"].Password, found["ghcr.io"].Password, found["t.example"].Password));
        Assert.DoesNotContain("s:cret", found["docker.io"].ToString(), StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => DockerConfigFile.Read("{"u8.ToArray()));
    }

    private static RegistryClient Client(HttpMessageHandler handler) => new(handler, new RegistryBook(new Dictionary<string, RegistryEntry>
    {
        ["registry.example"] = new() { Credential = new RegistryCredential("me", "secret"), TokenHosts = ["tokens.example"] },
    }), TimeProvider.System, new RegistryLimits { FirstPause = TimeSpan.FromMilliseconds(1), MostEntries = 100 });

    private static HttpResponseMessage Json(string text) => new(HttpStatusCode.OK) { Content = new StringContent(text, Encoding.UTF8, "application/json") };

    private static HttpResponseMessage Bytes(byte[] content, string type) => new(HttpStatusCode.OK) { Content = new ByteArrayContent(content) { Headers = { ContentType = new MediaTypeHeaderValue(type) } } };

    private static HttpResponseMessage Challenge(string header)
    {
        var answer = new HttpResponseMessage(HttpStatusCode.Unauthorized);
        answer.Headers.TryAddWithoutValidation("WWW-Authenticate", header);
        return answer;
    }

    private static HttpResponseMessage WithLink(HttpResponseMessage answer, string link)
    {
        answer.Headers.TryAddWithoutValidation("Link", link);
        return answer;
    }

    /// <summary>A registry as hostile as the test says.</summary>
    private sealed class Script(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = answer(request);
            response.RequestMessage = request;
            return Task.FromResult(response);
        }
    }

    /// <summary>Gives its bytes, then breaks.</summary>
    private sealed class BreakingStream(byte[] content) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Position < Length ? base.ReadAsync(buffer, cancellationToken) : throw new IOException("broken pipe");
    }
}
