using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Capstan.GoTemplates;
using Capstan.Trees;

namespace Capstan.Helm.Tests.Hostile;

/// <summary>Charts that mean harm. The numbers are the rows of the list of hostile inputs.</summary>
public sealed class HostileChartTests
{
    private const string Metadata = "apiVersion: v2\nname: q\nversion: 0.1.0\n";

    private static readonly TemplateLimits Tight = new() { MaxTime = TimeSpan.FromSeconds(2), MaxText = 20_000_000, MaxProduced = 100_000_000 };

    [Fact]
    public void R2_a_link_out_of_the_chart_is_refused_and_one_within_it_works()
    {
        var files = new (TreePath, ReadOnlyMemory<byte>)[]
        {
            (TreePath.Parse("Chart.yaml"), Encoding.UTF8.GetBytes(Metadata)),
            (TreePath.Parse("data/real.txt"), "content"u8.ToArray()),
            (TreePath.Parse("templates/a.yaml"), Encoding.UTF8.GetBytes("a: {{ .Files.Get \"link.txt\" }}")),
        };
        var inside = Render(new MemoryTree(files, [(TreePath.Parse("link.txt"), "data/real.txt")]));
        Assert.Contains("a: content", inside.Output, StringComparison.Ordinal);

        var outside = Render(new MemoryTree(files, [(TreePath.Parse("link.txt"), "../../etc/passwd")]));
        Assert.Contains("link.txt", outside.Error!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("passwd", outside.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void R5_set_file_reads_nothing_unless_the_caller_reads_it()
    {
        var tree = Chart("a: 1");
        var result = new HelmRenderer().Render(
            new HelmRenderRequest { Tree = tree, Settings = [new HelmSetting(HelmSettingKind.SetFile, "a=../../etc/passwd")] },
            TestContext.Current.CancellationToken);
        Assert.Contains("files cannot be read here", result.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void R6_files_outside_the_chart_are_empty()
    {
        Assert.Contains("a: \"\"", Render(Chart("a: {{ .Files.Get \"../x\" | quote }}")).Output, StringComparison.Ordinal);
        Assert.Contains("a: 0", Render(Chart("a: {{ len (.Files.Glob \"../**\") }}")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void R6_a_glob_over_more_files_than_a_chart_may_have_ends_in_an_error()
    {
        var files = Enumerable.Range(0, 100_001).Select(static i => (TreePath.Parse($"data/{i}"), (ReadOnlyMemory<byte>)new byte[1]));
        var tree = new MemoryTree([(TreePath.Parse("Chart.yaml"), Encoding.UTF8.GetBytes(Metadata)), (TreePath.Parse("templates/a.yaml"), "a: {{ len (.Files.Glob \"**\") }}"u8.ToArray()), .. files]);
        Assert.Contains("more than 100,000 files", Render(tree).Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void R6_a_glob_of_many_stars_ends_soon()
    {
        var (stars, name) = (string.Concat(Enumerable.Repeat("{a*,b**}*", 400)), new string('a', 400));
        var tree = MemoryTree.Of(("Chart.yaml", Metadata), (name, ""), ("templates/a.yaml", $"a: {{{{ len (.Files.Glob \"{stars}c\") }}}}"));
        Assert.Contains("a: 0", Render(tree).Output, StringComparison.Ordinal);
        var deep = MemoryTree.Of(("Chart.yaml", Metadata), (name, ""), ("templates/a.yaml", $"a: {{{{ len (.Files.Glob \"{new string('{', 4_000)}\") }}}}"));
        Assert.Contains("a: 1", Render(deep).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../x", "is invalid")]
    [InlineData(".", "is not allowed")]
    [InlineData("..", "is not allowed")]
    [InlineData("a/b", "is invalid")]
    public void R7_a_name_that_is_a_path_is_refused(string name, string reason)
    {
        var result = Render(MemoryTree.Of(("Chart.yaml", $"apiVersion: v2\nname: \"{name}\"\nversion: 0.1.0\n")));
        Assert.Contains(reason, result.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void R7_an_alias_with_a_separator_is_refused()
    {
        var result = Render(MemoryTree.Of(
            ("Chart.yaml", Metadata + "dependencies: [{name: a, version: 1.0.0, alias: ../x}]\n"),
            ("charts/a/Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0.0\n")));
        Assert.Contains("disallowed characters in the alias", result.Error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("q/../../x", "parent directory")]
    [InlineData("q//etc/x", "absolute paths")]
    [InlineData("/etc/../../x", "parent directory")]
    [InlineData("q\\..\\..\\x", "parent directory")]
    public void R9_a_member_that_leaves_the_archive_is_refused(string member, string reason)
    {
        var result = Render(Packed(tar => tar.WriteEntry(File(member, 1))));
        Assert.Contains(reason, result.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void R9_links_bombs_twins_and_crowds_are_refused()
    {
        var link = Render(Packed(static tar => tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "q/link") { LinkName = "/etc/passwd" })));
        Assert.Contains("no regular file", link.Error!.Message, StringComparison.Ordinal);
        foreach (var type in (TarEntryType[])[TarEntryType.HardLink, TarEntryType.CharacterDevice, TarEntryType.BlockDevice, TarEntryType.Fifo])
        {
            var odd = Render(Packed(tar => tar.WriteEntry(type == TarEntryType.HardLink ? new PaxTarEntry(type, "q/odd") { LinkName = "/etc/passwd" } : new PaxTarEntry(type, "q/odd"))));
            Assert.Contains("no regular file", odd.Error!.Message, StringComparison.Ordinal);
        }

        var large = Render(Packed(static tar => tar.WriteEntry(File("q/large", 6 * 1024 * 1024))));
        Assert.Contains("maximum file size", large.Error!.Message, StringComparison.Ordinal);
        var bomb = Render(Packed(static tar =>
        {
            for (var i = 0; i < 30; i++)
            {
                tar.WriteEntry(File($"q/f{i}", 4 * 1024 * 1024));
            }
        }));
        Assert.Contains("larger than the maximum size", bomb.Error!.Message, StringComparison.Ordinal);
        var twins = Render(Packed(static tar =>
        {
            tar.WriteEntry(File("q/x", 1));
            tar.WriteEntry(File("q/x", 1));
        }));
        Assert.Contains("twice", twins.Error!.Message, StringComparison.Ordinal);
        var crowd = Render(Packed(static tar =>
        {
            for (var i = 0; i < 10_001; i++)
            {
                tar.WriteEntry(File($"q/f{i}", 1));
            }
        }));
        Assert.Contains("members", crowd.Error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"$ref\": \"file:///etc/passwd\"}", "points out of the schema")]
    [InlineData("{\"$ref\": \"/dev/zero\"}", "points out of the schema")]
    [InlineData("{\"$ref\": \"http://127.0.0.1:1/x\"}", "points out of the schema")]
    [InlineData("{\"$ref\": \"#\"}", "refers to itself")]
    [InlineData("{\"$defs\": {\"a\": {\"$ref\": \"#/$defs/b\"}, \"b\": {\"$ref\": \"#/$defs/a\"}}, \"$ref\": \"#/$defs/a\"}", "refers to itself")]
    public void R10_a_schema_that_reaches_out_or_turns_in_circles_is_refused(string schema, string reason)
    {
        var clock = Stopwatch.StartNew();
        var result = Render(MemoryTree.Of(("Chart.yaml", Metadata), ("values.yaml", "a: 1"), ("values.schema.json", schema)));
        Assert.Contains(reason, result.Error!.Message, StringComparison.Ordinal);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void R10_a_schema_that_is_nested_ten_thousand_deep_is_refused()
    {
        var schema = string.Concat(Enumerable.Repeat("{\"not\":", 10_000)) + "{}" + new string('}', 10_000);
        Assert.NotNull(Render(MemoryTree.Of(("Chart.yaml", Metadata), ("values.schema.json", schema))).Error);
    }

    [Theory]
    [InlineData("{{ define \"a\" }}{{ include \"a\" . }}{{ end }}{{ include \"a\" . }}")]
    [InlineData("{{ define \"a\" }}{{ include \"b\" . }}{{ end }}{{ define \"b\" }}{{ include \"a\" . }}{{ end }}{{ include \"a\" . }}")]
    [InlineData("{{ define \"a\" }}{{ tpl \"{{ include \\\"a\\\" . }}\" . }}{{ end }}{{ include \"a\" . }}")]
    public void R11_a_template_that_includes_itself_ends_in_an_error(string template)
    {
        var error = Render(Chart(template)).Error!;
        Assert.Contains("nested reference name", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void R11_a_template_that_calls_itself_without_include_ends_in_an_error() =>
        Assert.NotNull(Render(Chart("{{ define \"a\" }}{{ template \"a\" . }}{{ end }}{{ template \"a\" . }}")).Error);

    [Theory]
    [InlineData("{{ range until 100000000 }}{{ end }}")]
    [InlineData("{{ range 1000000000 }}x{{ end }}")]
    [InlineData("{{ repeat 1000000000 \"x\" }}")]
    [InlineData("{{ $x := \"xxxxxxxx\" }}{{ range until 60 }}{{ $x = printf \"%s%s\" $x $x }}{{ end }}")]
    [InlineData("{{ $x := \"xxxxxxxx\" }}{{ range until 60 }}{{ $x = b64enc (cat $x $x) }}{{ end }}")]
    [InlineData("{{ $l := list }}{{ range until 1000000 }}{{ $l = append $l \"x\" }}{{ end }}")]
    [InlineData("{{ indent 1000000000 \"x\" }}")]
    [InlineData("{{ range until 100000 }}{{ $k := genPrivateKey \"rsa\" }}{{ end }}")]
    [InlineData("{{ range until 100000 }}{{ $k := genCA \"x\" 1 }}{{ end }}")]
    [InlineData("{{ range until 100000 }}{{ $k := derivePassword 1 \"long\" \"p\" \"u\" \"s\" }}{{ end }}")]
    [InlineData("{{ $x := repeat 10000000 \"ab\" }}{{ range until 1000 }}{{ $y := regexReplaceAll \"([a-z]+)*(x|y)\" $x \"z\" }}{{ end }}")]
    [InlineData("{{ $x := \"%s%s\" }}{{ range until 60 }}{{ $x = printf $x $x $x }}{{ end }}")]
    [InlineData("{{ randAlphaNum 2000000000 }}")]
    [InlineData("{{ regexReplaceAll \"(a*)*b\" (repeat 1000000 \"a\") \"x\" }}{{ range 1000000000 }}x{{ end }}")]
    public void R12_bombs_of_time_and_memory_are_stopped(string template)
    {
        var clock = Stopwatch.StartNew();
        var result = new HelmRenderer().Render(new HelmRenderRequest { Tree = Chart(template), Limits = Tight }, TestContext.Current.CancellationToken);
        Assert.NotNull(result.Error);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"{clock.Elapsed}");
    }

    [Fact]
    public void R12_a_huge_width_is_no_verb() =>
        Assert.Contains("%!(NOVERB)", Render(Chart("a: '{{ printf \"%1000000000s\" \"x\" }}'")).Output, StringComparison.Ordinal);

    [Fact]
    public void R12_a_rendering_can_be_cancelled()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => new HelmRenderer().Render(
            new HelmRenderRequest { Tree = Chart("{{ range 1000000000 }}{{ end }}") }, source.Token));
    }

    [Theory]
    [InlineData("{{ env \"HOME\" }}", "function \"env\" not defined")]
    [InlineData("{{ expandenv \"$HOME\" }}", "function \"expandenv\" not defined")]
    public void R13_the_environment_is_not_there(string template, string reason) =>
        Assert.Contains(reason, Render(Chart(template)).Error!.Message, StringComparison.Ordinal);

    [Fact]
    public void R13_names_are_not_resolved_and_lookup_finds_nothing() =>
        Assert.Contains(
            "a: '\"\" {}'",
            Render(Chart("a: '{{ getHostByName \"localhost\" | quote }} {{ lookup \"v1\" \"Secret\" \"\" \"\" | toJson }}'")).Output,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("a[9999999999]=x")]
    [InlineData("a[65537]=x")]
    [InlineData("a[-1]=x")]
    public void R14_an_index_out_of_reach_is_refused(string setting) => Assert.Contains("index", Set(setting)!.Message, StringComparison.Ordinal);

    [Fact]
    public void R14_a_path_of_a_hundred_thousand_keys_is_refused() =>
        Assert.Contains("nested level", Set(string.Concat(Enumerable.Repeat("a.", 100_000)) + "b=x")!.Message, StringComparison.Ordinal);

    private static HelmError? Set(string setting) => new HelmRenderer().Render(
        new HelmRenderRequest { Tree = Chart("a: 1"), Settings = [new HelmSetting(HelmSettingKind.Set, setting)] },
        TestContext.Current.CancellationToken).Error;

    private static MemoryTree Chart(string template) => MemoryTree.Of(("Chart.yaml", Metadata), ("templates/a.yaml", template));

    private static HelmRenderResult Render(MemoryTree tree) =>
        new HelmRenderer().Render(new HelmRenderRequest { Tree = tree }, TestContext.Current.CancellationToken);

    private static PaxTarEntry File(string name, int length) =>
        new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(new byte[length]) };

    // A chart that holds the archive as a subchart.
    private static MemoryTree Packed(Action<TarWriter> write)
    {
        var buffer = new MemoryStream();
        using (var zip = new GZipStream(buffer, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(zip))
        {
            write(tar);
        }

        return new MemoryTree(
        [
            (TreePath.Parse("Chart.yaml"), Encoding.UTF8.GetBytes(Metadata)),
            (TreePath.Parse("charts/sub-1.0.0.tgz"), buffer.ToArray()),
        ]);
    }
}
