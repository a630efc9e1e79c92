using Capstan.Delivery.Rendering;
using Capstan.Delivery.Settings;
using Capstan.Trees;

namespace Capstan.Delivery.Tests.Rendering;

public sealed class SettingsTests
{
    private const string Head = "apiVersion: capstan.dev/v1alpha1\nkind: Settings\nmetadata:\n  name: capstan\n  namespace: capstan\n";

    [Fact]
    public void Settings_that_are_understood_are_an_object_like_any_other() => Assert.Empty(Problems(
        Head + "spec:\n  kustomize:\n    helmCharts: true\n    remoteBases:\n      submodules: true\n      repositories: [https://github.com/org/*, 'git@example.com:a/b.git']\n"));

    [Theory]
    [InlineData("spec:\n  kustomise: {}\n", "apps/settings.yaml:7:3: ", "spec.kustomise: is not known; known are kustomize, workflows, terminals")]
    [InlineData("spec:\n  kustomize:\n    helmCharts: yes please\n", "apps/settings.yaml:8:17: ", "spec.kustomize.helmCharts must be true or false, it is")]
    [InlineData("spec:\n  kustomize:\n    remoteBases:\n      repository: x\n", "apps/settings.yaml:9:7: ", "spec.kustomize.remoteBases.repository: is not known; known are repositories, submodules")]
    [InlineData("spec:\n  kustomize:\n    remoteBases:\n      repositories:\n      - https://*.example.com/x\n", "apps/settings.yaml:10:9: ", "spec.kustomize.remoteBases.repositories[0]: a star may only stand alone at the end")]
    [InlineData("spec:\n  kustomize:\n    remoteBases:\n      repositories: [--upload-pack=x]\n", "apps/settings.yaml:9:22: ", "begins with \"-\"")]
    [InlineData("spec:\n  workflows:\n    keep: {days: -1}\n", "apps/settings.yaml:8:18: ", "spec.workflows.keep.days must be a whole number above 0")]
    [InlineData("spec:\n  workflows:\n    pullRequests: [{repository: a/b, from: https://github.com/a/*}]\n", "apps/settings.yaml:8:44: ", "spec.workflows.pullRequests[0].from: must be the address of a")]
    [InlineData("spec:\n  workflows:\n    pullRequests: [{repository: a/b, from: https://github.com/a/b, provider: svn}]\n", "apps/settings.yaml:8:78: ", "provider must be one of github, gitea, it is \"svn\"")]
    [InlineData("spec: []\n", "apps/settings.yaml:6:7: ", "spec must be a map, it is a list")]
    public void What_is_not_understood_is_refused_with_its_place(string spec, string place, string said)
    {
        var problem = Assert.Single(Problems(Head + spec));
        Assert.StartsWith(place, problem, StringComparison.Ordinal);
        Assert.Contains(said, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void There_is_one_object_of_settings() => Assert.StartsWith(
        "apps/settings.yaml:4:9: ", Assert.Single(Problems(Head.Replace("name: capstan\n", "name: mine\n", StringComparison.Ordinal))), StringComparison.Ordinal);

    [Theory]
    [InlineData("https://github.com/org/repo", "https://github.com/org/repo.git", true)]
    [InlineData("https://github.com/org/repo", "https://GitHub.com/org/repo/", true)]
    [InlineData("https://github.com/org/repo", "https://github.com/org/repository", false)]
    [InlineData("https://github.com/org/repo", "http://github.com/org/repo", false)]
    [InlineData("https://github.com/org/*", "https://github.com/org/repo", true)]
    [InlineData("https://github.com/org/*", "https://github.com/organization/repo", false)]
    [InlineData("https://github.com/org/*", "https://github.com/org/../other/repo", false)]
    [InlineData("https://github.com/org/*", "https://github.com/org/%2e%2e/other/repo", false)]
    [InlineData("https://github.com/org/*", "https://github.com.evil.example/org/repo", false)]
    [InlineData("https://github.com/org/*", "https://github.com@evil.example/org/repo", false)]
    [InlineData("git@example.com:a/*", "git@example.com:a/b.git", true)]
    public void An_allowed_address_means_one_repository_or_all_beneath(string allowed, string address, bool allows) =>
        Assert.Equal(allows, AllowedAddress.Read(allowed, out _)!.Allows(address));

    private static IReadOnlyList<string> Problems(string settings)
    {
        var application = Make.Application("""{"source":{"repoURL":"https://git.example/platform.git","path":"apps"},"destination":{"server":"https://kubernetes.default.svc","namespace":"capstan"} }""");
        return new RenderCache().Render(MemoryTree.Of(("apps/settings.yaml", settings)), application.Source, "c1").Problems;
    }
}
