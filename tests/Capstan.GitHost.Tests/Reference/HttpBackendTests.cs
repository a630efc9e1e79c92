using System.Net;
using System.Text;
using static Capstan.GitHost.Tests.Wire;

namespace Capstan.GitHost.Tests.Reference;

/// <summary>The same requests to our host and to git http-backend: the same status, content type and meaning.</summary>
public sealed class HttpBackendTests(SideBySide both) : IClassFixture<SideBySide>
{
    private const string V2 = "version=2";

    private static readonly Dictionary<string, HttpAsk> Reads = new()
    {
        ["refs, version 0"] = new("GET", "/shop.git/info/refs?service=git-upload-pack"),
        ["refs, version 1"] = new("GET", "/shop.git/info/refs?service=git-upload-pack") { Protocol = "version=1" },
        ["capabilities, version 2"] = new("GET", "/shop.git/info/refs?service=git-upload-pack") { Protocol = V2 },
        ["refs, an unknown version"] = new("GET", "/shop.git/info/refs?service=git-upload-pack") { Protocol = "version=7" },
        ["refs, several versions"] = new("GET", "/shop.git/info/refs?service=git-upload-pack") { Protocol = "version=1:version=2" },
        ["refs for a push, version 0"] = new("GET", "/shop.git/info/refs?service=git-receive-pack"),
        ["refs for a push, version 1"] = new("GET", "/shop.git/info/refs?service=git-receive-pack") { Protocol = "version=1" },
        ["refs for a push, version 2"] = new("GET", "/shop.git/info/refs?service=git-receive-pack") { Protocol = V2 },
        ["a service of another name"] = new("GET", "/shop.git/info/refs?service=git-upload-archive"),
        ["a service without git- before it"] = new("GET", "/shop.git/info/refs?service=upload-pack"),
        ["an empty service"] = new("GET", "/shop.git/info/refs?service="),
        ["no service"] = new("GET", "/shop.git/info/refs"),
        ["a repository that is not there"] = new("GET", "/other.git/info/refs?service=git-upload-pack"),
        ["a fetch by GET"] = new("GET", "/shop.git/git-upload-pack"),
        ["a push by GET"] = new("GET", "/shop.git/git-receive-pack"),
        ["refs by POST"] = new("POST", "/shop.git/info/refs?service=git-upload-pack"),
        ["an archive"] = new("POST", "/shop.git/git-upload-archive"),
        ["a fetch without content type"] = new("POST", "/shop.git/git-upload-pack"),
        ["a fetch with a push's content type"] = new("POST", "/shop.git/git-upload-pack") { ContentType = "application/x-git-receive-pack-request" },
        ["a push with a fetch's content type"] = new("POST", "/shop.git/git-receive-pack") { ContentType = "application/x-git-upload-pack-request" },
        ["a fetch of nothing"] = Fetch("0000"),
        ["ls-refs"] = Fetch(Line("command=ls-refs\n") + "0001" + Line("peel\n") + Line("symrefs\n") + "0000", V2),
        ["ls-refs of a prefix"] = Fetch(Line("command=ls-refs\n") + "0001" + Line("ref-prefix refs/heads/s\n") + "0000", V2),
        ["ls-refs of what is hidden"] = Fetch(Line("command=ls-refs\n") + "0001" + Line("ref-prefix refs/capstan/\n") + "0000", V2),
        ["a clone, version 0"] = Fetch(Line("want {main} no-progress ofs-delta\n") + "0000" + Line("done\n")),
        ["a clone by side band, version 0"] = Fetch(Line("want {main} no-progress side-band-64k ofs-delta\n") + Line("want {side}\n") + "0000" + Line("done\n")),
        ["a fetch with a have, version 0"] = Fetch(Line("want {main} no-progress multi_ack_detailed no-done\n") + "0000" + Line("have {parent}\n") + Line("done\n")),
        ["haves without done, version 0"] = Fetch(Line("want {main} no-progress multi_ack_detailed\n") + "0000" + Line("have {first}\n") + Line($"have {Zero[1..]}1\n") + "0000"),
        ["a clone, version 2"] = FetchV2("want {main}\n", "done\n"),
        ["a fetch with haves, version 2"] = FetchV2("thin-pack\n", "want {main}\n", "have {first}\n", "done\n"),
        ["haves without done, version 2"] = FetchV2("want {main}\n", "have {parent}\n"),
        ["wait for done, version 2"] = FetchV2("wait-for-done\n", "want {main}\n", "have {parent}\n"),
        ["a shallow clone, version 0"] = Fetch(Line("want {main} no-progress shallow\n") + Line("deepen 2\n") + "0000" + Line("done\n")),
        ["a shallow clone, version 2"] = FetchV2("want {main}\n", "deepen 2\n", "done\n"),
        ["a clone since a date, version 2"] = FetchV2("want {main}\n", "deepen-since 1\n", "done\n"),
        ["a clone without a tag's history, version 2"] = FetchV2("want {main}\n", "deepen-not v1\n", "done\n"),
        ["deepening a shallow clone, version 2"] = FetchV2("want {main}\n", "shallow {main}\n", "have {main}\n", "deepen 3\n", "done\n"),
        ["a partial clone without blobs"] = FetchV2("want {main}\n", "filter blob:none\n", "done\n"),
        ["a partial clone without trees"] = FetchV2("want {main}\n", "filter tree:0\n", "done\n"),
        ["a partial clone without large blobs"] = FetchV2("want {main}\n", "filter blob:limit=100\n", "done\n"),
        ["one blob by its id"] = FetchV2("want {blob}\n", "done\n"),
        ["a tag by its id"] = FetchV2("want {tag}\n", "include-tag\n", "done\n"),
        ["a filter that costs too much"] = FetchV2("want {main}\n", "filter sparse:oid={blob}\n", "done\n"),
        ["what is hidden by its id"] = Fetch(Line("want {hidden} no-progress\n") + "0000" + Line("done\n")),
        ["what is nowhere"] = FetchV2($"want {new string('1', 40)}\n", "done\n"),
        ["a delimiter in version 0"] = Fetch("0001"),
        ["object sizes"] = Fetch(Line("command=object-info\n") + "0001" + Line("size\n") + Line("oid {blob}\n") + "0000", V2),
    };

