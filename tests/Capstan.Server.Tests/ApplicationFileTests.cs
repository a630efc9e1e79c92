using Capstan.Api.Applications;
using Capstan.Resources;
using Capstan.Server.Platform;
using Capstan.Server.Problems;
using Capstan.Yaml;

namespace Capstan.Server.Tests;

public class ApplicationFileTests
{
    [Fact]
    public void The_file_says_what_was_wished()
    {
        var wish = new CreateApplication("shop", "team/shop", "deploy", "v1", "prod", Automated: true, Prune: true, SelfHeal: true, SyncOptions: ["CreateNamespace=true"]);
        var written = new KubernetesObject((YamlMap)YamlText.ReadOne(ApplicationFile.Write(wish, n => $"http://h/git/{n}.git")));
        Assert.Equal("Application", written.Kind);
        Assert.Equal("http://h/git/team/shop.git", written.Spec.At("source", "repoURL")?.AsString());
        Assert.Equal("v1", written.Spec.At("source", "targetRevision")?.AsString());
        Assert.Equal("prod", written.Spec.At("destination", "namespace")?.AsString());
        Assert.Equal(YamlScalar.True, written.Spec.At("syncPolicy", "automated", "selfHeal"));
        Assert.Null(written.Spec.At("syncPolicy", "automated", "allowEmpty"));
    }

    [Theory]
    [InlineData("1.10")]
    [InlineData("true")]
    [InlineData("a: b # c")]
    [InlineData("line\nbreak: x")]
    [InlineData(">=1.0 <2")]
    public void Whatever_a_revision_looks_like_it_is_read_back_as_the_same_text(string revision)
    {
        var file = ApplicationFile.Write(new CreateApplication("shop", "https://example.test/r.git", "p", revision), n => n);
        Assert.Equal(revision, ((YamlMap)YamlText.ReadOne(file)).At("spec", "source", "targetRevision")?.AsString());
    }

    [Theory]
    [InlineData("Shop")]
    [InlineData("../x")]
    [InlineData("a/b")]
    [InlineData("")]
    [InlineData("-a")]
    public void A_name_that_is_no_label_is_refused(string name) =>
        Assert.Throws<RequestProblem>(() => ApplicationFile.Write(new CreateApplication(name, "r", "p"), n => n));
}
