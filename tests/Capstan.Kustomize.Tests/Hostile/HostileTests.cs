using System.Text;
using Capstan.Trees;

namespace Capstan.Kustomize.Tests.Hostile;

public sealed class HostileTests
{
    [Theory]
    [InlineData("https://github.com/org/repo//base?ref=main")]
    [InlineData("github.com/org/repo")]
    [InlineData("git::https://example.com/x.git")]
    [InlineData("git@github.com:org/repo.git")]
    [InlineData("ssh://git@example.com/x")]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("file:///etc")]
    public void Remote_bases_are_refused_unless_somebody_serves_them(string url)
    {
        var error = Assert.Throws<KustomizeException>(() => Build(("kustomization.yaml", $"resources: ['{url}']\n")));
        Assert.Equal(KustomizeProblem.NotAllowed, error.Kind);
        Assert.StartsWith("kustomization.yaml:1:13: the remote base ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_remote_base_is_built_from_the_tree_that_is_served()
    {
        var remote = MemoryTree.Of(("base/kustomization.yaml", "resources: [a.yaml]\n"), ("base/a.yaml", Config("a")));
        var tree = MemoryTree.Of(("kustomization.yaml", "resources: ['https://example.com/x//base?ref=v1']\nnamePrefix: p-\n"));
        var result = KustomizeBuild.Run(new KustomizeRequest(tree, TreePath.Root) { RemoteBases = new Served(remote) });
        Assert.Contains("name: p-a\n", result.Yaml, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../secret.yaml")]
    [InlineData("../../secret.yaml")]
    [InlineData("/etc/passwd")]
    [InlineData("link.yaml")]
    public void Files_outside_of_the_folder_are_refused(string path)
    {
        var tree = new MemoryTree(
            [File("app/kustomization.yaml", $"resources: [{path}]\n"), File("secret.yaml", Config("secret"))],
            [(TreePath.Parse("app/link.yaml"), "/etc/passwd")]);
        var error = Assert.Throws<KustomizeException>(() => KustomizeBuild.Run(new KustomizeRequest(tree, TreePath.Parse("app"))));
        Assert.Equal(KustomizeProblem.NotAllowed, error.Kind);
        Assert.DoesNotContain("root:", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fifty_levels_of_overlays_are_built()
    {
        var files = new List<(string, string)> { ("l0/kustomization.yaml", "resources: [a.yaml]\n"), ("l0/a.yaml", Config("a")) };
        for (var i = 1; i <= 50; i++)
        {
            files.Add(($"l{i}/kustomization.yaml", $"resources: [../l{i - 1}]\nnamePrefix: x\n"));
        }

        var result = KustomizeBuild.Run(new KustomizeRequest(MemoryTree.Of([.. files]), TreePath.Parse("l50")));
        Assert.Equal(new string('x', 50) + "a", result.Manifests[0].Object.Name);
    }

    [Fact]
    public void More_levels_than_allowed_are_an_error()
    {
        var files = new List<(string, string)> { ("l0/kustomization.yaml", "resources: [a.yaml]\n"), ("l0/a.yaml", Config("a")) };
        for (var i = 1; i <= 300; i++)
        {
            files.Add(($"l{i}/kustomization.yaml", $"resources: [../l{i - 1}]\n"));
        }

        var error = Assert.Throws<KustomizeException>(() => KustomizeBuild.Run(new KustomizeRequest(MemoryTree.Of([.. files]), TreePath.Parse("l300"))));
        Assert.Equal(KustomizeProblem.TooLarge, error.Kind);
    }

    [Fact]
    public void A_long_cycle_is_told_with_its_way()
    {
        var error = Assert.Throws<KustomizeException>(() => KustomizeBuild.Run(new KustomizeRequest(
            MemoryTree.Of(("a/kustomization.yaml", "resources: [../b]\n"), ("b/kustomization.yaml", "resources: [../c]\n"), ("c/kustomization.yaml", "resources: [../a]\n")),
            TreePath.Parse("a"))));
        Assert.Contains("a → b → c → a", error.Message, StringComparison.Ordinal);
        Assert.StartsWith("c/kustomization.yaml:1:13: cycle detected", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Aliases_that_grow_without_end_are_refused()
    {
        var bomb = new StringBuilder("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 10; i++)
        {
            bomb.Append($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n");
        }

        Assert.Throws<KustomizeException>(() => Build(("kustomization.yaml", "resources: [a.yaml]\n"), ("a.yaml", bomb.ToString())));
    }

    [Fact]
    public void Work_grows_linearly_with_references_and_patches()
    {
        Work(200);
        var (small, large) = (Work(1_000), Work(10_000));
        Assert.True(large < small * 11, $"1,000 resources allocated {small:N0} bytes, 10,000 allocated {large:N0}");
    }

    [Fact]
    public void A_hundred_thousand_resources_are_built()
    {
        var resources = new StringBuilder();
        for (var i = 0; i < 100_000; i++)
        {
            resources.Append(Config($"c{i}")).Append("---\n");
        }

        var tree = MemoryTree.Of(("kustomization.yaml", "resources: [a.yaml]\nnamePrefix: x-\ncommonLabels: {a: b}\n"), ("a.yaml", resources.ToString()));
        Assert.Equal(100_000, KustomizeBuild.Run(new KustomizeRequest(tree, TreePath.Root)).Manifests.Count);
        var limited = new KustomizeRequest(tree, TreePath.Root) { Limits = new KustomizeLimits { MaxResources = 99_999 } };
        Assert.Equal(KustomizeProblem.TooLarge, Assert.Throws<KustomizeException>(() => KustomizeBuild.Run(limited)).Kind);
    }

    [Fact]
    public void Bases_that_double_at_each_level_end_at_the_limit()
    {
        var files = new List<(string, string)> { ("l0/kustomization.yaml", "nothing: 1\n") };
        for (var i = 1; i <= 40; i++)
        {
            files.Add(($"l{i}/kustomization.yaml", $"resources: [../l{i - 1}, ../m{i - 1}]\n"));
            files.Add(($"m{i - 1}/kustomization.yaml", i == 1 ? "resources: []\nnamePrefix: x\n" : $"resources: [../l{i - 2}, ../m{i - 2}]\n"));
        }

        files[0] = ("l0/kustomization.yaml", "resources: []\nnamePrefix: x\n");
        var error = Assert.Throws<KustomizeException>(() => KustomizeBuild.Run(new KustomizeRequest(MemoryTree.Of([.. files]), TreePath.Parse("l40"))));
        Assert.Equal(KustomizeProblem.TooLarge, error.Kind);
    }

    [Fact]
    public void Ten_thousand_patches_and_one_that_matches_nothing_are_told_apart()
    {
        var patches = new StringBuilder("resources: [a.yaml]\npatches:\n");
        for (var i = 0; i < 10_000; i++)
        {
            patches.Append("- patch: '[{\"op\": \"add\", \"path\": \"/data/k~1~0").Append(i).Append("\", \"value\": \"v\"}]'\n  target: {kind: ConfigMap, name: a}\n");
        }

        var built = Build(("kustomization.yaml", patches.ToString()), ("a.yaml", Config("a") + "data: {}\n"));
        Assert.Contains("  k/~9999: v\n", built.Yaml, StringComparison.Ordinal);
        patches.Append("- patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: none}}'\n");
        var error = Assert.Throws<KustomizeException>(() => Build(("kustomization.yaml", patches.ToString()), ("a.yaml", Config("a") + "data: {}\n")));
        Assert.StartsWith("kustomization.yaml:", error.Message, StringComparison.Ordinal);
        Assert.Contains("no resource matches strategic merge patch \"ConfigMap.v1.[noGrp]/none.[noNs]\"", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("generators", "apiVersion: example.com/v1\nkind: Exec\nmetadata: {name: x, annotations: {config.kubernetes.io/function: 'exec: {path: /bin/sh}'}}\n")]
    [InlineData("transformers", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, annotations: {config.kubernetes.io/function: 'container: {image: evil}'}}\n")]
    [InlineData("validators", "apiVersion: someteam.example.com/v1\nkind: Plugin\nmetadata: {name: x}\n")]
    public void Programs_and_containers_are_never_run(string field, string plugin)
    {
        var error = Assert.Throws<KustomizeException>(() => Build(("kustomization.yaml", $"resources: [a.yaml]\n{field}: [p.yaml]\n"), ("a.yaml", Config("a")), ("p.yaml", plugin)));
        Assert.Equal(KustomizeProblem.NotAllowed, error.Kind);
        Assert.StartsWith("p.yaml:1:1: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cycle_through_repositories_is_found()
    {
        var remote = MemoryTree.Of(("kustomization.yaml", "resources: ['https://git.example/a/b?ref=v1']\n"));
        var tree = MemoryTree.Of(("kustomization.yaml", "resources: ['https://git.example/a/b?ref=v1']\n"));
        var error = Assert.Throws<KustomizeException>(() => KustomizeBuild.Run(new KustomizeRequest(tree, TreePath.Root) { RemoteBases = new Served(remote) }));
        Assert.Equal(
            "https://git.example/a/b//kustomization.yaml:1:13: cycle detected: 'https://git.example/a/b?ref=v1' is already being built (the way there: . → https://git.example/a/b?ref=v1 → https://git.example/a/b?ref=v1)",
            error.Message);
    }

    // What is allocated tells of the work, and does not depend on how busy the machine is.
    private static long Work(int count)
    {
        var resources = new StringBuilder();
        var patches = new StringBuilder("patches:\n");
        for (var i = 0; i < count / 2; i++)
        {
            resources.Append(Config($"c{i}")).Append("---\n").Append(
                $"apiVersion: v1\nkind: Pod\nmetadata: {{name: p{i}}}\nspec: {{containers: [{{name: a, envFrom: [{{configMapRef: {{name: c{i}}}}}]}}]}}\n---\n");
            patches.Append($"- patch: '{{apiVersion: v1, kind: Pod, metadata: {{name: p{i}}}, spec: {{hostname: h}}}}'\n");
        }

        var tree = MemoryTree.Of(("kustomization.yaml", $"resources: [a.yaml]\nnamePrefix: x-\nnamespace: ns\n{patches}"), ("a.yaml", resources.ToString()));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var result = KustomizeBuild.Run(new KustomizeRequest(tree, TreePath.Root));
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(count, result.Manifests.Count);
        Assert.Contains($"name: x-c{(count / 2) - 1}\n", result.Yaml, StringComparison.Ordinal);
        return allocated;
    }

    private static KustomizeResult Build(params ReadOnlySpan<(string, string)> files) => KustomizeBuild.Run(new KustomizeRequest(MemoryTree.Of(files), TreePath.Root));

    private static (TreePath, ReadOnlyMemory<byte>) File(string path, string text) => (TreePath.Parse(path), Encoding.UTF8.GetBytes(text));

    private static string Config(string name) => $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n";

    private sealed class Served(SourceTree tree) : IRemoteBases
    {
        public RemoteBase Find(RemoteAddress address) => new(tree, address.Path) { Address = address };
    }
}
