using System.Diagnostics;

namespace Capstan.Trees.Tests;

public sealed class MemoryTreeTests
{
    [Fact]
    public void Folders_follow_from_the_files_and_are_listed_by_name()
    {
        var tree = MemoryTree.Of(("b/y", "1"), ("a", "2"), ("b/x/z", "3"), ("B", "4"));

        Assert.Equal(["B", "a", "b"], tree.List(TreePath.Root).Select(e => e.Name));
        Assert.Equal(["x", "y"], tree.List(TreePath.Parse("b")).Select(e => e.Name));
        Assert.Equal(TreeEntryKind.Folder, tree.Find(TreePath.Parse("b/x"))!.Kind);
        Assert.Equal(TreeEntryKind.Folder, tree.Find(TreePath.Root)!.Kind);
        Assert.Empty(tree.List(TreePath.Parse("none")));
        Assert.Equal("3"u8.ToArray(), tree.Read(tree.Find(TreePath.Parse("b/x/z"))!, 1).ToArray());
    }

    [Fact]
    public void Equal_content_has_equal_identity_and_a_change_shows_in_every_folder_above()
    {
        var one = MemoryTree.Of(("a/b/c", "1"), ("d/e", "2"));
        var same = MemoryTree.Of(("d/e", "2"), ("a/b/c", "1"));
        var other = MemoryTree.Of(("a/b/c", "1!"), ("d/e", "2"));

        Assert.Equal(one.Find(TreePath.Root), same.Find(TreePath.Root));
        Assert.NotEqual(one.Find(TreePath.Root), other.Find(TreePath.Root));
        Assert.NotEqual(one.Find(TreePath.Parse("a")), other.Find(TreePath.Parse("a")));
        Assert.Equal(one.Find(TreePath.Parse("d")), other.Find(TreePath.Parse("d")));
    }

    [Fact]
    public void A_file_cannot_be_a_folder_too() =>
        Assert.Equal("\"a\" is both a file and a folder", Assert.Throws<TreePathException>(() => MemoryTree.Of(("a", "1"), ("a/b", "2"))).Message);

    [Fact]
    public void A_file_that_is_too_large_is_not_read()
    {
        var tree = MemoryTree.Of(("a", "12345"));
        var error = Assert.Throws<TreeLimitException>(() => tree.Read(tree.Find(TreePath.Parse("a"))!, 4));
        Assert.Equal("a: the file has 5 bytes, more than the 4 allowed", error.Message);
    }

    [Fact]
    public void Two_hundred_thousand_files_in_many_folders_are_a_tree_soon()
    {
        var files = Enumerable.Range(0, 200_000).Select(i => (TreePath.Parse($"f{i % 20_000}/x{i}"), ReadOnlyMemory<byte>.Empty));
        var watch = Stopwatch.StartNew();
        var tree = new MemoryTree(files);
        Assert.Equal(20_000, tree.List(TreePath.Root).Count);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"it took {watch.Elapsed}");
    }
}
