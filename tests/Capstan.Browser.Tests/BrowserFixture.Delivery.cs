using System.Net.Http.Headers;
using System.Text.Json;
using Capstan.Resources;
using Capstan.Testing;
using Capstan.Yaml;

namespace Capstan.Browser.Tests;

/// <summary>What the fixture has beside applications: a workflow that ran, an image, a pipeline with releases.</summary>
public sealed partial class BrowserFixture
{
    /// <summary>A workflow with jobs that follow one another, a matrix, groups, colours, an annotation, an artifact, and one job that fails.</summary>
    private const string Workflow = """
        name: Build and test
        on: [push, workflow_dispatch]
        jobs:
          build:
            runs-on: any
            steps:
              - uses: actions/checkout@v4
              - name: Compile
                run: |
                  echo "::group::Sources"
                  printf '\033[32mcompiled\033[0m web.c\n'
                  printf '\033[1;31mred\033[0m and <b>no tag</b>\n'
                  echo "::endgroup::"
                  echo "::warning file=web.c,line=3,title=Unused::variable x is never used"
                  mkdir out && echo binary > out/web
                  echo "# Built **web**" >> "$GITHUB_STEP_SUMMARY"
              - uses: actions/upload-artifact@v4
                with: {name: web, path: out}
          test:
            needs: build
            runs-on: any
            strategy: {matrix: {kind: [unit, browser]}, fail-fast: false}
            steps:
              - name: Test ${{ matrix.kind }}
                run: |
                  for i in $(seq 1 40); do echo "test $i passed"; done
                  [ ${{ matrix.kind }} = unit ] || { echo "::error file=web.c,line=7::expected 200, got 500"; exit 1; }
          publish:
            needs: test
            runs-on: any
            steps: [{run: echo published}]
        """;

    /// <summary>The name of the run of the workflow.</summary>
    internal string Run { get; private set; } = "";

    /// <summary>The digest of the image.</summary>
    internal string Digest { get; private set; } = "";

    private static readonly GroupKind Pipelines = new("capstan.dev", "DeliveryPipeline");

    private async Task DeliverAsync()
    {
        await PushFilesAsync("ci", ("README.md", "# ci\n"), ("web.c", "int main() {\n  int y;\n  int x;\n  return 0;\n}\n\n// end\n"), (".github/workflows/build.yaml", Workflow));
        using var registry = new RegistryWire(Server.Url, "admin", Server.TokenText);
        Digest = RegistryWire.DigestOf(System.Text.Encoding.UTF8.GetBytes(await registry.ImageJsonAsync("team/shop", "layer one")));
        await registry.PushImageAsync("team/shop", "v1", "layer one");
        await PushFilesAsync("shop-envs", ("dev/deployment.yaml", Deployment), ("prod/deployment.yaml", Deployment));
        await ApplyAsync("shop-dev", "shop-envs", "dev", automated: true);
        await ApplyAsync("shop-prod", "shop-envs", "prod", automated: true);
        await ApplyAsync("""
            apiVersion: capstan.dev/v1alpha1
            kind: DeliveryPipeline
            metadata: {name: shop, namespace: capstan}
            spec:
              stages:
                - {name: dev, applications: [shop-dev], write: {repository: shop-envs, manifest: dev/deployment.yaml} }
                - name: prod
                  applications: [shop-prod]
                  write: {repository: shop-envs, manifest: prod/deployment.yaml}
                  gates: [{type: Healthy, for: 1h}, {type: Approval, count: 1}, {type: Signature}]
            """);
        await ApplyAsync($$"""
            apiVersion: capstan.dev/v1alpha1
            kind: Release
            metadata: {name: shop-1, namespace: capstan}
            spec:
              pipeline: shop
              commit: {{new string('a', 40)}}
              images: [{name: old.example/shop, image: "{{Server.Url.Authority}}/team/shop:v1@{{Digest}}"}]
            """);
        using var http = new HttpClient { BaseAddress = Server.Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Server.TokenText);
        await UntilAsync("the run has ended", async () =>
        {
            using var runs = JsonDocument.Parse(await http.GetStringAsync("/api/v1/runs?repository=ci", TestContext.Current.CancellationToken));
            var first = runs.RootElement.GetProperty("items").EnumerateArray().FirstOrDefault();
            if (first.ValueKind == JsonValueKind.Undefined) return false;
            Run = first.GetProperty("name").GetString()!;
            return first.GetProperty("phase").GetString() == "completed";
        });
        await UntilAsync("prod waits", async () => (await StageAsync("prod"))["waiting"]?.AsString() == "shop-1");
    }

    internal async Task<YamlMap> StageAsync(string stage)
    {
        var pipeline = await Cluster.FindAsync(new ObjectKey(Pipelines, "capstan", "shop"), TestContext.Current.CancellationToken);
        return (pipeline!.Status["stages"]?.AsList() ?? YamlList.Empty).OfType<YamlMap>().FirstOrDefault(s => s["name"]?.AsString() == stage) ?? YamlMap.Empty;
    }

    /// <summary>The phase of an application's last operation; empty before the first.</summary>
    internal async Task<string> OperationAsync(string application) =>
        (await Cluster.FindAsync(new ObjectKey(new GroupKind("argoproj.io", "Application"), "capstan", application), TestContext.Current.CancellationToken))?.Status.At("operationState", "phase")?.AsString() ?? "";

    internal async Task ApplyAsync(string yaml) =>
        await Cluster.ApplyAsync(new KubernetesObject((YamlMap)YamlText.ReadOne(yaml)), new Capstan.Kubernetes.ApplyOptions { Force = true }, TestContext.Current.CancellationToken);

    /// <summary>Pushes files as the first commit of a repository, or as one more.</summary>
    internal async Task PushFilesAsync(string repository, params (string Path, string Text)[] files)
    {
        var folder = Path.Combine(_data, "files-" + repository);
        var first = !Directory.Exists(folder);
        Directory.CreateDirectory(folder);
        foreach (var (path, text) in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, path))!);
            await File.WriteAllTextAsync(Path.Combine(folder, path), text, TestContext.Current.CancellationToken);
        }
        if (first) await GitAsync(folder, "init", "--quiet", "--initial-branch=main");
        await GitAsync(folder, "add", "--all");
        await GitAsync(folder, "commit", "--quiet", "--message", first ? $"Begin {repository}" : $"Change {repository}");
        await GitAsync(folder, "push", "--quiet", $"http://x:{Server.TokenText}@{Server.Url.Authority}/git/{repository}.git", "HEAD:main");
    }

    private const string Deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: shop}
        spec:
          replicas: 1
          selector: {matchLabels: {app: shop} }
          template:
            metadata: {labels: {app: shop} }
            spec: {containers: [{name: shop, image: "old.example/shop:v0"}]}
        """;
}
