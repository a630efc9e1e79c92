using Capstan.Sources.Git;
using Capstan.Sources.Git.Urls;
using Capstan.Trees;

namespace Capstan.Sources.Tests.Git;

/// <summary>Submodules come from whoever wrote the repository.</summary>
public sealed class SubmodulesTests
{
    private const string Commit = "0123456789012345678901234567890123456789";

    private static readonly RepositoryUrl Repository = RepositoryUrl.Parse("https://git.example/org/shop.git");

    [Fact]
    public void Submodules_are_found_with_their_commits_and_relative_addresses_are_worked_out()
    {
        var found = Submodules.Of(
            new WithLinks("[submodule \"libs\"]\n\tpath = libs\n\turl = ../libs.git\n[submodule \"other\"]\n\tpath = deep/other\n\turl = \"https://git.example/x/other\"\n# a comment\n[submodule \"gone\"]\n\tpath = gone\n\turl = ../gone\n", "libs", "deep/other"),
            Repository);
        Assert.Equal(
            [("libs", "https://git.example/org/libs.git", Commit), ("deep/other", "https://git.example/x/other", Commit)], found.Select(s => (s.Path.Text, s.Url.Text, s.Commit)));
    }

    [Theory]
    [InlineData("../../up", "a", "https://git.example/a")]
    [InlineData("a", "../up", "https://git.example/a")]
    [InlineData("a", "/etc", "https://git.example/a")]
    [InlineData("a", "-u./x", "https://git.example/a")]
    [InlineData("a", "a", "-u./payload")]
    [InlineData("a", "a", "--upload-pack=touch /tmp/x")]
    [InlineData("a", "a", "ext::sh -c id")]
    [InlineData("a", "a", "../../../../up")]
    [InlineData("a", "a", "ssh://-oProxyCommand=id/x")]
    [InlineData("a", "a", "")]
    public void Names_paths_and_addresses_that_climb_or_are_options_are_refused(string name, string path, string url)
    {
        var error = Assert.Throws<SourceException>(() => Submodules.Of(new WithLinks($"[submodule \"{name}\"]\n\tpath = {path}\n\turl = {url}\n", "a"), Repository));
        Assert.Equal(SourceProblem.Refused, error.Problem);
    }

    [Fact]
    public void A_tree_with_mounts_shows_them_as_folders_and_reads_through_them()
    {
        var tree = new MountedTree(new WithLinks("x", "libs"), new Dictionary<TreePath, SourceTree> { [TreePath.Parse("libs")] = MemoryTree.Of(("a/b.yaml", "1")) });
        Assert.Equal(TreeEntryKind.Folder, tree.Find(TreePath.Parse("libs"))!.Kind);
        Assert.Equal([(".gitmodules", TreeEntryKind.File), ("libs", TreeEntryKind.Folder)], tree.List(TreePath.Root).Select(e => (e.Name, e.Kind)));
        Assert.Equal("libs/a/b.yaml", Assert.Single(tree.List(TreePath.Parse("libs/a"))).Path.Text);
        Assert.Equal("1"u8.ToArray(), tree.Read(TreeLinks.Follow(tree, TreePath.Parse("libs/a/b.yaml"))!, 10).ToArray());
        Assert.Null(tree.Find(TreePath.Parse("libs/none")));
    }

    // A commit with a .gitmodules and submodules at these paths.
    private sealed class WithLinks(string modules, params string[] links) : SourceTree
    {
        private readonly MemoryTree _inner = MemoryTree.Of((".gitmodules", modules));

        public override TreeEntry? Find(TreePath path) => links.Contains(path.Text) ? new TreeEntry(path, TreeEntryKind.Submodule, "commit:" + Commit, 0) : _inner.Find(path);

        public override IReadOnlyList<TreeEntry> List(TreePath folder) =>
            [.. _inner.List(folder), .. links.Select(TreePath.Parse).Where(l => l.Folder == folder).Select(l => Find(l)!)];

        public override ReadOnlyMemory<byte> Read(TreeEntry entry, long maxBytes) => _inner.Read(entry, maxBytes);
    }
}
