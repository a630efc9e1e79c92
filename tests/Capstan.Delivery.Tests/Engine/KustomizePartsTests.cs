using System.Diagnostics;
using Capstan.Delivery.Controllers;
using Capstan.Testing;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Engine;

/// <summary>What kustomizations of Applications take from elsewhere: bases of other repositories, and charts.</summary>
public sealed class KustomizePartsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_remote_base_is_refused_until_the_settings_allow_it_and_then_built_and_followed()
    {
        var elsewhere = Directory.CreateTempSubdirectory("capstan-bases-").FullName;
        try
        {
            var bases = await GitFolder.CreateAsync(elsewhere);
            var tagged = await bases.CommitAsync("Begin", ("app/kustomization.yaml", "resources: [a.yaml, ../more]\n"), ("app/a.yaml", ConfigMap("a")), ("more/kustomization.yaml", "resources: [b.yaml]\n"), ("more/b.yaml", ConfigMap("b")));
            await bases.TagAsync("v1", tagged);
            await bases.CommitAsync("Later", ("app/a.yaml", ConfigMap("a", "later")));
            var url = new Uri(bases.Bare).AbsoluteUri;
            await using var ground = await Ground.StartAsync(new DeliveryOptions { PollInterval = TimeSpan.FromHours(1), RegisteredRepositories = [url] });
            var commit = await ground.Git.CommitAsync("Use", ("deploy/kustomization.yaml", $"resources:\n- {url}//app?ref=v1&timeout=60\nnamePrefix: p-\n"));
            await ground.CreateApplicationAsync(kind: """ "kustomize":{} """);
            var refused = await ground.UntilAsync(s => Said(s).Contains("remote base", StringComparison.Ordinal));
            Assert.Contains("deploy/kustomization.yaml:2:3: the remote base ", Said(refused), StringComparison.Ordinal);
            Assert.Contains("spec.kustomize.remoteBases.repositories in the Settings", Said(refused), StringComparison.Ordinal);

            await SettleAsync(ground, $$"""{"kustomize":{"remoteBases":{"repositories":["{{url}}"]} } }""");
            await ground.SyncedAsync(commit);
            Assert.Equal("1", (await ground.FindAsync("ConfigMap", "p-a"))!.Body.At("data", "k")!.AsString());
            Assert.NotNull(await ground.FindAsync("ConfigMap", "p-b"));

            // A branch is followed as soon as a webhook tells of its repository.
            await ground.SyncedAsync(await ground.Git.CommitAsync("Follow", ("deploy/kustomization.yaml", $"resources: ['{url}//app?ref=main']\nnamePrefix: p-\n")));
            Assert.Equal("later", (await ground.FindAsync("ConfigMap", "p-a"))!.Body.At("data", "k")!.AsString());
            await bases.CommitAsync("Latest", ("app/a.yaml", ConfigMap("a", "latest")));
            ground.Engine.NotifyPush(url);
            await Ground.UntilAsync(async () => (await ground.FindAsync("ConfigMap", "p-a"))?.Body.At("data", "k")?.AsString() == "latest" ? "" : null);

            // What is allowed no more is refused, and nothing is pruned for that.
            await SettleAsync(ground, """{"kustomize":{"helmCharts":false}}""");
            await ground.UntilAsync(s => Said(s).Contains("is not allowed here", StringComparison.Ordinal));
            Assert.NotNull(await ground.FindAsync("ConfigMap", "p-b"));
        }
        finally
        {
            Directory.Delete(elsewhere, recursive: true);
        }
    }

    [Fact]
    public async Task A_remote_base_builds_to_what_kubectl_makes_of_the_same_address()
    {
        var kubectl = Kubectl();
        if (kubectl.Length == 0)
        {
            Assert.Skip("kubectl is not on this machine; eng/judges/fetch.sh fetches it.");
        }

        var elsewhere = Directory.CreateTempSubdirectory("capstan-bases-").FullName;
        try
        {
            var bases = await GitFolder.CreateAsync(elsewhere);
            var inner = await GitFolder.CreateAsync(Directory.CreateDirectory(Path.Combine(elsewhere, "inner")).FullName);
            await inner.CommitAsync("Inside", ("c.yaml", ConfigMap("c")));
            await bases.CommitAsync("Begin", ("app/kustomization.yaml", "resources: [a.yaml, ../inside/c.yaml]\nlabels: [{pairs: {from: base}}]\n"), ("app/a.yaml", ConfigMap("a")));
            await GitFolder.RunAsync(Path.Combine(elsewhere, "work"), "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", new Uri(inner.Bare).AbsoluteUri, "inside");
            await bases.CommitAsync("Submodule", ("app/kustomization.yaml", "resources: [a.yaml, ../inside]\nlabels: [{pairs: {from: base}}]\n"));
            await inner.CommitAsync("Kustomize", ("kustomization.yaml", "resources: [c.yaml]\n"));
            await GitFolder.RunAsync(Path.Combine(elsewhere, "work", "inside"), "pull", "--quiet", "origin", "main");
            await bases.CommitAsync("Newer", ("README.md", "x\n"));
            var (url, within) = (new Uri(bases.Bare).AbsoluteUri, new Uri(inner.Bare).AbsoluteUri);
            const string rest = "commonAnnotations: {over: lay}\nbuildMetadata: [originAnnotations]\n";
            var overlay = Directory.CreateDirectory(Path.Combine(elsewhere, "overlay")).FullName;
            await File.WriteAllTextAsync(Path.Combine(overlay, "kustomization.yaml"), $"resources: ['{url}//app?ref=main']\n{rest}", Cancel);
            var judged = YamlText.ReadAll(await RunAsync(kubectl, elsewhere, "kustomize", overlay)).OfType<YamlMap>().ToDictionary(o => o.At("metadata", "name")!.AsString()!);

            await using var ground = await Ground.StartAsync(new DeliveryOptions { PollInterval = TimeSpan.FromSeconds(5), RegisteredRepositories = [url, within] });
            await SettleAsync(ground, $$"""{"kustomize":{"remoteBases":{"repositories":["{{url}}","{{within}}"],"submodules":true} } }""");
            var commit = await ground.Git.CommitAsync("Use", ("deploy/kustomization.yaml", $"resources: ['{url}//app?ref=main']\n{rest}"));
            await ground.CreateApplicationAsync(kind: """ "kustomize":{} """);
            await ground.SyncedAsync(commit);
            Assert.Equal(["a", "c"], judged.Keys.Order());
            foreach (var (name, wanted) in judged)
            {
                var live = (await ground.FindAsync("ConfigMap", name))!;
                Assert.Equal(wanted["data"], live.Body["data"]);
                Assert.Equal("base", live.Label("from"));
                Assert.Equal(wanted.At("metadata", "annotations", "config.kubernetes.io/origin"), live.Body.At("metadata", "annotations", "config.kubernetes.io/origin"));
            }
        }
        finally
        {
            Directory.Delete(elsewhere, recursive: true);
        }
    }

    [Fact]
    public async Task A_remote_base_over_http_builds_to_what_kubectl_makes_of_the_same_address_where_the_operator_registered_it()
    {
        var kubectl = Kubectl();
        Assert.SkipWhen(kubectl.Length == 0 || GitHttpServer.Program is null, "kubectl (eng/judges/fetch.sh) or git http-backend is not on this machine.");
        var elsewhere = Directory.CreateTempSubdirectory("capstan-bases-").FullName;
        try
        {
            var bases = await GitFolder.CreateAsync(elsewhere);
            await bases.TagAsync("v1", await bases.CommitAsync("Begin", ("app/kustomization.yaml", "resources: [a.yaml, ../more]\nnameSuffix: -s\n"), ("app/a.yaml", ConfigMap("a")), ("more/kustomization.yaml", "resources: [b.yaml]\n"), ("more/b.yaml", ConfigMap("b"))));
            await bases.CommitAsync("Later", ("app/a.yaml", ConfigMap("a", "later")));
            await using var server = new GitHttpServer(elsewhere);
            var kustomization = $"resources:\n- {server.Url}/shop.git//app?ref=v1&timeout=90s&submodules=false\nnamePrefix: p-\nbuildMetadata: [originAnnotations]\n";
            var overlay = Directory.CreateDirectory(Path.Combine(elsewhere, "overlay")).FullName;
            await File.WriteAllTextAsync(Path.Combine(overlay, "kustomization.yaml"), kustomization, Cancel);
            var judged = YamlText.ReadAll(await RunAsync(kubectl, elsewhere, "kustomize", overlay)).OfType<YamlMap>().ToDictionary(o => o.At("metadata", "name")!.AsString()!);

            await using var ground = await Ground.StartAsync(new DeliveryOptions { PollInterval = TimeSpan.FromSeconds(5), RegisteredRepositories = [$"{server.Url}/shop.git"] });
            await SettleAsync(ground, $$"""{"kustomize":{"remoteBases":{"repositories":["{{server.Url}}/*"]} } }""");
            var commit = await ground.Git.CommitAsync("Use", ("deploy/kustomization.yaml", kustomization));
            await ground.CreateApplicationAsync(kind: """ "kustomize":{} """);
            await ground.SyncedAsync(commit);
            Assert.Equal(["p-a-s", "p-b-s"], judged.Keys.Order());
            foreach (var (name, wanted) in judged)
            {
                var live = (await ground.FindAsync("ConfigMap", name))!;
                Assert.Equal(wanted["data"], live.Body["data"]);
                Assert.Equal(wanted.At("metadata", "annotations", "config.kubernetes.io/origin"), live.Body.At("metadata", "annotations", "config.kubernetes.io/origin"));
            }
        }
        finally
        {
            Directory.Delete(elsewhere, recursive: true);
        }
    }

    [Fact]
    public async Task A_server_inside_the_network_that_nobody_registered_is_not_asked_for_a_base()
    {
        var elsewhere = Directory.CreateTempSubdirectory("capstan-bases-").FullName;
        try
        {
            await using var server = new GitHttpServer(elsewhere);
            await using var ground = await Ground.StartAsync();
            await SettleAsync(ground, $$"""{"kustomize":{"remoteBases":{"repositories":["{{server.Url}}/*"]} } }""");
            await ground.Git.CommitAsync("Reach", ("deploy/kustomization.yaml", $"resources:\n- {server.Url}/shop.git//app\n"));
            await ground.CreateApplicationAsync(kind: """ "kustomize":{} """);
            var status = await ground.UntilAsync(s => Said(s).Contains("private network", StringComparison.Ordinal));
            Assert.Contains("deploy/kustomization.yaml:2:3: ", Said(status), StringComparison.Ordinal);
            Assert.Equal(0, server.Asked);
        }
        finally
        {
            Directory.Delete(elsewhere, recursive: true);
        }
    }

    [Theory]
    [InlineData("http://169.254.169.254/latest/meta-data//x", "private network")]
    [InlineData("https://127.0.0.1/org/repository//x?ref=v1", "private network")]
    [InlineData("file:///etc//passwd", "file:///etc")]
    [InlineData("http://10.0.0.1/a.yaml", "private network")]
    public async Task An_allowed_address_inside_the_network_is_refused_all_the_same(string address, string said)
    {
        await using var ground = await Ground.StartAsync();
        await SettleAsync(ground, """{"kustomize":{"remoteBases":{"repositories":["http://169.254.169.254/*","https://127.0.0.1/*","file:///etc","http://10.0.0.1/*"]}}}""");
        await ground.Git.CommitAsync("Reach", ("deploy/kustomization.yaml", $"resources:\n- {address}\n"));
        await ground.CreateApplicationAsync(kind: """ "kustomize":{} """);
        var status = await ground.UntilAsync(s => Said(s).Length > 0 && !Said(s).Contains("is not allowed here", StringComparison.Ordinal));
        Assert.Contains(said, Said(status), StringComparison.Ordinal);
        Assert.Contains("deploy/kustomization.yaml:2:3: ", Said(status), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Charts_of_kustomizations_are_rendered_when_the_settings_allow_them()
    {
        using var server = new StaticServer();
        ChartRepositoryTests.Publish(server, "1.0.0");
        await using var ground = await Ground.StartAsync(new DeliveryOptions { PollInterval = TimeSpan.FromSeconds(5), RegisteredRepositories = [server.Url] });
        var commit = await ground.Git.CommitAsync(
            "Use",
            ("deploy/kustomization.yaml", $"helmCharts:\n- {{name: leaf, version: 1.0.0, repo: '{server.Url}', releaseName: fetched}}\n- {{name: own, releaseName: own}}\nnameSuffix: -x\n"),
            ("deploy/charts/own/Chart.yaml", "apiVersion: v2\nname: own\nversion: 0.1.0\n"),
            ("deploy/charts/own/templates/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Release.Name }}'}\ndata: {kube: '{{ .Capabilities.KubeVersion.Version }}'}\n"));
        await ground.CreateApplicationAsync(kind: """ "kustomize":{"kubeVersion":"1.27.3"} """);
        var refused = await ground.UntilAsync(s => Said(s).Contains("helmCharts", StringComparison.Ordinal));
        Assert.Contains("deploy/kustomization.yaml:2:3: helmCharts are not enabled here; the operator allows them with spec.kustomize.helmCharts", Said(refused), StringComparison.Ordinal);

        await SettleAsync(ground, """{"kustomize":{"helmCharts":true}}""");
        await ground.SyncedAsync(commit);
        Assert.Equal("1.0.0", (await ground.FindAsync("ConfigMap", "fetched-x"))!.Body.At("data", "version")!.AsString());
        Assert.Equal("v1.27.3", (await ground.FindAsync("ConfigMap", "own-x"))!.Body.At("data", "kube")!.AsString());
    }

    private static string ConfigMap(string name, string value = "1") => $"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  k: \"{value}\"\n";

    private static string Said(YamlMap status) => status["conditions"] is YamlList { Count: > 0 } all ? string.Join('\n', all.OfType<YamlMap>().Select(c => c["message"]!.AsString())) : "";

    private static Task<Capstan.Kubernetes.WriteResult> SettleAsync(Ground ground, string spec) => ground.Client.ApplyAsync(
        Make.Object($$"""{"apiVersion":"capstan.dev/v1alpha1","kind":"Settings","metadata":{"name":"capstan","namespace":"{{ground.Control}}"},"spec":{{spec}} }"""),
        new Capstan.Kubernetes.ApplyOptions { Force = true }, Cancel);

    private static string Kubectl() => Environment.GetEnvironmentVariable("CAPSTAN_JUDGES") is { } judges && File.Exists(Path.Combine(judges, "kubectl")) ? Path.Combine(judges, "kubectl") : "";

    private static async Task<string> RunAsync(string program, string home, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        (start.Environment["GIT_CONFIG_COUNT"], start.Environment["GIT_CONFIG_KEY_0"], start.Environment["GIT_CONFIG_VALUE_0"]) = ("1", "protocol.file.allow", "always");
        start.Environment["HOME"] = home;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(Cancel);
        var error = await process.StandardError.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException(error);
    }
}
