using Capstan.EndToEnd.Fixtures;
using Capstan.Yaml;

namespace Capstan.EndToEnd;

/// <summary>The push model: no server, only a kubeconfig. The server here lends its cluster.</summary>
public sealed class PushTests(SharedServer shared) : IClassFixture<SharedServer>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("capstan-push-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_is_applied_becomes_healthy_is_remembered_and_is_pruned()
    {
        Write("deploy/web.yaml", StoryTests.Deployment("web", 2));
        Write("deploy/one.yaml", StoryTests.ConfigMap("one"));
        (await CapstanAsync("diff", "./deploy", "--name", "shop", "-n", "shop")).Expect(1);
        Assert.Contains("2 to create", (await CapstanAsync("apply", "./deploy", "--name", "shop", "-n", "shop", "--dry-run")).Expect(0).Out, StringComparison.Ordinal);
        Assert.Equal(1, (await shared.Server.KubectlAsync("get", "namespace", "shop")).Code);

        var applied = (await CapstanAsync("apply", "./deploy", "--name", "shop", "-n", "shop", "--prune", "--wait")).Expect(0);
        Assert.Contains("created   Deployment/shop/web  (deploy/web.yaml:1)", Normal(applied.Out), StringComparison.Ordinal);
        Assert.Contains("everything is healthy", applied.Error, StringComparison.Ordinal);
        (await CapstanAsync("diff", "./deploy", "--name", "shop", "-n", "shop")).Expect(0);

        File.Delete(Path.Combine(_folder, "deploy/one.yaml"));
        var pruned = JsonText.Read((await CapstanAsync("apply", "./deploy", "--name", "shop", "-n", "shop", "--prune", "-o", "json")).Expect(0).Out);
        Assert.Equal(["pruned", "unchanged"], ((YamlList)((YamlMap)pruned)["objects"]!).Select(o => ((YamlMap)o)["result"]!.AsString()).Order(StringComparer.Ordinal));
        Assert.Equal(1, (await shared.Server.KubectlAsync("get", "configmap/one", "-n", "shop")).Code);

        // The set is the KEP's own, so kubectl knows that it is another tool's.
        var id = (await shared.Server.KubectlAsync("get", "secret/shop", "-n", "shop", "-o", "jsonpath={.metadata.labels.applyset\\.kubernetes\\.io/id}")).Expect(0).Out;
        Assert.Equal("deployment.apps/web", (await shared.Server.KubectlAsync("get", "deployments,configmaps", "-n", "shop", "-l", "applyset.kubernetes.io/part-of=" + id, "-o", "name")).Expect(0).Out.Trim());
        var refused = await Programs.RunAsync(await Programs.KubectlAsync(),
            ["apply", "--kubeconfig", Kubeconfig, "-n", "shop", "--prune", "--applyset=shop", "-f", "deploy"], _folder,
            new Dictionary<string, string> { ["KUBECTL_APPLYSET"] = "true", ["HOME"] = _folder });
        Assert.NotEqual(0, refused.Code);
        Assert.Contains("capstan", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_object_has_its_own_result_and_a_refusal_changes_nothing()
    {
        Write("deploy/a.yaml", StoryTests.ConfigMap("a"));
        (await CapstanAsync("apply", "./deploy", "--name", "mixed", "-n", "mixed")).Expect(0);
        Write("deploy/a.yaml", StoryTests.ConfigMap("a").Replace("data:", "data:\n  more: \"1\"", StringComparison.Ordinal));
        Write("deploy/bad.yaml", StoryTests.Deployment("Not_A_Name", 1));
        var answer = (await CapstanAsync("apply", "./deploy", "--name", "mixed", "-n", "mixed")).Expect(7);
        Assert.Contains("bad.yaml", answer.Out + answer.Error, StringComparison.Ordinal);
        Assert.Equal("", (await shared.Server.KubectlAsync("get", "configmap/a", "-n", "mixed", "-o", "jsonpath={.data.more}")).Expect(0).Out);
    }

    [Theory]
    [InlineData("a: 1\n b: 2\n", "deploy/x.yaml:2")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n", "deploy/x.yaml:1")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, name: b}\n", "deploy/x.yaml:3")]
    [InlineData("apiVersion: acme.example/v1\nkind: Gadget\nmetadata: {name: a}\n", "Gadget")]
    public async Task Bad_input_is_refused_with_its_place(string text, string place)
    {
        Write("deploy/x.yaml", text);
        var answer = (await CapstanAsync("apply", "./deploy", "-n", "default")).Expect(7);
        Assert.Contains(place, Normal(answer.Out + answer.Error), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waiting_ends_with_5_and_names_what_it_waited_for()
    {
        Write("deploy/claim.yaml", "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: never}\nspec:\n  storageClassName: none\n  accessModes: [ReadWriteOnce]\n  resources: {requests: {storage: 1Gi}}\n");
        var answer = (await CapstanAsync("apply", "./deploy", "--name", "claims", "-n", "claims", "--wait", "--timeout", "2s")).Expect(5);
        Assert.Contains("PersistentVolumeClaim/claims/never", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_cluster_or_a_folder_the_message_says_so()
    {
        Write("deploy/a.yaml", StoryTests.ConfigMap("a"));
        (await CapstanAsync("apply", "./nowhere")).Expect(4);
        var none = await Programs.RunAsync(await Programs.CapstanAsync(), ["apply", "./deploy"], _folder, new Dictionary<string, string> { ["HOME"] = _folder });
        Assert.Contains("--kubeconfig", none.Expect(2).Error, StringComparison.Ordinal);
        Write("dead.yaml", "apiVersion: v1\nkind: Config\ncurrent-context: x\ncontexts: [{name: x, context: {cluster: x, user: x}}]\nclusters: [{name: x, cluster: {server: 'https://127.0.0.1:1'}}]\nusers: [{name: x, user: {token: t}}]\n");
        (await Programs.RunAsync(await Programs.CapstanAsync(), ["apply", "./deploy", "--kubeconfig", "dead.yaml"], _folder)).Expect(6);
    }

    [Fact]
    public async Task Rendered_manifests_say_where_they_come_from_and_kubectl_takes_them()
    {
        Write("deploy/web.yaml", StoryTests.Deployment("web", 1) + "\n---\n" + StoryTests.ConfigMap("one"));
        var rendered = (await CapstanAsync("render", "./deploy", "-n", "default")).Expect(0).Out;
        Assert.Contains("# Source: ", rendered, StringComparison.Ordinal);
        Assert.Contains("  namespace: default\n", rendered, StringComparison.Ordinal);
        var taken = await Programs.RunAsync(await Programs.KubectlAsync(), ["apply", "--kubeconfig", Kubeconfig, "--server-side", "--dry-run=server", "-o", "name", "-f", "-"], input: rendered);
        Assert.Equal(["configmap/one", "deployment.apps/web"], taken.Expect(0).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }

    private string Kubeconfig => Path.Combine(shared.Server.Data, "kubeconfig");

    private void Write(string path, string content)
    {
        var file = Path.Combine(_folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
    }

    /// <summary>A folder that is no checkout is its own root.</summary>
    private static string Normal(string text) => text.Replace("deploy/", "", StringComparison.Ordinal).Replace("(web.yaml", "(deploy/web.yaml", StringComparison.Ordinal).Replace("x.yaml:", "deploy/x.yaml:", StringComparison.Ordinal);

    private async Task<Answer> CapstanAsync(params string[] arguments) =>
        await Programs.RunAsync(await Programs.CapstanAsync(), arguments, _folder, new Dictionary<string, string> { ["KUBECONFIG"] = Kubeconfig, ["HOME"] = _folder });
}
