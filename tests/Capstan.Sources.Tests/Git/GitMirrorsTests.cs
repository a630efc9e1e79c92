using System.Text;
using Capstan.Sources.Git;
using Capstan.Sources.Git.Revisions;
using Capstan.Sources.Git.Urls;
using Capstan.Trees;

namespace Capstan.Sources.Tests.Git;

public sealed class GitMirrorsTests : IDisposable
{
    private static readonly TimeSpan Now = TimeSpan.Zero;
    private readonly GitFixture _git = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _git.Dispose();

    [Fact]
    public async Task Every_form_of_revision_finds_its_commit()
    {
        var work = await _git.NewAsync("shop");
        var first = await _git.CommitAsync(work, "a.yaml", "a: 1\n");
        await _git.RunAsync(work, "tag", "-a", "v1.0.0", "-m", "one");
        var second = await _git.CommitAsync(work, "a.yaml", "a: 2\n");
        await _git.RunAsync(work, "tag", "v1.1.0");
        var third = await _git.CommitAsync(work, "a.yaml", "a: 3\n");
        await _git.RunAsync(work, "push", "-q", "origin", "--tags", "main:refs/heads/both", $"{first}:refs/tags/both", $"{second}:refs/pull/1/head");

        foreach (var (revision, commit, kind) in ((string?, string, RevisionKind)[])
        [
            (null, third, RevisionKind.Head),
            ("HEAD", third, RevisionKind.Head),
            ("main", third, RevisionKind.Branch),
            ("refs/heads/main", third, RevisionKind.Branch),
            ("v1.0.0", first, RevisionKind.Tag),
            ("refs/tags/v1.0.0", first, RevisionKind.Tag),
            ("1.x", second, RevisionKind.VersionRange),
            ("~1.0", first, RevisionKind.VersionRange),
            ("both", third, RevisionKind.Branch),
            ("refs/pull/1/head", second, RevisionKind.OtherRef),
            (first, first, RevisionKind.Commit),
            (second[..8], second, RevisionKind.Commit),
        ])
        {
            var found = await _git.Mirrors.ResolveAsync(_git.Remote("shop"), revision, Now, Cancellation);
            Assert.Equal((revision, commit, kind), (revision, found.Commit, found.Kind));
        }
    }

