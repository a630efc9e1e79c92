using CsCheck;

namespace Capstan.Trees.Tests;

public sealed class TreePathTests
{
    private static readonly Gen<string> Written =
        Words.Of("a", "b.yaml", "..", ".", "", "...", "..a", "%2e%2e", "é", " ", "\\", "c d").Array[0, 8].Select(parts => string.Join('/', parts));

    [Fact]
    public void Whatever_is_resolved_stays_in_the_tree() => Gen.Select(Written, Written).Sample((folder, relative) =>
    {
        if (!TreePath.TryParse(folder, out var start, out _) || !start.TryResolve(relative, out var path, out _))
        {
            return;
        }

        Assert.False(path.Text.StartsWith('/'));
        Assert.DoesNotContain("//", path.Text, StringComparison.Ordinal);
        Assert.All(path.IsRoot ? [] : path.Text.Split('/'), part => Assert.False(part is "" or "." or ".."));
        var root = Path.GetFullPath("/tree");
        var real = Path.GetFullPath(Path.Combine(root, path.Text));
        Assert.True(real == root || real.StartsWith(root + "/", StringComparison.Ordinal));
        Assert.Equal(Path.GetFullPath(Path.Combine(root, start.Text, relative)).TrimEnd('/'), real.TrimEnd('/'));
    });

    [Fact]
    public void A_path_is_refused_exactly_when_it_leaves_the_tree() => Gen.Select(Written, Written).Sample((folder, relative) =>
    {
        if (!TreePath.TryParse(folder, out var start, out _) || relative.StartsWith('/'))
        {
            return;
        }

        var depth = start.IsRoot ? 0 : start.Text.Split('/').Length;
        var leaves = false;
        foreach (var part in relative.Split('/'))
        {
            depth += part switch { "" or "." => 0, ".." => -1, _ => 1 };
            leaves |= depth < 0;
        }

        Assert.Equal(!leaves, start.TryResolve(relative, out _, out _));
    });

    [Fact]
    public void What_was_parsed_is_parsed_to_itself() => Written.Sample(text =>
    {
        if (TreePath.TryParse(text, out var path, out _))
        {
            Assert.Equal(path, TreePath.Parse(path.Text));
            Assert.True(path.IsWithin(path.Folder));
            Assert.Equal(path, path.IsRoot ? path : path.Folder.Child(path.Name));
        }
    });

    [Theory]
    [InlineData("/etc/passwd", "the path \"/etc/passwd\" is absolute; paths are relative to the repository")]
    [InlineData("a/../../b", "the path \"a/../../b\" leaves the repository")]
    [InlineData("..", "the path \"..\" leaves the repository")]
    [InlineData("a\0b", "a path must not hold a NUL character")]
    public void A_path_that_is_none_is_told_why(string text, string problem) =>
        Assert.Equal(problem, Assert.Throws<TreePathException>(() => TreePath.Parse(text)).Message);

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a\0")]
    public void A_child_must_be_one_name(string name) => Assert.Throws<TreePathException>(() => TreePath.Root.Child(name));

    [Fact]
    public void A_folder_does_not_hold_what_only_begins_with_its_name() =>
        Assert.False(TreePath.Parse("apps-old/x").IsWithin(TreePath.Parse("apps")));
}
