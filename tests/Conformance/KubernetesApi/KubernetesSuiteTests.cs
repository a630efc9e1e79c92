using Capstan.LocalCluster.Tests;
using Capstan.LocalCluster.Tests.Node;

namespace Capstan.Conformance.KubernetesApi;

/// <summary>
/// Kubernetes' own conformance suite against the local cluster. The long form only: <c>./test KubernetesApi --conformance</c>.
/// With CAPSTAN_UPDATE=1 it writes docs/conformance.md.
/// </summary>
public sealed class KubernetesSuiteTests(ServerFixture local, PodWorld containers) : IClassFixture<ServerFixture>, IClassFixture<PodWorld>
{
    [Fact]
    public async Task Every_spec_that_needs_no_running_container_passes()
    {
        var suite = KubernetesSuite.Find();
        Assert.SkipWhen(suite is null, "the suite runs with ./test --conformance");

        var ended = await suite.RunAsync(local.Server.KubeconfigPath, @"\[Conformance\]", Patterns("not-runnable.txt"), TimeSpan.FromMinutes(40));

        await JudgeAsync(suite, ended, "");
    }

    [Fact]
    public async Task Every_spec_whose_images_can_be_made_of_local_files_passes_with_containers()
    {
        var suite = KubernetesSuite.Find();
        Assert.SkipWhen(suite is null, "the suite runs with ./test --conformance");
        Assert.SkipWhen(SuiteImages.Folder is null, "the images are not made: eng/conformance/images.sh");
        Assert.SkipWhen(containers.Missing.Length > 0, containers.Missing);
        await SuiteImages.LoadAsync(SuiteImages.Folder, containers.Engine, suite);
        var focus = Environment.GetEnvironmentVariable("CAPSTAN_CONFORMANCE_FOCUS") is { Length: > 0 } only ? only : $@"({Patterns("not-runnable.txt")}).*\[Conformance\]";

        var ended = await suite.RunAsync(containers.Server.KubeconfigPath, focus, Patterns("not-runnable-with-containers.txt"), TimeSpan.FromMinutes(100));

        await JudgeAsync(suite, ended, " with containers");
    }

    private static string Patterns(string file) => string.Join('|', SuitePage.Reasons(file).Select(r => r.Pattern));

    private static async Task JudgeAsync(KubernetesSuite suite, IReadOnlyDictionary<string, bool> ended, string how)
    {
        if (Environment.GetEnvironmentVariable("CAPSTAN_UPDATE") == "1") await SuitePage.WriteAsync(await suite.AllAsync(), ended, how);
        TestContext.Current.TestOutputHelper?.WriteLine($"{ended.Count(e => e.Value)} passed, {ended.Count(e => !e.Value)} failed");
        Assert.NotEmpty(ended);
        Assert.True(ended.All(e => e.Value), string.Join("\n", ended.Where(e => !e.Value).Select(e => e.Key)));
    }
}
