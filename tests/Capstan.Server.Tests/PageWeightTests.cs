using System.Net;
using System.Text.RegularExpressions;

namespace Capstan.Server.Tests;

/// <summary>What travels to a browser: little, compressed, and nothing whose size tells a secret.</summary>
public sealed partial class PageWeightTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const int HeaviestPage = 150_000;

    [Theory]
    [InlineData("/")]
    [InlineData("/applications")]
    [InlineData("/applications/platform")]
    [InlineData("/docs/tutorial")]
    public async Task A_page_and_all_that_it_loads_weigh_little(string address)
    {
        var (weight, encoding, _) = await FetchAsync(address, "br");
        Assert.Equal("br", encoding);
        var plain = await FetchAsync(address, null);
        Assert.Null(plain.Encoding);
        foreach (var part in Loaded().Matches(plain.Text).Select(m => WebUtility.HtmlDecode(m.Groups[1].Value)).Distinct()) weight += (await FetchAsync(part, "br")).Bytes;
        Assert.InRange(weight, 1, HeaviestPage);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task The_API_answers_compressed_and_by_the_same_tag(string encoding)
    {
        using var plain = await AskAsync("/api/v1/openapi.json", null);
        using var packed = await AskAsync("/api/v1/openapi.json", encoding);
        Assert.Equal(encoding, packed.Content.Headers.ContentEncoding.Single());
        Assert.Contains("Accept-Encoding", packed.Headers.Vary);
        Assert.Equal(plain.Headers.ETag, packed.Headers.ETag);
    }

    [Fact]
    public async Task Who_has_an_answer_is_not_sent_it_again_compressed_or_not()
    {
        using var first = await AskAsync("/api/v1/applications", "br");
        foreach (var encoding in new[] { null, "br" })
        {
            using var again = await AskAsync("/api/v1/applications", encoding, r => r.Headers.IfNoneMatch.Add(first.Headers.ETag!));
            Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        }
    }

    [Fact]
    public async Task A_stream_of_events_is_not_held_back_by_compression()
    {
        using var stream = await AskAsync("/api/v1/events", "br");
        Assert.Empty(stream.Content.Headers.ContentEncoding);
        Assert.Equal("text/event-stream", stream.Content.Headers.ContentType?.MediaType);
    }

    private Task<HttpResponseMessage> AskAsync(string address, string? encoding, Action<HttpRequestMessage>? change = null) => fixture.SendAsync("GET", address, fixture.Server.TokenText, request =>
    {
        if (encoding is not null) request.Headers.AcceptEncoding.ParseAdd(encoding);
        change?.Invoke(request);
    });

    private async Task<(int Bytes, string? Encoding, string Text)> FetchAsync(string address, string? encoding)
    {
        using var answer = await AskAsync(address, encoding);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var bytes = await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        return (bytes.Length, answer.Content.Headers.ContentEncoding.SingleOrDefault(), System.Text.Encoding.UTF8.GetString(bytes));
    }

    [GeneratedRegex("""<(?:script|link)[^>]*?(?:src|href)="(/[^"]+)["]""")]
    private static partial Regex Loaded();
}