    // Where ours is stricter on purpose: git http-backend has said 200 before git finds the request broken.
    private static readonly Dictionary<string, HttpAsk> Stricter = new()
    {
        ["a length that is none"] = Fetch("zzzz"),
        ["a length of 3"] = Fetch("0003"),
        ["a filter of no kind"] = FetchV2("want {main}\n", "filter nothing:at-all\n", "done\n"),
        ["a want that is no id"] = FetchV2("want main\n", "done\n"),
        ["a command of no kind"] = Fetch(Line("command=format-disk\n") + "0000", V2),
        ["another hash"] = Fetch(Line("command=fetch\n") + Line("object-format=sha256\n") + "0001" + Line("want {main}\n") + Line("done\n") + "0000", V2),
        ["a line that is cut off"] = Fetch("00ffwant"),
    };

    public static TheoryData<string> ReadCases => [.. Reads.Keys];

    public static TheoryData<string> StricterCases => [.. Stricter.Keys];

    [Theory]
    [MemberData(nameof(ReadCases))]
    public async Task A_request_is_answered_as_git_http_backend_does(string name)
    {
        Assert.SkipWhen(HttpBackend.Missing is not null, HttpBackend.Missing ?? "");
        var (ours, judge) = await both.AskAsync(Filled(Reads[name]));
        Assert.Equal(judge.Status, ours.Status);
        if (judge.Status != HttpStatusCode.OK)
        {
            return;
        }

        Assert.Equal(judge.ContentType, ours.ContentType);
        Assert.Equal(await both.MeaningAsync(judge), await both.MeaningAsync(ours));
    }

    [Theory]
    [MemberData(nameof(StricterCases))]
    public async Task A_fetch_that_breaks_the_protocol_is_no_success(string name)
    {
        Assert.SkipWhen(HttpBackend.Missing is not null, HttpBackend.Missing ?? "");
        var (ours, judge) = await both.AskAsync(Filled(Stricter[name]));
        Assert.Equal(HttpStatusCode.OK, judge.Status);
        Assert.Equal(HttpStatusCode.BadRequest, ours.Status);
    }

    [Fact]
    public async Task A_compressed_fetch_is_answered_as_git_http_backend_does()
    {
        Assert.SkipWhen(HttpBackend.Missing is not null, HttpBackend.Missing ?? "");
        var ask = Filled(Reads["a clone, version 2"]);
        var (ours, judge) = await both.AskAsync(ask with { Body = Gzip(ask.Body), ContentEncoding = "gzip" });
        Assert.Equal(judge.Status, ours.Status);
        Assert.Equal(await both.MeaningAsync(judge), await both.MeaningAsync(ours));
    }

    // Lines are measured after the ids are in.
    private HttpAsk Filled(HttpAsk ask)
    {
        var text = new StringBuilder();
        var body = Encoding.ASCII.GetString(ask.Body);
        for (var at = 0; at < body.Length;)
        {
            var length = body.Length - at >= 4 && int.TryParse(body.AsSpan(at, 4), System.Globalization.NumberStyles.HexNumber, null, out var read) ? read : -1;
            if (length < 4 || at + length > body.Length)
            {
                var rest = length is >= 0 and < 4 ? 4 : body.Length - at;
                text.Append(body.AsSpan(at, rest));
                at += rest;
                continue;
            }

            text.Append(Line(both.With(body.Substring(at + 4, length - 4))));
            at += length;
        }

        return ask with { Body = Encoding.ASCII.GetBytes(text.ToString()) };
    }

    private static HttpAsk Fetch(string body, string? protocol = null) => new("POST", "/shop.git/git-upload-pack")
    {
        ContentType = "application/x-git-upload-pack-request",
        Protocol = protocol,
        Body = Encoding.ASCII.GetBytes(body),
    };

    private static HttpAsk FetchV2(params string[] arguments) =>
        Fetch(Line("command=fetch\n") + "0001" + Line("no-progress\n") + string.Concat(arguments.Select(Line)) + "0000", V2);
}
