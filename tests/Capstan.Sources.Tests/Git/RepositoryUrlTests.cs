using Capstan.Sources.Git.Urls;

namespace Capstan.Sources.Tests.Git;

public sealed class RepositoryUrlTests
{
    [Theory]
    [InlineData("https://GitHub.com/team/shop.git", "https://github.com/team/shop.git", "https://github.com/team/shop")]
    [InlineData("https://github.com:443/team/shop/", "https://github.com/team/shop/", "https://github.com/team/shop")]
    [InlineData("https://ada@dev.azure.com/o/p/_git/r", "https://ada@dev.azure.com/o/p/_git/r", "https://dev.azure.com/o/p/_git/r")]
    [InlineData("git@github.com:team/shop.git", "git@github.com:team/shop.git", "git@github.com:team/shop")]
    [InlineData("git@host:/srv/shop.git", "ssh://git@host/srv/shop.git", "ssh://git@host/srv/shop")]
    [InlineData("ssh://git@github.com:22/team/shop", "ssh://git@github.com/team/shop", "ssh://git@github.com/team/shop")]
    [InlineData("ssh://git@host:2222/a", "ssh://git@host:2222/a", "ssh://git@host:2222/a")]
    [InlineData("http://[::1]:7070/git/shop.git", "http://[::1]:7070/git/shop.git", "http://[::1]:7070/git/shop")]
    [InlineData("/srv/git/shop.git", "file:///srv/git/shop.git", "file:///srv/git/shop")]
    [InlineData("file:///srv/git/shop", "file:///srv/git/shop", "file:///srv/git/shop")]
    public void An_address_has_one_text_and_one_identity(string text, string expected, string key)
    {
        var url = RepositoryUrl.Parse(text);
        Assert.Equal(expected, url.Text);
        Assert.Equal(key, url.Key);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("-uhttp://x", "option")]
    [InlineData("--upload-pack=touch /tmp/x", "white space")]
    [InlineData("--upload-pack=x", "option")]
    [InlineData("ext::sh -c touch% /tmp/x", "white space")]
    [InlineData("ext::sh", "runs other programs")]
    [InlineData("fd::17", "runs other programs")]
    [InlineData("git://host/x", "protocol \"git\"")]
    [InlineData("ftp://host/x", "protocol \"ftp\"")]
    [InlineData("gopher://host/x", "protocol \"gopher\"")]
    [InlineData("../other", "relative")]
    [InlineData("team/shop", "relative")]
    [InlineData("https://host", "has no path")]
    [InlineData("https://host/a/../b", "\"..\"")]
    [InlineData("https://host/a/%2e%2e/b", "\"..\"")]
    [InlineData("https://-oProxyCommand=x/y", "host name")]
    [InlineData("ssh://-oProxyCommand=x/y", "host name")]
    [InlineData("-oProxyCommand=x:y", "option")]
    [InlineData("git@-oProxy:y", "host name")]
    [InlineData("git@host:-x", "begins with")]
    [InlineData("https://host/a\nb", "control")]
    [InlineData("https://host/a?b=c", "\"?\"")]
    [InlineData("https://host:99999/a", "port")]
    [InlineData("https://2130706433/a", "usual form")]
    [InlineData("https://0x7f000001/a", "usual form")]
    [InlineData("https://0177.0.0.1/a", "usual form")]
    [InlineData("https://127.1/a", "usual form")]
    [InlineData("file://host/x", "no host")]
    [InlineData("https://ada:geheim@host/a", "holds a password")]
    public void What_git_or_ssh_could_take_for_something_else_is_refused(string text, string why)
    {
        Assert.False(RepositoryUrl.TryParse(text, out _, out var problem));
        Assert.Contains(why, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://github.com/Team/Shop", "git@github.com:team/shop.git", true)]
    [InlineData("https://github.com/team/shop", "https://github.com/team/shop2", false)]
    [InlineData("https://github.com/team/shop", "https://github.com.evil.example/team/shop", false)]
    public void A_webhook_names_a_repository_by_host_and_path(string one, string other, bool same) =>
        Assert.Equal(same, RepositoryUrl.Parse(one).NamesSameRepository(RepositoryUrl.Parse(other)));

    [Fact]
    public void No_text_makes_the_reader_fail() => CsCheck.Check.Sample(CsCheck.Gen.String, text =>
    {
        var ok = RepositoryUrl.TryParse(text, out var url, out _);
        Assert.True(!ok || RepositoryUrl.Parse(url!.Text).Key == url.Key);
    });
}
