using System.Diagnostics;
using System.Text;
using Capstan.Helm.Charts;
using Capstan.Helm.Repositories;
using Capstan.Testing;
using Capstan.Trees;

namespace Capstan.Helm.Tests.Repositories;

public sealed class ChartDependenciesTests
{
    private const string Dependencies = "apiVersion: v2\nname: app\nversion: 1.0.0\ndependencies:\n- {name: leaf, version: ~1.1, repository: 'https://charts.example'}\n- {name: near, version: '>=0.3', repository: 'file://../near'}\n";

    private static IReadOnlyList<NeededChart> Missing(params (string, string)[] more) => ChartDependencies.Missing(MemoryTree.Of([("app/Chart.yaml", Dependencies), .. more]), TreePath.Parse("app"));

    [Fact]
    public void What_lies_in_charts_as_a_folder_or_an_archive_is_not_missing()
    {
        Assert.Equal(["leaf", "near"], Missing().Select(m => m.Name));
        Assert.Equal(["near"], Missing(("app/charts/leaf-1.1.0.tgz", "x")).Select(m => m.Name));
        Assert.Empty(Missing(("app/charts/leaf/Chart.yaml", "x"), ("app/charts/near-0.3.0.tgz", "x")));
        Assert.Equal(2, Missing(("app/charts/leaf-more-1.1.0.tgz", "x")).Count);
    }

    [Fact]
    public void R8_a_lock_of_other_dependencies_and_a_lock_behind_a_link_are_refused()
    {
        Assert.Contains("out of sync", Assert.Throws<ChartException>(() => Missing(("app/Chart.lock", "dependencies: []\ndigest: sha256:0\n"))).Message, StringComparison.Ordinal);
        var linked = new MemoryTree([(TreePath.Parse("app/Chart.yaml"), Encoding.UTF8.GetBytes(Dependencies))], [(TreePath.Parse("app/Chart.lock"), "../../etc/passwd")]);
        Assert.Equal("the Chart.lock file is a symlink", Assert.Throws<ChartException>(() => ChartDependencies.Missing(linked, TreePath.Parse("app"))).Message);
    }

    [Theory]
    [InlineData("repository: '@stable'", "no repository definition for @stable")]
    [InlineData("condition: x", "names no repository")]
    public void A_dependency_that_cannot_be_found_says_why(string more, string message) =>
        Assert.Contains(message, Assert.Throws<ChartException>(() => ChartDependencies.Missing(
            MemoryTree.Of(("Chart.yaml", $"apiVersion: v2\nname: a\nversion: 1.0.0\ndependencies:\n- {{name: leaf, version: '1', {more}}}\n")), TreePath.Root)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_dependency_in_the_same_tree_is_rendered_and_one_out_of_it_is_refused()
    {
        (string, string)[] near = [("near/Chart.yaml", "apiVersion: v2\nname: near\nversion: 0.3.1\n"), ("near/templates/a.yaml", "from: {{ .Chart.Version }}")];
        string Chart(string where) => $"apiVersion: v2\nname: app\nversion: 1.0.0\ndependencies:\n- {{name: near, version: '>=0.3', repository: 'file://{where}'}}\n";
        var result = Render(MemoryTree.Of([("app/Chart.yaml", Chart("../near")), .. near]));
        Assert.Contains("# Source: app/charts/near/templates/a.yaml\nfrom: 0.3.1", result.Output, StringComparison.Ordinal);
        Assert.Contains("leaves the repository", Render(MemoryTree.Of([("app/Chart.yaml", Chart("../../near")), .. near])).Error!.Message, StringComparison.Ordinal);
    }

    // The judge makes the lock and the archives, and says what they render to.
    [Fact]
    public async Task A_lock_that_helm_wrote_gives_what_helm_renders()
    {
        var helm = Path.Combine(Environment.GetEnvironmentVariable("CAPSTAN_JUDGES") ?? "", "helm");
        Assert.SkipUnless(File.Exists(helm), "helm is not on this machine (CAPSTAN_JUDGES, from eng/judges/fetch.sh)");
        var folder = Directory.CreateTempSubdirectory("capstan-charts-").FullName;
        using var server = new StaticServer();
        try
        {
            Write(folder, "leaf/Chart.yaml", "apiVersion: v2\nname: leaf\nversion: 1.1.4\n");
            Write(folder, "leaf/templates/a.yaml", "a: {{ .Values.global.x }}-{{ .Chart.Version }}\n");
            Write(folder, "app/Chart.yaml", $"apiVersion: v2\nname: app\nversion: 1.0.0\ndependencies:\n- name: leaf\n  version: '>=1.0 <2'\n  repository: {server.Url}\n  condition: leaf.on\n  tags: [a, 'b<c&d']\n  import-values: [data, {{child: c, parent: p}}]\n  alias: twig\n");
            Write(folder, "app/values.yaml", "global: {x: 7}\n");
            await RunAsync(helm, folder, "package", "leaf", "-d", "www");
            await RunAsync(helm, folder, "repo", "index", "www");
            foreach (var file in Directory.EnumerateFiles(Path.Combine(folder, "www")))
            {
                server.Files[Path.GetFileName(file)] = await File.ReadAllBytesAsync(file, Cancel);
            }

            await RunAsync(helm, folder, "dependency", "update", "app");
            var expected = await RunAsync(helm, folder, "template", "r", "app");
            (string, string) Text(string name) => ($"app/{name}", File.ReadAllText(Path.Combine(folder, "app", name)));
            var tree = MemoryTree.Of(Text("Chart.yaml"), Text("Chart.lock"), Text("values.yaml"));
            var missing = ChartDependencies.Missing(tree, TreePath.Parse("app"));
            Assert.Equal("1.1.4", Assert.Single(missing).Version);
            var fetched = await ChartDependencies.FetchAsync(missing, new ChartRepositories(new Served(server)), Cancel);
            var result = new HelmRenderer().Render(new HelmRenderRequest { Tree = tree, ChartPath = TreePath.Parse("app"), ReleaseName = "r", Dependencies = fetched }, Cancel);
            Assert.Null(result.Error);
            Assert.Equal(expected, result.Output);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static HelmRenderResult Render(MemoryTree tree) =>
        new HelmRenderer().Render(new HelmRenderRequest { Tree = tree, ChartPath = TreePath.Parse("app"), Dependencies = new Dictionary<NeededChart, FetchedChart>() }, Cancel);

    private static void Write(string folder, string path, string content)
    {
        var file = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
    }

    private static async Task<string> RunAsync(string helm, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(helm, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var home in (string[])["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"])
        {
            start.Environment[home] = Path.Combine(folder, home);
        }

        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(Cancel);
        var output = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        Assert.True(process.ExitCode == 0, await error);
        return output;
    }

    private sealed class Served(StaticServer server) : IRepositoryFiles
    {
        public Task<RepositoryFile> IndexAsync(string repository, CancellationToken cancellation) => Task.FromResult(File("index.yaml"));

        public Task<RepositoryFile> FileAsync(string repository, string url, string sha256, CancellationToken cancellation) => Task.FromResult(File(url.Split('/')[^1]));

        private RepositoryFile File(string name) => new(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(server.Files[name])), () => new MemoryStream(server.Files[name]));
    }
}
