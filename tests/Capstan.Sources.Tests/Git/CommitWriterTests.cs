using System.Collections.Concurrent;
using System.Text;
using Capstan.Sources.Git;
using Capstan.Sources.Git.Urls;
using Capstan.Sources.Git.Writing;
using Capstan.Sources.Ssrf;
using Capstan.Trees;

namespace Capstan.Sources.Tests.Git;

public sealed class CommitWriterTests : IDisposable
{
    private static readonly CommitAuthor Ada = new("Ada <Lovelace>", "ada@example.com");
    private readonly GitFixture _git = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _git.Dispose();

    private static TreeChange Put(string path, string text) => TreeChange.Put(TreePath.Parse(path), Encoding.UTF8.GetBytes(text));

    private sealed class OwnHost(GitFixture git) : ILocalRepositories
    {
        public ConcurrentQueue<RefUpdate> Updates { get; } = new();

        public string? PathOf(RepositoryUrl url) => git.Bare("shop");

        public ValueTask ChangedAsync(RepositoryUrl url, RefUpdate update, CancellationToken cancellation)
        {
            Updates.Enqueue(update);
            return ValueTask.CompletedTask;
        }
    }

    private (CommitWriter Writer, GitMirrors Mirrors, OwnHost? Host) Writer(bool local)
    {
        var host = local ? new OwnHost(_git) : null;
        var mirrors = new GitMirrors(Path.Combine(_git.Folder, "mirrors2"), _git.Git, AddressGuard.Strict, host, TimeProvider.System);
        return (new CommitWriter(mirrors, TimeProvider.System), mirrors, host);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_commit_is_written_on_top_of_the_branch_with_author_message_and_trailers(bool local)
    {
        var work = await _git.NewAsync("shop");
        var parent = await _git.CommitAsync(work, "old.yaml", "old: 1\n");
        var (writer, mirrors, host) = Writer(local);
        using var owned = mirrors;
        var draft = new CommitDraft(Ada, "Create app shop\n\nBecause.") { Trailers = [("Capstan-Application", "shop\nInjected: x")] };
        var written = await writer.WriteAsync(_git.Remote("shop"), "main", draft, tree =>
        {
            Assert.NotNull(tree.Find(TreePath.Parse("old.yaml")));
            return [Put("apps/a \"quoted\".yaml", "a: 1\n"), Put("b/ü.yaml", "b: 1\n"), TreeChange.Remove(TreePath.Parse("old.yaml"))];
        }, Cancellation);

        Assert.True(written.Changed);
        Assert.Equal(written.Commit, await _git.RunAsync(_git.Bare("shop"), "rev-parse", "main"));
        Assert.Equal(parent, await _git.RunAsync(_git.Bare("shop"), "rev-parse", "main^"));
        Assert.Equal("Ada Lovelace <ada@example.com>", await _git.RunAsync(_git.Bare("shop"), "log", "-1", "--format=%an <%ae>", "main"));
        Assert.Equal("Capstan-Application: shop Injected: x", await _git.RunAsync(_git.Bare("shop"), "log", "-1", "--format=%(trailers)", "main"));
        Assert.Equal("apps/a \"quoted\".yaml\0b/ü.yaml\0", await _git.RunAsync(_git.Bare("shop"), "ls-tree", "-r", "-z", "--name-only", "main"));
        Assert.Equal("", await _git.RunAsync(_git.Bare("shop"), "for-each-ref", "refs/capstan"));
        await _git.RunAsync(_git.Bare("shop"), "fsck", "--full", "--strict");
        if (host is not null)
        {
            Assert.Equal([new RefUpdate("refs/heads/main", parent, written.Commit)], host.Updates);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Many_writers_at_once_lose_nothing(bool local)
    {
        await _git.NewAsync("shop");
        var (writer, mirrors, _) = Writer(local);
        using var owned = mirrors;
        var count = local ? 8 : 4;
        await Task.WhenAll(Enumerable.Range(0, count).Select(i =>
            writer.WriteAsync(_git.Remote("shop"), "main", new CommitDraft(Ada, $"Add {i}"), _ => [Put($"f{i}", "x")], Cancellation)));
        Assert.Equal($"{count}", await _git.RunAsync(_git.Bare("shop"), "rev-list", "--count", "main"));
        Assert.Equal(count, (await _git.RunAsync(_git.Bare("shop"), "ls-tree", "--name-only", "main")).Split('\n').Length);
    }

    [Fact]
    public async Task What_is_there_already_makes_no_commit()
    {
        var work = await _git.NewAsync("shop");
        var head = await _git.CommitAsync(work, "a", "x");
        var (writer, mirrors, host) = Writer(local: true);
        using var owned = mirrors;
        foreach (var changes in (TreeChange[][])[[], [Put("a", "x")], [TreeChange.Remove(TreePath.Parse("nothing"))]])
        {
            Assert.Equal(new WrittenCommit(head, Changed: false), await writer.WriteAsync(_git.Remote("shop"), "main", new CommitDraft(Ada, "No"), _ => changes, Cancellation));
        }

        Assert.Empty(host!.Updates);
    }

    [Theory]
    [InlineData(".git/config")]
    [InlineData("a/.GIT/hooks/x")]
    [InlineData("git~1/x")]
    [InlineData(".git./x")]
    public async Task Paths_that_git_keeps_for_itself_are_not_written(string path)
    {
        await _git.NewAsync("shop");
        var (writer, mirrors, _) = Writer(local: true);
        using var owned = mirrors;
        var failure = await Assert.ThrowsAsync<SourceException>(() =>
            writer.WriteAsync(_git.Remote("shop"), "main", new CommitDraft(Ada, "No"), _ => [Put(path, "x")], Cancellation));
        Assert.Equal(SourceProblem.Invalid, failure.Problem);
    }

    [Theory]
    [InlineData("-x")]
    [InlineData("a..b")]
    [InlineData("")]
    [InlineData("x.lock")]
    public async Task A_branch_that_is_no_name_is_refused(string branch)
    {
        await _git.NewAsync("shop");
        var (writer, mirrors, _) = Writer(local: true);
        using var owned = mirrors;
        await Assert.ThrowsAsync<SourceException>(() => writer.WriteAsync(_git.Remote("shop"), branch, new CommitDraft(Ada, "No"), _ => [Put("a", "x")], Cancellation));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Restoring_a_path_brings_back_exactly_that_path(bool local)
    {
        var work = await _git.NewAsync("shop");
        await _git.CommitAsync(work, "app/a.yaml", "1\n");
        var old = await _git.CommitAsync(work, "app/deep/b.yaml", "1\n");
        await _git.CommitAsync(work, "app/a.yaml", "2\n");
        await _git.RunAsync(work, "rm", "-rq", "app/deep");
        await _git.CommitAsync(work, "app/new.yaml", "1\n");
        await _git.CommitAsync(work, "other/o.yaml", "kept\n");
        var (writer, mirrors, _) = Writer(local);
        using var owned = mirrors;
        var written = await writer.RestorePathAsync(_git.Remote("shop"), "main", TreePath.Parse("app"), old, new CommitDraft(Ada, "Roll back"), Cancellation);

        Assert.True(written.Changed);
        Assert.Equal(await _git.RunAsync(_git.Bare("shop"), "rev-parse", old + ":app"), await _git.RunAsync(_git.Bare("shop"), "rev-parse", "main:app"));
        Assert.Equal("kept", await _git.RunAsync(_git.Bare("shop"), "show", "main:other/o.yaml"));
        Assert.All((await _git.RunAsync(_git.Bare("shop"), "diff", "--name-only", "main^", "main")).Split('\n'), name => Assert.StartsWith("app/", name, StringComparison.Ordinal));
        var again = await writer.RestorePathAsync(_git.Remote("shop"), "main", TreePath.Parse("app"), old, new CommitDraft(Ada, "Again"), Cancellation);
        Assert.False(again.Changed);
        var gone = await writer.RestorePathAsync(_git.Remote("shop"), "main", TreePath.Parse("other"), old, new CommitDraft(Ada, "Remove"), Cancellation);
        Assert.Equal("app", await _git.RunAsync(_git.Bare("shop"), "ls-tree", "--name-only", gone.Commit));
        await writer.RestorePathAsync(_git.Remote("shop"), "main", TreePath.Root, old, new CommitDraft(Ada, "All"), Cancellation);
        Assert.Equal(await _git.RunAsync(_git.Bare("shop"), "rev-parse", old + "^{tree}"), await _git.RunAsync(_git.Bare("shop"), "rev-parse", "main^{tree}"));
    }

    [Fact]
    public async Task A_server_that_says_no_is_told_with_its_reason()
    {
        var work = await _git.NewAsync("shop");
        await _git.CommitAsync(work, "a", "x");
        await _git.RunAsync(_git.Bare("shop"), "config", "receive.denyNonFastForwards", "true");
        await _git.RunAsync(_git.Bare("shop"), "config", "transfer.hideRefs", "refs/heads/closed");
        var (writer, mirrors, _) = Writer(local: false);
        using var owned = mirrors;
        var failure = await Assert.ThrowsAsync<SourceException>(() =>
            writer.WriteAsync(_git.Remote("shop"), "closed", new CommitDraft(Ada, "No"), _ => [Put("b", "x")], Cancellation));
        Assert.Equal(SourceProblem.WriteRejected, failure.Problem);
        Assert.Contains("hidden ref", failure.Message, StringComparison.Ordinal);
    }
}
