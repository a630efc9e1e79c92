using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Capstan.Server.Tests;

/// <summary>What the API tells of runs beside their objects: pages, the graph of jobs, searched lines, artifacts.</summary>
public sealed class RunApiTests(WorkflowServer server) : IClassFixture<WorkflowServer>
{
    private const string Workflow = """
        on: push
        jobs:
          last:
            needs: [one, many]
            if: false
            runs-on: x
            steps: [{run: "true"}]
          many:
            needs: one
            strategy: {matrix: {n: [1, 2]}}
            runs-on: x
            steps: [{run: "for i in $(seq 1 300); do echo line $i of ${{ matrix.n }}; done"}]
          one:
            runs-on: x
            steps:
              - run: "mkdir d; echo content > d/file"
              - {uses: actions/upload-artifact@v4, with: {name: made, path: d}}
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_tells_its_graph_its_lines_and_its_artifacts()
    {
        server.Push("told", Workflow);
        var name = (await server.EndedAsync("told")).GetProperty("name").GetString()!;

        var graph = await GetAsync($"/api/v1/runs/{name}/graph");
        var jobs = graph.GetProperty("jobs").EnumerateArray().ToDictionary(j => j.GetProperty("id").GetString()!, Texts);
        Assert.Equal("needs one,many keys last", jobs["last"]);
        Assert.Equal("needs one keys many-1,many-2", jobs["many"]);
        Assert.Equal("needs  keys one", jobs["one"]);

        var lines = await GetAsync($"/api/v1/runs/{name}/lines?job=many-2&search=LINE 2&limit=5");
        Assert.Equal(5, lines.GetProperty("items").GetArrayLength());
        Assert.Equal("line 2 of 2", lines.GetProperty("items")[0].GetProperty("text").GetString());
        var more = await GetAsync($"/api/v1/runs/{name}/lines?job=many-2&search=LINE 2&limit=1000&after={lines.GetProperty("next").GetInt64()}");
        Assert.False(more.TryGetProperty("next", out _));
        // 2, 20 to 29, 200 to 299.
        Assert.Equal(111 - 5, more.GetProperty("items").GetArrayLength());

        Assert.Equal("made", (await GetAsync($"/api/v1/runs/{name}/artifacts")).GetProperty("items")[0].GetString());
        using var zip = new ZipArchive(new MemoryStream(await server.Http.GetByteArrayAsync($"/api/v1/runs/{name}/artifacts/made", Stop)));
        using var text = new StreamReader(Assert.Single(zip.Entries).Open());
        Assert.Equal("content\n", await text.ReadToEndAsync(Stop));
        foreach (var wrong in (string[])["nothing", "..%2F..%2Ftoken"])
        {
            using var refused = await server.Http.GetAsync($"/api/v1/runs/{name}/artifacts/{wrong}", Stop);
            Assert.InRange((int)refused.StatusCode, 400, 404);
        }
    }

    [Fact]
    public async Task Runs_come_in_pages_and_are_searched_on_the_server()
    {
        for (var i = 0; i < 3; i++) server.Push("paged", $"name: w\non: push\njobs: {{a: {{runs-on: x, steps: [{{run: 'echo {i}'}}]}}}}");
        await server.WaitAsync("paged", _ => server.RunsAsync("paged").GetAwaiter().GetResult() is { Count: 3 } all && all.All(r => r.GetProperty("phase").GetString() == "completed"));
        var seen = new List<string>();
        string? next = "";
        while (next is not null)
        {
            var page = await GetAsync($"/api/v1/runs?repository=paged&limit=2{(next.Length > 0 ? "&cursor=" + next : "")}");
            Assert.Equal(3, page.GetProperty("total").GetInt32());
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(r => r.GetProperty("name").GetString()!));
            next = page.TryGetProperty("next", out var cursor) ? cursor.GetString() : null;
        }
        Assert.Equal(3, seen.Distinct().Count());
        Assert.Equal(3, (await GetAsync("/api/v1/runs?repository=paged&state=success&search=wOrK&branch=main")).GetProperty("total").GetInt32());
        Assert.Equal(0, (await GetAsync("/api/v1/runs?repository=paged&state=failure")).GetProperty("total").GetInt32());
        using var refused = await server.Http.GetAsync($"/api/v1/runs?search={new string('x', 201)}", Stop);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Fact]
    public async Task That_a_run_changed_is_told_to_who_may_see_it_and_to_nobody_else()
    {
        using var made = await server.Http.PostAsJsonAsync("/api/v1/tokens", new Dictionary<string, object> { ["name"] = "other", ["allow"] = new[] { "get,list:runs:other/*" } }, Stop);
        var token = (await made.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("token").GetString();
        using var mine = await FollowAsync(server.Server.TokenText);
        using var others = await FollowAsync(token!);
        server.Push("secretive", "on: push\njobs: {a: {runs-on: x, steps: [{run: 'true'}]}}");
        await server.EndedAsync("secretive");
        server.Push("other", "on: push\njobs: {a: {runs-on: x, steps: [{run: 'true'}]}}");
        await server.EndedAsync("other");
        Assert.StartsWith("secretive/", await NextAsync(mine), StringComparison.Ordinal);
        Assert.StartsWith("other/", await NextAsync(others), StringComparison.Ordinal);
    }

    private async Task<StreamReader> FollowAsync(string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/events?kind=run");
        request.Headers.Authorization = new("Bearer", token);
        var answer = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Stop));
        while (await reader.ReadLineAsync(Stop) is { Length: > 0 })
        {
            // The greeting.
        }
        return reader;
    }

    private static async Task<string> NextAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync(Stop) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal)) return JsonDocument.Parse(line["data: ".Length..]).RootElement.GetProperty("name").GetString()!;
        }
        return "";
    }

    private static string Texts(JsonElement job)
    {
        string All(string name) => string.Join(',', job.GetProperty(name).EnumerateArray().Select(t => t.GetString()));
        return $"needs {All("needs")} keys {All("keys")}";
    }

    private Task<JsonElement> GetAsync(string path) => server.Http.GetFromJsonAsync<JsonElement>(path, Stop);
}
