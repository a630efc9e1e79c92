using System.Globalization;

namespace Capstan.Kustomize.Tests.Files;

/// <summary>The forms that kustomize's documentation of remote targets names, and what it makes of them (repospec_test.go).</summary>
public sealed class RemoteAddressTests
{
    [Theory]
    [InlineData("https://github.com/org/repo//deploy/app?ref=v1.2", "https://github.com/org/repo", "deploy/app", "v1.2")]
    [InlineData("https://github.com/org/repo/deploy/app?ref=v1.2", "https://github.com/org/repo", "deploy/app", "v1.2")]
    [InlineData("https://github.com/org/repo", "https://github.com/org/repo", ".", "")]
    [InlineData("github.com/org/repo/deploy?version=main", "https://github.com/org/repo", "deploy", "main")]
    [InlineData("github.com/org/repo?version=a&ref=b", "https://github.com/org/repo", ".", "b")]
    [InlineData("www.github.com/org/repo", "https://github.com/org/repo", ".", "")]
    [InlineData("git::https://git.example/org/repo.git/deploy?ref=x", "https://git.example/org/repo.git", "deploy", "x")]
    [InlineData("git@github.com:org/repo.git//deploy", "git@github.com:org/repo.git", "deploy", "")]
    [InlineData("ssh://git@git.example:7999/org/repo.git/deploy?ref=a%2Fb", "ssh://git@git.example:7999/org/repo.git", "deploy", "a/b")]
    [InlineData("user@git.example:path/to/repo.git//deploy", "user@git.example:path/to/repo.git", "deploy", "")]
    [InlineData("https://fake@dev.azure.com/org/project/_git/repo/deploy/app?ref=x", "https://fake@dev.azure.com/org/project/_git/repo", "deploy/app", "x")]
    [InlineData("file:///srv/git/repo.git//deploy", "file:///srv/git/repo.git", "deploy", "")]
    [InlineData("https://git.example/a/b/c/d//", "https://git.example/a/b/c/d", ".", "")]
    public void An_address_is_taken_apart_as_kustomize_does(string text, string repository, string path, string reference)
    {
        Assert.True(RemoteAddress.IsRemote(text));
        var address = RemoteAddress.Parse(text);
        Assert.Equal((repository, path, reference, false), (address.Repository, address.Path.ToString(), address.Reference, address.IsFile));
    }

    [Theory]
    [InlineData("timeout=61&submodules=false", "61", false)]
    [InlineData("timeout=1m1s&submodules=1", "61", true)]
    [InlineData("timeout=-5&submodules=perhaps", "", null)]
    [InlineData("timeout=3000h", "", null)]
    [InlineData("", "", null)]
    public void Options_are_read_and_those_that_make_no_sense_are_as_if_absent(string options, string seconds, bool? submodules)
    {
        var address = RemoteAddress.Parse("https://github.com/org/repo?" + options);
        Assert.Equal((seconds, submodules), (address.Timeout?.TotalSeconds.ToString(CultureInfo.InvariantCulture) ?? "", address.Submodules));
    }

    [Theory]
    [InlineData("https://raw.example/org/repo/main/install.yaml", true)]
    [InlineData("https://github.com/org/repo/releases/download/v1/install.yml", true)]
    [InlineData("https://github.com/org/repo//deploy.yaml", false)]
    [InlineData("ssh://git@git.example/org/repo.yaml", false)]
    public void One_file_behind_http_is_told_from_a_repository(string text, bool isFile) => Assert.Equal(isFile, RemoteAddress.Parse(text).IsFile);

    [Theory]
    [InlineData("https://github.com/org/repo//../../up", "url path exits repo")]
    [InlineData("https://github.com/org", "failed to parse repo path segment")]
    [InlineData("https://git.example", "failed to parse host")]
    [InlineData("git::org/repo", "no username, scheme or known host")]
    public void What_is_no_address_is_refused(string text, string said) =>
        Assert.Contains(said, Assert.Throws<KustomizeException>(() => RemoteAddress.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("base")]
    [InlineData("../base/app")]
    [InlineData("./a:b")]
    [InlineData("deploy@v1")]
    public void A_path_is_no_address(string text) => Assert.False(RemoteAddress.IsRemote(text));
}
