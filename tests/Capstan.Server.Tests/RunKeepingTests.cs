using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Capstan.Resources;
using Capstan.Workflows.Runs;
using Capstan.Yaml;

namespace Capstan.Server.Tests;

/// <summary>What runs leave is kept in the registry, and read from there when the files are gone.</summary>
public sealed class RunKeepingTests(WorkflowServer server) : IClassFixture<WorkflowServer>
{
    private const string Workflow = """
        on: push
        jobs:
          make: {runs-on: x, steps: [{run: 'mkdir -p out/deep; echo kept > out/deep/a.txt; echo "the log of $GITHUB_RUN_ID"'}, {uses: actions/upload-artifact@v4, with: {name: things, path: out}}]}
          take: {needs: make, runs-on: x, steps: [{uses: actions/download-artifact@v4, with: {name: things, path: got}}, {run: 'cat got/deep/a.txt; test "$GITHUB_RUN_ATTEMPT" = 2'}]}
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Log_and_artifacts_of_a_run_are_artifacts_in_the_registry_and_outlive_their_files()
    {
        server.Push("kept", Workflow);
        var run = await server.EndedAsync("kept");
        var name = run.GetProperty("name").GetString()!;
        var log = await server.LogAsync(run);
        var root = await KeptAsync(name);

        // The manifest is under the run's name, and the artifact refers to it.
        var manifest = await JsonAsync($"/v2/kept/runs/manifests/{name}");
        Assert.Equal("application/vnd.capstan.run.v1", manifest.GetProperty("artifactType").GetString());
        Assert.Equal((name, "failure"), (manifest.GetProperty("annotations").GetProperty("dev.capstan.run").GetString(), manifest.GetProperty("annotations").GetProperty("dev.capstan.conclusion").GetString()));
        var referrer = Assert.Single((await JsonAsync($"/v2/kept/runs/referrers/{root[(root.IndexOf('@', StringComparison.Ordinal) + 1)..]}")).GetProperty("manifests").EnumerateArray());
        Assert.Equal(("application/vnd.capstan.run.artifact.v1", "things"), (referrer.GetProperty("artifactType").GetString(), referrer.GetProperty("annotations").GetProperty("dev.capstan.artifact").GetString()));

        RemoveFiles(name);
        Assert.Equal(log, await server.LogAsync(run));
        Assert.Equal("kept\n", await ArtifactAsync(name));

        // A job that is run again finds what the attempt before left, and the log goes on behind it.
        RemoveFiles(name);
        Assert.Equal(HttpStatusCode.OK, await server.PostAsync($"/api/v1/runs/{name}/again", new { failedOnly = true }));
        run = await server.WaitAsync("kept", r => r.GetProperty("phase").GetString() == "completed" && r.GetProperty("attempt").GetInt32() == 2);
        var longer = await server.LogAsync(run);
        Assert.True(run.GetProperty("conclusion").GetString() == "success", longer);
        Assert.StartsWith(log, longer, StringComparison.Ordinal);
        Assert.NotEqual(root, await KeptAsync(name, unlike: root));
    }

    [Fact]
    public async Task A_log_is_followed_on_from_the_last_event_across_a_restart_of_the_server_and_the_loss_of_its_file()
    {
        await using var own = new WorkflowServer();
        await own.InitializeAsync();
        own.Push("follow", "on: push\njobs: {a: {runs-on: x, steps: [{run: seq 1 50}]}}\n");
        var run = await own.EndedAsync("follow");
        var all = await FollowAsync(own, run, null);
        await own.StopAsync();
        await own.StartAsync();
        Assert.Equal(all[20..], await FollowAsync(own, run, all[19].Number));
    }

    [Fact]
    public async Task Runs_beyond_what_the_settings_keep_go_with_all_that_they_left()
    {
        await using var own = new WorkflowServer();
        await own.InitializeAsync();
        using var cluster = own.Cluster();
        await cluster.ApplyAsync(new KubernetesObject(YamlMap.Of(
            ("apiVersion", "capstan.dev/v1alpha1"), ("kind", "Settings"), ("metadata", YamlMap.Of(("name", "capstan"), ("namespace", "capstan"))),
            ("spec", YamlMap.Of(("workflows", YamlMap.Of(("keep", YamlMap.Of(("runs", 1L))))))))), new Kubernetes.ApplyOptions { FieldManager = "test", Force = true }, Stop);
        var names = new List<string>();
        foreach (var text in (string[])["one", "two"])
        {
            var commit = own.Push("few", [("text", text), (".github/workflows/ci.yaml", "on: push\njobs: {a: {runs-on: x, steps: [{run: echo}]}}\n")]);
            names.Add((await own.WaitAsync("few", r => r.GetProperty("commit").GetString() == commit && r.GetProperty("phase").GetString() == "completed")).GetProperty("name").GetString()!);
        }

        await EventuallyAsync(async () => (await own.RunsAsync("few")).Count == 1 && !Directory.EnumerateFiles(Path.Combine(own.Data, "workflows", "logs"), names[0] + "*").Any());
        await EventuallyAsync(async () => await TagsAsync(own, "few/runs") is [var only] && only == names[1]);
    }

    private static async Task EventuallyAsync(Func<Task<bool>> holds)
    {
        for (var i = 0; i < 600; i++)
        {
            if (await holds()) return;
            await Task.Delay(50, Stop);
        }

        Assert.Fail("waited in vain");
    }

    private static async Task<IReadOnlyList<string>> TagsAsync(WorkflowServer own, string repository)
    {
        using var answer = await own.Http.GetAsync($"/v2/{repository}/tags/list", Stop);
        if (!answer.IsSuccessStatusCode) return [];
        var list = await answer.Content.ReadFromJsonAsync<JsonElement>(Stop);
        return list.GetProperty("tags") is { ValueKind: JsonValueKind.Array } tags ? [.. tags.EnumerateArray().Select(t => t.GetString()!)] : [];
    }

    private static async Task<List<(long Number, string Text)>> FollowAsync(WorkflowServer own, JsonElement run, long? last)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/runs/{run.GetProperty("name").GetString()}/log");
        if (last is { } number) request.Headers.Add("Last-Event-ID", number.ToString(CultureInfo.InvariantCulture));
        using var answer = await own.Http.SendAsync(request, Stop);
        return [.. (await answer.Content.ReadAsStringAsync(Stop)).Split('\n').Where(l => l.StartsWith("data: ", StringComparison.Ordinal)).Select(l => JsonDocument.Parse(l["data: ".Length..]).RootElement)
            .Select(l => (l.GetProperty("number").GetInt64(), l.GetProperty("text").GetString()!))];
    }

    private async Task<string> KeptAsync(string name, string unlike = "")
    {
        using var cluster = server.Cluster();
        var archive = "";
        await EventuallyAsync(async () => (archive = RunObject.Read((await cluster.FindAsync(new ObjectKey(new GroupKind("capstan.dev", RunObject.Kind), "capstan", name), Stop))!).Status.Archive) is { Length: > 0 } && archive != unlike);
        return archive;
    }

    private void RemoveFiles(string name)
    {
        File.Delete(Path.Combine(server.Data, "workflows", "logs", $"{name}.log"));
        Directory.Delete(Path.Combine(server.Data, "workflows", "artifacts", name), recursive: true);
    }

    private async Task<string> ArtifactAsync(string name)
    {
        await using var zip = await ZipArchive.CreateAsync(new MemoryStream(await server.Http.GetByteArrayAsync($"/api/v1/runs/{name}/artifacts/things", Stop)), ZipArchiveMode.Read, leaveOpen: false, null, Stop);
        using var reader = new StreamReader(await zip.GetEntry("deep/a.txt")!.OpenAsync(Stop));
        return await reader.ReadToEndAsync(Stop);
    }

    private async Task<JsonElement> JsonAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("application/vnd.oci.image.manifest.v1+json");
        using var answer = await server.Http.SendAsync(request, Stop);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode}");
        return await JsonSerializer.DeserializeAsync<JsonElement>(await answer.Content.ReadAsStreamAsync(Stop), cancellationToken: Stop);
    }
}
