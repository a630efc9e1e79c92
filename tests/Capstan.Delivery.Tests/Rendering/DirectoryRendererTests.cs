using System.Text;
using Capstan.Delivery.Applications;
using Capstan.Delivery.Rendering;
using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Rendering;

public sealed class DirectoryRendererTests
{
    private static string ConfigMap(string name) => $"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n";

    private static RenderedSource Render(SourceTree tree, string path = "deploy", DirectoryOptions? options = null, RenderLimits? limits = null) =>
        new SourceRenderer(limits ?? RenderLimits.Default).Render(new RenderRequest(
            tree,
            new ApplicationSource("https://git.example/shop.git", path, "", options ?? new DirectoryOptions(), YamlMap.Empty),
            "0123456789abcdef0123456789abcdef01234567",
            RenderTarget.None)).Rendered;

    private static IEnumerable<string> Names(RenderedSource rendered) => rendered.Manifests.Select(m => m.Object.Name);

    [Fact]
    public void Every_document_of_every_manifest_becomes_an_object_with_its_origin()
    {
        var rendered = Render(Make.Tree(
            ("deploy/b.yml", ConfigMap("b1") + "---\n# nothing\n---\n" + ConfigMap("b2")),
            ("deploy/a.json", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}"""),
            ("deploy/README.md", "# not a manifest"),
            ("deploy/inner/c.yaml", ConfigMap("c")),
            ("elsewhere.yaml", "{ broken")));
        Assert.Empty(rendered.Problems);
        Assert.Equal(["a", "b1", "b2"], Names(rendered));
        Assert.Equal(["deploy/a.json:1", "deploy/b.yml:1", "deploy/b.yml:8"], rendered.Manifests.Select(m => m.Origin.ToString()));
        Assert.Equal("https://git.example/shop.git", rendered.Manifests[0].Origin.Repository);
    }

    [Fact]
    public void Recurse_include_and_exclude_choose_files_by_their_path_in_the_folder()
    {
        var tree = Make.Tree(("deploy/a.yaml", ConfigMap("a")), ("deploy/in/b.yaml", ConfigMap("b")), ("deploy/in/test/c.yaml", ConfigMap("c")));
        Assert.Equal(["a"], Names(Render(tree)));
        Assert.Equal(["a", "b", "c"], Names(Render(tree, options: new DirectoryOptions(Recurse: true))));
        Assert.Equal(["a", "b"], Names(Render(tree, options: new DirectoryOptions(true, Exclude: "in/test/*"))));
        Assert.Equal(["b"], Names(Render(tree, options: new DirectoryOptions(true, Include: "{in/b.yaml,in/test/*}", Exclude: "*c.yaml"))));
    }

    [Fact]
    public void Lists_are_taken_apart_and_bounded()
    {
        var rendered = Render(Make.Tree(("deploy/list.yaml",
            "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: a}\n- apiVersion: v1\n  kind: List\n  items:\n  - apiVersion: v1\n    kind: ConfigMap\n    metadata: {name: b}\n")));
        Assert.Equal(["a", "b"], Names(rendered));
        Assert.Equal("deploy/list.yaml:4", rendered.Manifests[0].Origin.ToString());

        var nested = string.Concat(Enumerable.Repeat("{\"kind\":\"List\",\"items\":[", 200)) + string.Concat(Enumerable.Repeat("]}", 200));
        Assert.Contains("nested more than 16 deep", Assert.Single(Render(Make.Tree(("deploy/deep.json", nested))).Problems));
    }

    [Fact]
    public void All_problems_are_told_at_once_and_nothing_is_rendered_in_part()
    {
        var rendered = Render(Make.Tree(
            ("deploy/a-good.yaml", ConfigMap("a")),
            ("deploy/b-broken.yaml", "apiVersion: v1\nkind: [unclosed\n"),
            ("deploy/c-twice.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\nkind: Secret\n"),
            ("deploy/d-nameless.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n"),
            ("deploy/e-kindless.yaml", "apiVersion: v1\nmetadata: {name: e}\n"),
            ("deploy/f-list.yaml", "- a\n- b\n")));
        Assert.Empty(rendered.Manifests);
        Assert.Equal(5, rendered.Problems.Count);
        Assert.All(rendered.Problems, p => Assert.Matches(@"^deploy/[b-f]-\w+\.yaml:\d+:\d+: ", p));
        Assert.Contains(rendered.Problems, p => p.Contains("ConfigMap: metadata.name is missing", StringComparison.Ordinal));
        Assert.Contains(rendered.Problems, p => p.Contains("kind is missing", StringComparison.Ordinal));
        Assert.Contains(rendered.Problems, p => p.Contains("kind: [unclosed", StringComparison.Ordinal) || p.StartsWith("deploy/b-broken.yaml:3", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("helm.sh/hook: test", false)]
    [InlineData("helm.sh/hook: 'test-success, pre-rollback'", false)]
    [InlineData("helm.sh/hook: crd-install", true)]
    public void Tests_and_rollbacks_of_Helm_are_left_out_and_its_definitions_are_plain_objects(string annotation, bool stays)
    {
        var rendered = Render(Make.Tree(("deploy/a.yaml", $"apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: migrate\n  annotations:\n    {annotation}\n")));
        Assert.Empty(rendered.Problems);
        Assert.Equal(stays, rendered.Manifests.Count == 1);
    }

    [Fact]
    public void Only_a_hook_may_have_a_prefix_instead_of_a_name()
    {
        string Job(string annotations) => $"apiVersion: batch/v1\nkind: Job\nmetadata:\n  generateName: migrate-\n  annotations: {{{annotations}}}\n";
        Assert.True(Render(Make.Tree(("deploy/a.yaml", Job("argocd.argoproj.io/hook: PreSync")))).IsComplete);
        Assert.Contains("serves hooks only", Assert.Single(Render(Make.Tree(("deploy/a.yaml", Job("a: b")))).Problems));
    }

    [Fact]
    public void A_secret_that_is_none_is_told_by_its_keys_alone()
    {
        var rendered = Render(Make.Tree(("deploy/s.yaml",
            "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {password: 'hunter2 is not base64!', port: 5432, fine: aGk=}\n")));
        Assert.Equal(2, rendered.Problems.Count);
        Assert.DoesNotContain("hunter2", string.Join('\n', rendered.Problems), StringComparison.Ordinal);
        Assert.Contains("data[\"password\"] is not base64", rendered.Problems[0]);
    }

    [Theory]
    [InlineData("../etc", "leaves the repository")]
    [InlineData("/etc", "absolute")]
    [InlineData("missing", "there is no \"missing\"")]
    [InlineData("deploy/a.yaml", "is no folder")]
    public void A_path_that_is_no_folder_of_the_repository_is_refused(string path, string problem) =>
        Assert.Contains(problem, Assert.Single(Render(Make.Tree(("deploy/a.yaml", ConfigMap("a"))), path).Problems));

    [Theory]
    [InlineData("../../outside.yaml")]
    [InlineData("/proc/self/environ")]
    public void A_link_out_of_the_tree_condemns_the_whole_source_and_names_only_itself(string target)
    {
        var tree = new MemoryTree(
            [(TreePath.Parse("deploy/a.yaml"), Encoding.UTF8.GetBytes(ConfigMap("a")))], [(TreePath.Parse("deploy/evil.txt"), target)]);
        var rendered = Render(tree);
        Assert.Empty(rendered.Manifests);
        Assert.Contains("deploy/evil.txt", Assert.Single(rendered.Problems));
        Assert.DoesNotContain("environ", rendered.Problems[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_inside_the_tree_is_followed()
    {
        var tree = new MemoryTree(
            [(TreePath.Parse("shared/a.yaml"), Encoding.UTF8.GetBytes(ConfigMap("a")))], [(TreePath.Parse("deploy/a.yaml"), "../shared/a.yaml")]);
        Assert.Equal(["a"], Names(Render(tree)));

        var both = new MemoryTree(
            [(TreePath.Parse("shared/a.yaml"), Encoding.UTF8.GetBytes(ConfigMap("a"))), (TreePath.Parse("deploy/b.yaml"), Encoding.UTF8.GetBytes(ConfigMap("b")))],
            [(TreePath.Parse("deploy/a.yaml"), "../shared/a.yaml")]);
        Assert.Equal(["a", "b"], Names(Render(both)));
    }

    [Fact]
    public void Limits_turn_into_problems_that_name_the_file()
    {
        var big = Make.Tree(("deploy/a.yaml", ConfigMap("a")), ("deploy/big.yaml", new string('#', 20 * 1024 * 1024)));
        Assert.Contains("deploy/big.yaml: the file has 20,971,520 bytes", Assert.Single(Render(big).Problems));

        var many = Make.Tree(("deploy/a.yaml", string.Join("---\n", Enumerable.Range(0, 20).Select(i => ConfigMap($"a{i}")))));
        Assert.Contains("more than 10 objects", Render(many, limits: new RenderLimits { MaxObjects = 10, MaxProblems = 3 }).Problems[0]);
    }
}