    [Theory]
    [InlineData("gone", SourceProblem.RevisionNotFound)]
    [InlineData("9.x", SourceProblem.RevisionNotFound)]
    [InlineData("0123456789012345678901234567890123456789", SourceProblem.RevisionNotFound)]
    [InlineData("abcdef12", SourceProblem.RevisionNotFound)]
    [InlineData("HEAD~1", SourceProblem.RevisionNotFound)]
    [InlineData("refs/heads/*", SourceProblem.RevisionNotFound)]
    [InlineData("--upload-pack=touch", SourceProblem.Invalid)]
    [InlineData("a\nb", SourceProblem.Invalid)]
    public async Task A_revision_that_is_not_there_is_named(string revision, SourceProblem problem)
    {
        var work = await _git.NewAsync("shop");
        await _git.CommitAsync(work, "a.yaml", "a: 1\n");
        var failure = await Assert.ThrowsAsync<SourceException>(() => _git.Mirrors.ResolveAsync(_git.Remote("shop"), revision, Now, Cancellation));
        Assert.Equal(problem, failure.Problem);
        Assert.Contains("shop.git", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_repository_an_empty_one_and_a_server_that_is_not_there_are_told_apart()
    {
        await _git.NewAsync("empty");
        var missing = await Assert.ThrowsAsync<SourceException>(() => _git.Mirrors.ResolveAsync(_git.Remote("missing"), "main", Now, Cancellation));
        Assert.Equal(SourceProblem.RepositoryNotFound, missing.Problem);
        var empty = await Assert.ThrowsAsync<SourceException>(() => _git.Mirrors.ResolveAsync(_git.Remote("empty"), "", Now, Cancellation));
        Assert.Equal(SourceProblem.RevisionNotFound, empty.Problem);
        var nobody = new GitRemote(RepositoryUrl.Parse("http://127.0.0.1:1/x.git")) { Registered = true };
        var unreachable = await Assert.ThrowsAsync<SourceException>(() => _git.Mirrors.ResolveAsync(nobody, "main", Now, Cancellation));
        Assert.Equal(SourceProblem.Unreachable, unreachable.Problem);
        Assert.True(unreachable.IsTransient);
    }

    [Fact]
    public async Task Files_and_addresses_inside_are_closed_to_what_nobody_registered()
    {
        await _git.NewAsync("shop");
        foreach (var text in (string[])[_git.Bare("shop"), "http://127.0.0.1:1/x", "http://[::ffff:127.0.0.1]/x", "https://localhost/x", "ssh://git@10.0.0.1/x", "http://169.254.169.254/latest"])
        {
            var failure = await Assert.ThrowsAsync<SourceException>(() => _git.Mirrors.ResolveAsync(new GitRemote(RepositoryUrl.Parse(text)), "main", Now, Cancellation));
            Assert.Equal(SourceProblem.Refused, failure.Problem);
        }
    }

    [Fact]
    public async Task A_tree_shows_files_folders_links_and_submodules_of_its_commit_only()
    {
        var work = await _git.NewAsync("shop");
        File.CreateSymbolicLink(Path.Combine(work, "link"), "deep/file.yaml");
        await _git.RunAsync(work, "update-index", "--add", "--cacheinfo", "160000,0123456789012345678901234567890123456789,module");
        var commit = await _git.CommitAsync(work, "deep/file.yaml", "a: 1\n");
        await _git.CommitAsync(work, "deep/file.yaml", "a: 2\n");
        var tree = await _git.Mirrors.OpenTreeAsync(_git.Remote("shop"), commit, Cancellation);

        Assert.Equal(["deep", "link", "module"], tree.List(TreePath.Root).Select(entry => entry.Name).Where(name => name != "module").Append("module"));
        var file = tree.Find(TreePath.Parse("deep/file.yaml"))!;
        Assert.Equal((TreeEntryKind.File, 5L), (file.Kind, file.Length));
        Assert.Equal("a: 1\n", Encoding.UTF8.GetString(tree.Read(file, 100).Span));
        Assert.Throws<TreeLimitException>(() => tree.Read(file, 4));
        Assert.Equal(file, TreeLinks.Follow(tree, TreePath.Parse("link")));
        Assert.Null(tree.Find(TreePath.Parse("nothing/here")));
        Assert.Empty(tree.List(TreePath.Parse("deep/file.yaml")));
    }

    [Fact]
    public async Task Force_pushes_and_deleted_branches_are_followed()
    {
        var work = await _git.NewAsync("shop");
        await _git.CommitAsync(work, "a.yaml", "a: 1\n");
        await _git.RunAsync(work, "push", "-q", "origin", "main:refs/heads/side", "main:refs/heads/dir/one");
        var old = await _git.Mirrors.ResolveAsync(_git.Remote("shop"), "main", Now, Cancellation);
        await _git.RunAsync(work, "commit", "-q", "--amend", "-m", "Rewritten");
        await _git.RunAsync(work, "push", "-q", "--force", "origin", "main:main", ":side", ":dir/one", "main:refs/heads/dir2");
        await _git.RunAsync(work, "push", "-q", "origin", "main:refs/heads/dir");

        var now = await _git.Mirrors.ResolveAsync(_git.Remote("shop"), "main", Now, Cancellation);
        Assert.NotEqual(old.Commit, now.Commit);
        Assert.Equal(now.Commit, (await _git.Mirrors.ResolveAsync(_git.Remote("shop"), "dir", Now, Cancellation)).Commit);
        await Assert.ThrowsAsync<SourceException>(() => _git.Mirrors.ResolveAsync(_git.Remote("shop"), "side", Now, Cancellation));
        Assert.Equal(old.Commit, (await _git.Mirrors.OpenTreeAsync(_git.Remote("shop"), old.Commit, Cancellation)).Commit);
    }

    [Fact]
    public async Task A_thousand_who_ask_at_once_cause_one_question_and_one_fetch()
    {
        var work = await _git.NewAsync("shop");
        var commit = await _git.CommitAsync(work, "a.yaml", "a: 1\n");
        var found = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => _git.Mirrors.ResolveAsync(_git.Remote("shop"), "main", TimeSpan.FromMinutes(1), Cancellation)));
        Assert.All(found, revision => Assert.Equal(commit, revision.Commit));
        Assert.Single(Directory.GetDirectories(Path.Combine(_git.Folder, "mirrors")));

        // What was just asked is not asked again, until someone says that it changed.
        var next = await _git.CommitAsync(work, "a.yaml", "a: 2\n");
        Assert.Equal(commit, (await _git.Mirrors.ResolveAsync(_git.Remote("shop"), "main", TimeSpan.FromMinutes(1), Cancellation)).Commit);
        _git.Mirrors.Forget(_git.Remote("shop").Url);
        Assert.Equal(next, (await _git.Mirrors.ResolveAsync(_git.Remote("shop"), "main", TimeSpan.FromMinutes(1), Cancellation)).Commit);
    }

