using System.Text;

namespace Capstan.Trees.Tests;

public sealed class TreeLinksTests
{
    [Theory]
    [InlineData("link-to-file", "a/b/file")]
    [InlineData("a/up", "file")]
    [InlineData("folder-link/file", "a/b/file")]
    [InlineData("link-to-link", "a/b/file")]
    [InlineData("folder-link/../b/file", null)]
    [InlineData("nothing", null)]
    [InlineData("dangling", null)]
    [InlineData("through-file", null)]
    [InlineData("z/y/to-root/file", "file")]
    [InlineData("a/b/file", "a/b/file")]
    [InlineData("a/b/file/x", null)]
    [InlineData("through-and-back", "file")]
    public void Links_inside_the_tree_are_followed(string path, string? target)
    {
        var entry = TreeLinks.Follow(Tree(), TreePath.Parse(path));
        Assert.Equal(target, entry?.Path.Text);
    }

    [Theory]
    [InlineData("absolute", "absolute")]
    [InlineData("absolute-inside", "absolute-inside")]
    [InlineData("proc", "proc")]
    [InlineData("out", "out")]
    [InlineData("out/x", "out")]
    [InlineData("to-out", "out")]
    [InlineData("a/deep-out", "a/deep-out")]
    [InlineData("folder-out/etc/passwd", "folder-out")]
    [InlineData("climbs-through-link", "climbs-through-link")]
    [InlineData("z/y/looks-inside", "z/y/looks-inside")]
    public void A_link_out_of_the_tree_is_refused_by_its_own_name(string path, string link)
    {
        var error = Assert.Throws<TreeLinkException>(() => TreeLinks.Follow(Tree(), TreePath.Parse(path)));
        Assert.Equal(link, error.Link.Text);
        Assert.Equal($"{link}: the symbolic link points out of the repository", error.Message);
    }

    [Theory]
    [InlineData("self")]
    [InlineData("ping")]
    [InlineData("grows")]
    public void Links_in_a_circle_are_refused(string path)
    {
        var error = Assert.Throws<TreeLinkException>(() => TreeLinks.Follow(Tree(), TreePath.Parse(path)));
        Assert.Contains("too many symbolic links", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_that_is_too_long_is_refused() =>
        Assert.Throws<TreeLinkException>(() => TreeLinks.Follow(Tree(), TreePath.Parse("long")));

    private static MemoryTree Tree()
    {
        (string Path, string Target)[] links =
        [
            ("link-to-file", "a/b/file"), ("a/up", "../file"), ("folder-link", "a/b"), ("link-to-link", "./link-to-file"),
            ("dangling", "a/none"), ("through-and-back", "folder-link/../../file"),
            ("absolute", "/etc/passwd"), ("absolute-inside", "/file"), ("proc", "/proc/self/environ"), ("out", "../secret"), ("to-out", "out"),
            ("a/deep-out", "../../x"), ("folder-out", "../../.."), ("climbs-through-link", "up-one/../.."), ("up-one", "a"), ("z/y/to-root", "../.."), ("z/y/looks-inside", "to-root/../../../file"), ("through-file", "file/../a/b/file"),
            ("self", "self"), ("ping", "pong"), ("pong", "ping"), ("grows", "grows/x"), ("long", string.Join('/', Enumerable.Repeat("a", 3_000))),
        ];
        (string Path, string Text)[] files = [("file", "x"), ("a/b/file", "y")];
        return new MemoryTree(
            files.Select(f => (TreePath.Parse(f.Path), (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(f.Text))),
            links.Select(l => (TreePath.Parse(l.Path), l.Target)));
    }
}
