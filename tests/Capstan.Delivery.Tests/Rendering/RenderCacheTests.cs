using System.Text;
using Capstan.Delivery.Applications;
using Capstan.Delivery.Rendering;
using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Rendering;

public sealed class RenderCacheTests
{
    private static readonly string ConfigMap = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";

    private static ApplicationSource Source(string path) => new("https://git.example/shop.git", path, "HEAD", new DirectoryOptions(), YamlMap.Empty);

    [Fact]
    public void A_commit_that_touches_other_folders_is_not_rendered_again()
    {
        var cache = new RenderCache();
        var first = cache.Render(Make.Tree(("a/a.yaml", ConfigMap), ("b/b.yaml", ConfigMap)), Source("a"), "c1");
        var second = cache.Render(Make.Tree(("a/a.yaml", ConfigMap), ("b/b.yaml", ConfigMap + "data: {k: v}\n")), Source("a"), "c2");
        Assert.Same(first, second);
        Assert.Equal(1, cache.Rendered);
    }

    [Fact]
    public void A_changed_or_added_file_is_rendered()
    {
        var cache = new RenderCache();
        var first = cache.Render(Make.Tree(("a/a.yaml", ConfigMap)), Source("a"), "c1");
        var changed = cache.Render(Make.Tree(("a/a.yaml", ConfigMap + "data: {k: v}\n")), Source("a"), "c2");
        var added = cache.Render(Make.Tree(("a/a.yaml", ConfigMap), ("a/b.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n")), Source("a"), "c3");
        Assert.Equal(3, cache.Rendered);
        Assert.NotEqual(first.Hash, changed.Hash);
        Assert.Equal(2, added.Manifests.Count);

        // A revert meets the first rendering again.
        Assert.Same(first, cache.Render(Make.Tree(("a/a.yaml", ConfigMap)), Source("a"), "c4"));
    }

    [Fact]
    public void A_change_behind_a_link_is_rendered_although_the_folder_is_the_same()
    {
        var cache = new RenderCache();
        SourceTree Tree(string content) => new MemoryTree(
            [(TreePath.Parse("shared/a.yaml"), Encoding.UTF8.GetBytes(content)), (TreePath.Parse("a/z.txt"), Encoding.UTF8.GetBytes("z"))],
            [(TreePath.Parse("a/a.yaml"), "../shared/a.yaml")]);
        var first = cache.Render(Tree(ConfigMap), Source("a"), "c1");
        Assert.NotEqual(first.Hash, cache.Render(Tree(ConfigMap + "data: {k: v}\n"), Source("a"), "c2").Hash);
    }

    [Fact]
    public void A_hard_refresh_forgets()
    {
        var cache = new RenderCache();
        var tree = Make.Tree(("a/a.yaml", ConfigMap));
        cache.Render(tree, Source("a"), "c1");
        cache.Render(tree, Source("a"), "c1", hard: true);
        Assert.Equal(2, cache.Rendered);
    }

    [Fact]
    public void The_cache_is_bounded()
    {
        var cache = new RenderCache(capacity: 2);
        var tree = Make.Tree(("a/a.yaml", ConfigMap), ("b/a.yaml", ConfigMap), ("c/a.yaml", ConfigMap));
        foreach (var path in (string[])["a", "b", "c", "c", "a"])
        {
            cache.Render(tree, Source(path), "c1");
        }

        Assert.Equal(4, cache.Rendered);
    }
}
