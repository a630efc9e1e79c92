using System.Globalization;
using Capstan.Api.Applications;
using Capstan.Server.Pages;

namespace Capstan.Server.Tests;

/// <summary>The picture of an application's objects: what is drawn, and what one box stands for.</summary>
public sealed class TreePictureTests
{
    private static readonly HashSet<string> Untouched = [];

    [Fact]
    public void A_small_tree_shows_every_object()
    {
        var picture = TreePicture.Of(Application(Maps(100)), Untouched);
        Assert.Equal(101, picture.Boxes.Count);
        Assert.Equal(100, picture.Total);
    }

    [Fact]
    public void Of_thousands_of_one_kind_one_box_is_drawn_that_counts_them()
    {
        var picture = TreePicture.Of(Application([.. Maps(5000), Node("Service/web", "Healthy")]), Untouched);
        var group = Assert.Single(picture.Boxes, b => b.IsGroup);
        Assert.Equal(("ConfigMap", "5000 objects", 5000), (group.Kind, group.Name, group.Hidden));
        Assert.Equal(3, picture.Boxes.Count);
        Assert.Equal(5001, picture.Total);
    }

    [Fact]
    public void A_group_that_was_unfolded_shows_what_is_in_it()
    {
        var picture = TreePicture.Of(Application(Maps(5000)), new HashSet<string> { "ConfigMap/green/*" });
        Assert.Equal(5002, picture.Boxes.Count);
        Assert.Equal(2, picture.Boxes.Max(b => b.Depth));
    }

    [Fact]
    public void What_is_not_green_is_not_hidden_among_thousands_that_are()
    {
        var picture = TreePicture.Of(Application([.. Maps(5000), Node("ConfigMap/lost", "Missing"), Node("ConfigMap/moved", "Healthy", "OutOfSync")]), Untouched);
        Assert.Equal(["lost", "moved"], picture.Boxes.Where(b => b is { Depth: 1, IsGroup: false }).Select(b => b.Name));
        Assert.Equal("Healthy", picture.Boxes.Single(b => b.IsGroup).Node.Health);
    }

    [Fact]
    public void Many_that_are_not_green_stand_in_the_worst_of_their_states()
    {
        TreeNode[] bad = [.. Maps(300).Select(n => n with { Health = "Progressing" }), Node("ConfigMap/worst", "Degraded")];
        var picture = TreePicture.Of(Application([.. Maps(5000, "good"), .. bad]), Untouched);
        Assert.Equal(["Healthy", "Degraded"], picture.Boxes.Where(b => b.IsGroup).Select(b => b.Node.Health));
    }

    private static TreeNode Application(IReadOnlyList<TreeNode> children) => new("Application/capstan/large", "Synced", "Healthy", null, children);

    private static IEnumerable<TreeNode> MapsOf(int count, string prefix) => Enumerable.Range(0, count).Select(i => Node(string.Create(CultureInfo.InvariantCulture, $"ConfigMap/{prefix}-{i}"), "Healthy"));

    private static IReadOnlyList<TreeNode> Maps(int count, string prefix = "map") => [.. MapsOf(count, prefix)];

    private static TreeNode Node(string name, string health, string sync = "Synced") => new(name, sync, health, null, []);
}
