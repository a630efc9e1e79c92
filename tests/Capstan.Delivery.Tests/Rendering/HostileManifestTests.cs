using System.Text;
using Capstan.Delivery.Applications;
using Capstan.Delivery.Rendering;
using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Rendering;

/// <summary>Manifests and file names that nobody writes by accident: each is a problem with its place, or is taken for what it is.</summary>
public sealed class HostileManifestTests
{
    private static RenderedSource Render(string text, string file = "deploy/a.yaml") => Render([(TreePath.Parse(file), Encoding.UTF8.GetBytes(text))]);

    private static RenderedSource Render((TreePath, byte[])[] files) => new SourceRenderer(RenderLimits.Default).Render(Request(new MemoryTree(
        files.Select(f => (f.Item1, (ReadOnlyMemory<byte>)f.Item2))))).Rendered;

    [Theory]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: null\n", "metadata is missing")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: []\n", "metadata must be a map")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: 7}\n", "metadata.name must be a string")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: [a]}\n", "metadata.name must be a string")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: null}\n", "metadata.name is missing")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: 7}\n", "metadata.namespace must be a string")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: [x]}\n", "metadata.annotations must be a map")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {x: 7}}\n", "metadata.labels[\"x\"] must be a string")]
    [InlineData("apiVersion: v1\nkind: [ConfigMap]\nmetadata: {name: a}\n", "kind must be a string")]
    [InlineData("apiVersion: 1\nkind: ConfigMap\nmetadata: {name: a}\n", "apiVersion must be a string")]
    [InlineData("apiVersion: a/b/c\nkind: ConfigMap\nmetadata: {name: a}\n", "apiVersion \"a/b/c\" is none")]
    [InlineData("apiVersion: v1\nkind: List\nitems: 7\n", "List: metadata is missing")]
    [InlineData("a: &a [*a]\n", "contains itself")]
    [InlineData("7\n", "deploy/a.yaml:1")]
    public void What_is_no_object_is_a_problem_with_its_place(string text, string said)
    {
        var rendered = Render(text);
        Assert.Empty(rendered.Manifests);
        var problem = Assert.Single(rendered.Problems);
        Assert.StartsWith("deploy/a.yaml:", problem, StringComparison.Ordinal);
        Assert.Contains(said, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hundred_thousand_objects_in_streams_are_read_whole()
    {
        var files = Enumerable.Range(0, 100).Select(f => (TreePath.Parse($"deploy/{f}.yaml"), Encoding.UTF8.GetBytes(string.Concat(
            Enumerable.Range(0, 1000).Select(i => $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c-{f}-{i}}}\ndata: {{k: v}}\n---\n"))))).ToArray();

        var rendered = Render(files);

        Assert.Empty(rendered.Problems);
        Assert.Equal(100_000, rendered.Manifests.Count);
    }

    [Fact]
    public void A_name_of_three_hundred_characters_is_a_problem() =>
        Assert.Contains("metadata.name has 300 characters", Assert.Single(Render($"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {new string('a', 300)}}}\n").Problems), StringComparison.Ordinal);

    [Theory]
    [InlineData("{a: ", "}", 5000, "deploy/a.yaml")]
    [InlineData("[", "]", 100_000, "deploy/a.yaml")]
    [InlineData("{\"a\":", "}", 100_000, "deploy/a.json")]
    public void Nesting_without_end_is_a_problem(string open, string close, int depth, string file)
    {
        var text = string.Concat(Enumerable.Repeat(open, depth)) + "1" + string.Concat(Enumerable.Repeat(close, depth));
        Assert.Contains("deep", Assert.Single(Render(text, file).Problems), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void An_alias_bomb_is_a_problem()
    {
        var text = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
        for (var i = 1; i < 12; i++)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 9))}]\n");
        }

        Assert.Contains("alias", Assert.Single(Render(text.ToString()).Problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("deploy/new\nline.yaml")]
    [InlineData("deploy/-rf.yaml")]
    [InlineData("deploy/--help.yaml")]
    [InlineData("deploy/\U0001f680.yaml")]
    [InlineData("deploy/ leading and trailing .yaml")]
    [InlineData("deploy/$(touch x).yaml")]
    [InlineData("deploy/'quoted\".yaml")]
    [InlineData("deploy/trailing..yaml")]
    public void Odd_file_names_are_names(string file)
    {
        var rendered = Render("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n", file);
        Assert.Empty(rendered.Problems);
        Assert.Equal("a", Assert.Single(rendered.Manifests).Object.Name);
        var broken = Assert.Single(Render("{", file).Problems);
        Assert.DoesNotContain('\n', broken.Split(": ")[0]);
    }

    [Fact]
    public void Names_that_differ_in_case_alone_are_two_files()
    {
        var rendered = Render([.. ((string[])["A", "a"]).Select(n => (TreePath.Parse($"deploy/{n}.yaml"),
            Encoding.UTF8.GetBytes($"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m{(int)n[0]}}}\n")))]);
        Assert.Equal(["m65", "m97"], rendered.Manifests.Select(m => m.Object.Name));
    }

    private static RenderRequest Request(SourceTree tree) => new(
        tree,
        new ApplicationSource("https://git.example/shop.git", "deploy", "", new DirectoryOptions(), YamlMap.Empty),
        "0123456789abcdef0123456789abcdef01234567",
        RenderTarget.None);
}
