using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using Capstan.GitHost.Repositories;

namespace Capstan.GitHost.Tests;

/// <summary>Requests written by hand, without a client of Git.</summary>
internal static class Wire
{
    public static readonly string Zero = new('0', 40);

    public static async Task<HttpResponseMessage> SendAsync(this GitHostFixture host, HttpMethod method, string path, HttpContent? content = null, string? token = null, string? protocol = null)
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

    public static ByteArrayContent Body(byte[] bytes, string service, string? encoding = null)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue($"application/x-{service}-request");
        if (encoding is not null)
        {
            content.Headers.ContentEncoding.Add(encoding);
        }

        return content;
    }

    public static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    public static string Line(string text) => $"{Encoding.UTF8.GetByteCount(text) + 4:x4}{text}";

    public static byte[] Delete(string reference, string old) => Text(Line($"{old} {Zero} {reference}\0 report-status delete-refs") + "0000");

    public static async Task<string> SeedAsync(this GitHostFixture host)
    {
        var work = await host.NewWorkAsync("seed");
        await host.GitAsync(work, "push", "-q", host.UrlWithToken("shop"), "main", "main:refs/heads/side");
        return (await host.GitAsync(work, "rev-parse", "HEAD")).Trim();
    }

    public static Task<string> RefsAsync(this GitHostFixture host) => host.GitAsync(host.Store.PathTo(RepositoryName.Parse("shop")), "for-each-ref");

    /// <summary>A push of one pack that sets one ref.</summary>
    public static byte[] Push(string reference, string commit, byte[] pack) =>
        [.. Text(Line($"{Zero} {commit} {reference}\0 report-status side-band-64k") + "0000"), .. pack];

    /// <summary>Sends a push and answers what git reported.</summary>
    public static async Task<string> PushAsync(this GitHostFixture host, byte[] body)
    {
        using var answer = await host.SendAsync(HttpMethod.Post, "/git/shop.git/git-receive-pack", Body(body, "git-receive-pack"), host.Token);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    public static byte[] Gzip(byte[] bytes)
    {
        var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return stream.ToArray();
    }
}
