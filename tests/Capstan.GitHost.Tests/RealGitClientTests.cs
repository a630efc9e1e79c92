using Capstan.GitHost.Repositories;
using Capstan.Sources.Git;

namespace Capstan.GitHost.Tests;

public sealed class RealGitClientTests
{
    [Fact]
    public async Task A_first_push_makes_the_repository_and_a_clone_brings_it_back()
    {
        await using var host = await GitHostFixture.StartAsync();
        var work = await host.NewWorkAsync("one");
        var head = (await host.GitAsync(work, "rev-parse", "HEAD")).Trim();
        await host.GitAsync(work, "push", "-q", host.UrlWithToken("team/shop"), "main");

        var push = Assert.Single(host.Observer.Events);
        Assert.Equal("team/shop", push.Repository.Text);
        Assert.Equal("admin", push.Principal.Name);
        Assert.Equal([new RefUpdate("refs/heads/main", null, head)], push.Updates);
        await host.GitAsync(host.Folder, "clone", "-q", host.UrlWithToken("team/shop"), "copy");
        Assert.Equal("hello\n", await File.ReadAllTextAsync(Path.Combine(host.Folder, "copy/readme.txt"), TestContext.Current.CancellationToken));
        await host.FsckAsync("team/shop");
    }

    [Fact]
    public async Task Asking_what_is_there_does_not_make_a_repository()
    {
        await using var host = await GitHostFixture.StartAsync();
        var result = await host.TryGitAsync(host.Folder, "ls-remote", host.UrlWithToken("nothing"));
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("not found", result.Errors, StringComparison.Ordinal);
        var work = await host.NewWorkAsync("one");
        await host.GitAsync(work, "push", "-q", "--dry-run", host.UrlWithToken("nothing"), "main");
        Assert.Empty(host.Store.List());
    }

