using System.Diagnostics;
using System.Text;
using Capstan.GitHost.Repositories;
using Capstan.Sources.Git;
using Capstan.Sources.Git.Urls;
using Capstan.Sources.Git.Writing;
using Capstan.Sources.Ssrf;
using Capstan.Trees;

namespace Capstan.GitHost.Tests;

public sealed class StoreTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("")]
    [InlineData("a/../../b")]
    [InlineData("a/b/c")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("%2e%2e")]
    [InlineData("a..b")]
    [InlineData(".git")]
    [InlineData("x.git.git")]
    [InlineData("x.lock")]
    [InlineData("-x")]
    [InlineData("x-")]
    [InlineData("Shop")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    [InlineData("a\\b")]
    [InlineData("ü")]
    [InlineData(".template")]
    public void What_is_no_name_is_refused(string text)
    {
        Assert.False(RepositoryName.TryParse(text, out _));
        Assert.Throws<GitHostException>(() => RepositoryName.Parse(text));
    }

    [Fact]
    public void Names_of_three_hundred_characters_are_refused() => Assert.False(RepositoryName.TryParse(new string('a', 300), out _));

    [Fact]
    public void A_name_that_is_taken_stays_beneath_the_folder() => CsCheck.Check.Sample(
        CsCheck.Gen.String[CsCheck.Gen.Char["abz09._-/\\%\0~ A"], 0, 12], text =>
        {
            if (RepositoryName.TryParse(text, out var name))
            {
                Assert.StartsWith("/repositories/", Path.GetFullPath(Path.Combine("/repositories", name.Text + ".git")), StringComparison.Ordinal);
                Assert.DoesNotContain("..", name.Text, StringComparison.Ordinal);
            }
        });

    [Fact]
    public async Task Repositories_are_made_listed_and_deleted()
    {
        await using var host = await GitHostFixture.StartAsync();
        var names = ((string[])["alpha", "team/beta", "team/gamma.git"]).Select(RepositoryName.Parse).ToList();
        foreach (var name in names)
        {
            await host.Store.CreateAsync(name, Cancellation);
        }

        Assert.Equal(["alpha", "team/beta", "team/gamma"], host.Store.List().Select(name => name.Text));
        var twice = await Assert.ThrowsAsync<GitHostException>(() => host.Store.CreateAsync(names[0], Cancellation));
        Assert.Equal(GitHostProblem.AlreadyExists, twice.Problem);
        await host.Store.DeleteAsync(names[1], Cancellation);
        await Assert.ThrowsAsync<GitHostException>(() => host.Store.DeleteAsync(names[1], Cancellation));
        Assert.Equal(["alpha", "team/gamma"], host.Store.List().Select(name => name.Text));
    }

    [Fact]
    public async Task Own_repositories_are_read_where_they_lie_and_commits_from_inside_are_told()
    {
        await using var host = await GitHostFixture.StartAsync();
        var work = await host.NewWorkAsync("one");
        await host.GitAsync(work, "push", "-q", host.UrlWithToken("team/shop"), "main");
        var git = new GitProgram(host.Runner);
        using var mirrors = new GitMirrors(Path.Combine(host.Folder, "mirrors"), git, AddressGuard.Strict, host.Store, TimeProvider.System);
        var remote = new GitRemote(RepositoryUrl.Parse(host.Url("team/shop")));
        Assert.True(mirrors.IsLocal(remote.Url));
        Assert.False(mirrors.IsLocal(RepositoryUrl.Parse("https://elsewhere.example/git/team/shop")));

        var written = await new CommitWriter(mirrors, TimeProvider.System).WriteAsync(remote, "main", new CommitDraft(new CommitAuthor("Capstan", "c@x"), "Add"),
            _ => [TreeChange.Put(TreePath.Parse("new.yaml"), Encoding.UTF8.GetBytes("a: 1\n"))], Cancellation);
        var found = await mirrors.ResolveAsync(remote, "", TimeSpan.Zero, Cancellation);
        Assert.Equal(written.Commit, found.Commit);
        Assert.NotNull((await mirrors.OpenTreeAsync(remote, found.Commit, Cancellation)).Find(TreePath.Parse("new.yaml")));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(host.Folder, "mirrors")));
        Assert.Equal(["admin", "capstan"], host.Observer.Events.Select(push => push.Principal.Name));
        await host.FsckAsync("team/shop");

        // A push from outside on top of it is seen at once.
        await host.GitAsync(work, "pull", "-q", "--rebase", host.UrlWithToken("team/shop"), "main");
        var pushed = await host.CommitAsync(work, "b.yaml", "b: 1\n");
        await host.GitAsync(work, "push", "-q", host.UrlWithToken("team/shop"), "main");
        Assert.Equal(pushed, (await mirrors.ResolveAsync(remote, "main", TimeSpan.FromDays(1), Cancellation)).Commit);
    }

    [Fact]
    public async Task What_a_killed_git_left_behind_blocks_nothing_after_a_start()
    {
        await using var host = await GitHostFixture.StartAsync();
        var work = await host.NewWorkAsync("one");
        await host.GitAsync(work, "push", "-q", host.UrlWithToken("shop"), "main");
        var path = host.Store.PathTo(RepositoryName.Parse("shop"));
        await File.WriteAllTextAsync(Path.Combine(path, "refs/heads/main.lock"), "", Cancellation);
        await File.WriteAllTextAsync(Path.Combine(path, "packed-refs.lock"), "", Cancellation);
        Directory.CreateDirectory(Path.Combine(path, "objects/tmp_objdir-incoming-x/pack"));
        await File.WriteAllTextAsync(Path.Combine(host.Folder, "git/.incoming/half"), "", Cancellation);
        await host.CommitAsync(work, "b.txt", "b\n");
        Assert.NotEqual(0, (await host.TryGitAsync(work, "push", host.UrlWithToken("shop"), "main")).ExitCode);

        await host.Store.StartAsync(Cancellation);
        await host.GitAsync(work, "push", "-q", host.UrlWithToken("shop"), "main");
        await host.FsckAsync("shop");
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(host.Folder, "git/.incoming")));
    }

    [Fact]
    public async Task A_receive_that_is_killed_at_any_moment_leaves_the_push_whole_or_not_at_all()
    {
        await using var host = await GitHostFixture.StartAsync();
        var work = await host.NewWorkAsync("one");
        await host.GitAsync(work, "push", "-q", host.UrlWithToken("shop"), "main");
        var path = host.Store.PathTo(RepositoryName.Parse("shop"));
        var random = new Random(7);
        for (var round = 0; round < 12; round++)
        {
            var before = (await host.GitAsync(path, "rev-parse", "main")).Trim();
            var next = await host.CommitAsync(work, $"f{round}.txt", new string('x', 1000 * round));
            var push = host.TryGitAsync(work, "push", "-q", host.UrlWithToken("shop"), "main");
            await KillServingAsync(path, TimeSpan.FromMilliseconds(random.Next(1, 60)), push);
            var acknowledged = (await push).ExitCode == 0;
            await host.Store.StartAsync(Cancellation);
            var after = (await host.GitAsync(path, "rev-parse", "main")).Trim();
            Assert.Contains(after, (string[])[before, next]);
            Assert.True(!acknowledged || after == next, "an acknowledged push is gone");
            await host.GitAsync(work, "push", "-q", host.UrlWithToken("shop"), "main");
        }

        await host.FsckAsync("shop");
    }

    // Only processes that work in this test's own repository are ended.
    private static async Task KillServingAsync(string path, TimeSpan after, Task push)
    {
        var began = Stopwatch.StartNew();
        while (!push.IsCompleted && began.Elapsed < TimeSpan.FromSeconds(20))
        {
            var serving = Directory.EnumerateDirectories("/proc").Where(process => char.IsAsciiDigit(Path.GetFileName(process)[0]) && WorksIn(process, path)).ToList();
            if (serving.Count == 0 || began.Elapsed < after)
            {
                await Task.Yield();
                continue;
            }

            foreach (var process in serving)
            {
                Kill(int.Parse(Path.GetFileName(process), System.Globalization.CultureInfo.InvariantCulture));
            }

            return;
        }
    }

    private static bool WorksIn(string process, string path)
    {
        try
        {
            return File.ResolveLinkTarget(Path.Combine(process, "cwd"), false)?.FullName.StartsWith(path, StringComparison.Ordinal) == true
                && File.ReadAllText(Path.Combine(process, "cmdline")).Contains("receive-pack", StringComparison.Ordinal);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void Kill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (Exception failure) when (failure is ArgumentException or InvalidOperationException)
        {
            Assert.NotNull(failure.Message);
        }
    }
}