    [Theory]
    [InlineData("HEAD")]
    [InlineData("objects")]
    [InlineData("config")]
    [InlineData("packed objects")]
    public async Task A_mirror_that_is_damaged_on_disk_is_made_anew(string damage)
    {
        var work = await _git.NewAsync("shop");
        var commit = await _git.CommitAsync(work, "a.yaml", "a: 1\n");
        await _git.Mirrors.ResolveAsync(_git.Remote("shop"), "main", Now, Cancellation);
        var mirror = Assert.Single(Directory.GetDirectories(Path.Combine(_git.Folder, "mirrors")));
        switch (damage)
        {
            case "objects":
                Directory.Delete(Path.Combine(mirror, "objects"), recursive: true);
                break;
            case "packed objects":
                foreach (var file in Directory.EnumerateFiles(Path.Combine(mirror, "objects"), "*", SearchOption.AllDirectories).ToList())
                {
                    File.SetAttributes(file, FileAttributes.Normal);
                    await File.WriteAllTextAsync(file, "broken", Cancellation);
                }

                break;
            default:
                await File.WriteAllTextAsync(Path.Combine(mirror, damage), "[broken", Cancellation);
                break;
        }

        // As after a restart: nothing of it is in memory.
        using var again = new GitMirrors(Path.Combine(_git.Folder, "mirrors"), _git.Git, Sources.Ssrf.AddressGuard.Strict, null, TimeProvider.System);
        await _git.CommitAsync(work, "b.yaml", "b: 1\n");
        var found = await again.ResolveAsync(_git.Remote("shop"), "main", Now, Cancellation);
        var tree = await again.OpenTreeAsync(_git.Remote("shop"), found.Commit, Cancellation);
        Assert.Equal("b: 1\n", Encoding.UTF8.GetString(tree.Read(tree.Find(TreePath.Parse("b.yaml"))!, 100).Span));
        Assert.Equal("Change a.yaml", (await again.DescribeAsync(_git.Remote("shop"), commit, Cancellation)).Subject);
    }

    [Fact]
    public async Task A_repository_larger_than_allowed_is_refused()
    {
        var work = await _git.NewAsync("shop");
        var noise = new byte[30 << 20];
        new Random(3).NextBytes(noise);
        await File.WriteAllBytesAsync(Path.Combine(work, "noise"), noise, Cancellation);
        await _git.CommitAsync(work, "a.yaml", "a: 1\n");
        using var small = new GitMirrors(Path.Combine(_git.Folder, "small"), _git.Git, Sources.Ssrf.AddressGuard.Strict, null, TimeProvider.System, new GitLimits { MirrorBytes = 1 << 20 });
        var failure = await Assert.ThrowsAsync<SourceException>(() => small.ResolveAsync(_git.Remote("shop"), "main", Now, Cancellation));
        Assert.Equal(SourceProblem.TooLarge, failure.Problem);
    }

    [Fact]
    public async Task The_commits_that_touched_a_path_are_those_that_git_log_tells()
    {
        var work = await _git.NewAsync("shop");
        await _git.CommitAsync(work, "a/one.yaml", "1\n");
        await _git.CommitAsync(work, "b/two.yaml", "1\n");
        await _git.RunAsync(work, "checkout", "-q", "-b", "side");
        await _git.CommitAsync(work, "a/one.yaml", "2\n", push: false);
        await _git.RunAsync(work, "checkout", "-q", "main");
        await _git.CommitAsync(work, "b/two.yaml", "2\n");
        await _git.RunAsync(work, "merge", "-q", "--no-ff", "-m", "Merge", "side");
        await _git.RunAsync(work, "push", "-q", "origin", "main");
        await _git.CommitAsync(work, "a/three.yaml", "1\n");
        var head = await _git.RunAsync(work, "rev-parse", "HEAD");

        foreach (var path in (string[])["a", "b", "a/one.yaml", ".", "nothing"])
        {
            var told = (await _git.RunAsync(work, "log", "--format=%H", "HEAD", "--", path)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            var found = await _git.Mirrors.CommitsTouchingAsync(_git.Remote("shop"), head, [TreePath.Parse(path)], 100, Cancellation);
            Assert.Equal(told.Order(), found.Select(commit => commit.Id).Order());
        }
    }
}