    [Fact]
    public async Task Without_create_on_push_an_unknown_name_is_refused_and_nothing_is_made()
    {
        await using var host = await GitHostFixture.StartAsync(new GitHostOptions());
        var work = await host.NewWorkAsync("one");
        Assert.NotEqual(0, (await host.TryGitAsync(work, "push", host.UrlWithToken("shop"), "main")).ExitCode);
        Assert.Empty(host.Store.List());
        await host.Store.CreateAsync(RepositoryName.Parse("shop"), TestContext.Current.CancellationToken);
        await host.GitAsync(work, "push", "-q", host.UrlWithToken("shop"), "main");
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    [InlineData("2")]
    public async Task Every_protocol_version_clones_shallow_and_partial(string version)
    {
        await using var host = await GitHostFixture.StartAsync();
        var work = await host.NewWorkAsync("one");
        for (var i = 0; i < 5; i++)
        {
            await host.CommitAsync(work, $"folder/file-{i}.txt", $"text {i}\n");
        }

        await host.GitAsync(work, "push", "-q", host.UrlWithToken("shop"), "main");
        string[] protocol = ["-c", "protocol.version=" + version];
        await host.GitAsync(host.Folder, [.. protocol, "clone", "-q", "--depth", "2", host.UrlWithToken("shop"), "shallow"]);
        Assert.Equal("2", (await host.GitAsync(Path.Combine(host.Folder, "shallow"), "rev-list", "--count", "HEAD")).Trim());
        await host.GitAsync(Path.Combine(host.Folder, "shallow"), [.. protocol, "fetch", "-q", "--unshallow"]);
        Assert.Equal("6", (await host.GitAsync(Path.Combine(host.Folder, "shallow"), "rev-list", "--count", "HEAD")).Trim());

        await host.GitAsync(host.Folder, [.. protocol, "clone", "-q", "--no-checkout", "--filter=blob:none", host.UrlWithToken("shop"), "partial"]);
        var partial = Path.Combine(host.Folder, "partial");
        Assert.Contains("?", await host.GitAsync(partial, "rev-list", "--objects", "--missing=print", "HEAD"), StringComparison.Ordinal);
        await host.GitAsync(partial, [.. protocol, "checkout", "-q", "main"]);
        Assert.Equal("text 4\n", await File.ReadAllTextAsync(Path.Combine(partial, "folder/file-4.txt"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Force_pushes_deleted_branches_and_tags_are_told_as_what_they_did()
    {
        await using var host = await GitHostFixture.StartAsync();
        var work = await host.NewWorkAsync("one");
        var first = (await host.GitAsync(work, "rev-parse", "HEAD")).Trim();
        await host.GitAsync(work, "remote", "add", "origin", host.UrlWithToken("shop"));
        await host.GitAsync(work, "tag", "-a", "v1", "-m", "one");
        await host.GitAsync(work, "push", "-q", "origin", "main", "main:refs/heads/side", "v1");
        await host.GitAsync(work, "commit", "-q", "--amend", "-m", "Another");
        var second = (await host.GitAsync(work, "rev-parse", "HEAD")).Trim();
        Assert.NotEqual(0, (await host.TryGitAsync(work, "push", "origin", "main")).ExitCode);
        await host.GitAsync(work, "push", "-q", "--force", "origin", "main");
        await host.GitAsync(work, "push", "-q", "origin", ":side");

        var updates = host.Observer.Events.SelectMany(push => push.Updates).ToList();
        Assert.Equal(["refs/heads/main", "refs/heads/side", "refs/tags/v1", "refs/heads/main", "refs/heads/side"], updates.Select(update => update.Ref));
        Assert.Equal(new RefUpdate("refs/heads/main", first, second), updates[3]);
        Assert.Equal(new RefUpdate("refs/heads/side", first, null), updates[4]);
        await host.FsckAsync("shop");
    }

    [Fact]
    public async Task A_first_branch_of_another_name_becomes_the_default()
    {
        await using var host = await GitHostFixture.StartAsync();
        var work = await host.NewWorkAsync("one");
        await host.GitAsync(work, "push", "-q", host.UrlWithToken("shop"), "main:refs/heads/trunk");
        Assert.Contains("ref: refs/heads/trunk\tHEAD", await host.GitAsync(host.Folder, "ls-remote", "--symref", host.UrlWithToken("shop"), "HEAD"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sixteen_pushers_of_branches_of_their_own_lose_nothing()
    {
        await using var host = await GitHostFixture.StartAsync();
        var works = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => host.NewWorkAsync($"w{i}", $"f{i}.txt", $"{i}\n")));
        await Task.WhenAll(works.Select((work, i) => host.GitAsync(work, "push", "-q", host.UrlWithToken("shop"), $"main:refs/heads/b{i}")));

        var refs = await host.GitAsync(host.Folder, "ls-remote", "--heads", host.UrlWithToken("shop"));
        Assert.Equal(16, refs.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(16, host.Observer.Events.Sum(push => push.Updates.Count));
        await host.FsckAsync("shop");
    }

    [Fact]
    public async Task Of_many_pushers_of_one_branch_each_old_value_is_won_once()
    {
        await using var host = await GitHostFixture.StartAsync();
        var seed = await host.NewWorkAsync("seed");
        await host.GitAsync(seed, "push", "-q", host.UrlWithToken("shop"), "main");
        var works = new List<string>();
        for (var i = 0; i < 16; i++)
        {
            await host.GitAsync(host.Folder, "clone", "-q", host.UrlWithToken("shop"), $"c{i}");
            works.Add(Path.Combine(host.Folder, $"c{i}"));
            await host.CommitAsync(works[i], $"f{i}.txt", $"{i}\n");
        }

        var results = await Task.WhenAll(works.Select(work => host.TryGitAsync(work, "push", "-q", "origin", "main")));
        Assert.Single(results, result => result.ExitCode == 0);

        // The losers do what people do, until all are in.
        await Task.WhenAll(works.Select(async work =>
        {
            for (var attempt = 0; (await host.TryGitAsync(work, "push", "-q", "origin", "main")).ExitCode != 0; attempt++)
            {
                Assert.True(attempt < 60, "a pusher never got in");
                await host.GitAsync(work, "pull", "-q", "--rebase", "origin", "main");
            }
        }));
        await host.GitAsync(host.Folder, "clone", "-q", host.UrlWithToken("shop"), "all");
        Assert.Equal(17, Directory.GetFiles(Path.Combine(host.Folder, "all")).Length);
        await host.FsckAsync("shop");
    }

    [Fact]
    public async Task A_push_larger_than_the_limit_is_refused_and_its_room_given_back()
    {
        await using var host = await GitHostFixture.StartAsync(new GitHostOptions { CreateOnPush = true, MaxPushBytes = 3 << 20 });
        var work = await host.NewWorkAsync("one");
        var noise = new byte[8 << 20];
        new Random(1).NextBytes(noise);
        await File.WriteAllBytesAsync(Path.Combine(work, "noise"), noise, TestContext.Current.CancellationToken);
        await host.GitAsync(work, "add", "-A");
        await host.GitAsync(work, "commit", "-q", "-m", "noise");
        Assert.NotEqual(0, (await host.TryGitAsync(work, "push", host.UrlWithToken("shop"), "main")).ExitCode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(host.Folder, "git/.incoming")));
        Assert.Empty(host.Observer.Events);
    }

    [Fact]
    public async Task A_large_push_comes_in_chunked_and_whole()
    {
        await using var host = await GitHostFixture.StartAsync();
        var work = await host.NewWorkAsync("one");
        var noise = new byte[6 << 20];
        new Random(2).NextBytes(noise);
        await File.WriteAllBytesAsync(Path.Combine(work, "noise"), noise, TestContext.Current.CancellationToken);
        await host.GitAsync(work, "add", "-A");
        await host.GitAsync(work, "commit", "-q", "-m", "noise");
        await host.GitAsync(work, "push", "-q", host.UrlWithToken("shop"), "main");
        await host.FsckAsync("shop");
    }

    [Fact]
    public async Task Of_sixty_four_pushes_to_one_branch_at_once_one_is_taken()
    {
        await using var host = await GitHostFixture.StartAsync();
        var main = await host.SeedAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(i =>
        {
            var pack = new HandMadePack();
            var tree = pack.Add(HandMadePack.Tree, HandMadePack.Entry("100644", "a", pack.Add(HandMadePack.Blob, HandMadePack.Text($"{i}"))));
            const string who = "Ada <ada@example.com> 1700000000 +0000";
            var commit = pack.Add(HandMadePack.Commit, HandMadePack.Text($"tree {tree}\nparent {main}\nauthor {who}\ncommitter {who}\n\n{i}\n"));
            return host.PushAsync([.. Wire.Text(Wire.Line($"{main} {commit} refs/heads/main\0 report-status") + "0000"), .. pack.ToArray()]);
        }));
        Assert.Single(answers, answer => answer.Contains("ok refs/heads/main", StringComparison.Ordinal));
        Assert.Equal(63, answers.Count(answer => answer.Contains("ng refs/heads/main", StringComparison.Ordinal)));
        await host.FsckAsync("shop");
    }

    [Fact]
    public async Task A_repository_that_is_deleted_while_it_is_pushed_to_is_whole_or_gone()
    {
        await using var host = await GitHostFixture.StartAsync();
        var works = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            works.Add(await host.NewWorkAsync($"w{i}", $"f{i}.txt", $"{i}\n"));
        }

        var name = RepositoryName.Parse("shop");
        for (var round = 0; round < 3; round++)
        {
            var pushes = works.Select((work, i) => host.TryGitAsync(work, "push", "-q", host.UrlWithToken("shop"), $"main:refs/heads/r{round}-{i}")).ToList();
            await Task.WhenAny(pushes);
            await host.Store.DeleteAsync(name, TestContext.Current.CancellationToken);
            await Task.WhenAll(pushes);
            if (!host.Store.Exists(name))
            {
                await host.GitAsync(works[0], "push", "-q", host.UrlWithToken("shop"), "main");
            }

            await host.FsckAsync("shop");
            Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(host.Folder, "git/.incoming")));
        }
    }

    [Fact]
    public async Task Nothing_that_lies_in_a_repository_is_run()
    {
        await using var host = await GitHostFixture.StartAsync();
        await host.SeedAsync();
        var path = host.Store.PathTo(RepositoryName.Parse("shop"));
        var ran = Path.Combine(host.Folder, "ran");
        var script = $"#!/bin/sh\necho $0 >> {ran}\n";
        Directory.CreateDirectory(Path.Combine(path, "hooks"));
        foreach (var hook in (string[])["pre-receive", "update", "post-receive", "post-update", "reference-transaction", "proc-receive", "push-to-checkout"])
        {
            await WriteScriptAsync(Path.Combine(path, "hooks", hook), script);
        }

        await WriteScriptAsync(Path.Combine(host.Folder, "script"), script);
        foreach (var key in (string[])["core.fsmonitor", "core.sshCommand", "core.alternateRefsCommand", "uploadpack.packObjectsHook", "core.pager", "gpg.program"])
        {
            await host.GitAsync(path, "config", key, Path.Combine(host.Folder, "script"));
        }

        await host.GitAsync(path, "config", "core.hooksPath", Path.Combine(path, "hooks"));
        var work = await host.NewWorkAsync("other");
        await host.GitAsync(work, "push", "-q", "--force", host.UrlWithToken("shop"), "main", ":side");
        await host.GitAsync(host.Folder, "clone", "-q", host.UrlWithToken("shop"), "copy");
        Assert.False(File.Exists(ran), File.Exists(ran) ? await File.ReadAllTextAsync(ran, TestContext.Current.CancellationToken) : "");
    }

    private static async Task WriteScriptAsync(string path, string text)
    {
        await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
