using System.Globalization;
using System.Text;
using CsCheck;

namespace Capstan.Yaml.Tests.Reading;

/// <summary>What the simple reader reads is what the whole one reads, positions and styles too; it must never read what the other refuses.</summary>
public sealed class SimpleYamlReaderTests(ITestOutputHelper log)
{
    private static readonly string[] Pieces =
    [
        "a: 1", "b:", "- x", "- y: 2", "-", "c: |", "c: |-", "c: |+", "text", "\"q\": 'it''s'", "e: \"\"", "f: []", "g: {}", "# note", "", "h: x # note", "i: no", "'j': 0x1F",
        "k: 2001-12-14", "l: http://x/y:z", "m: - 1", "n: a: b", "o: 'p' # q", "p : 1", "---", "...", "r: ~", "- - 1", "- |", "- 'a'", "- \"b\": c", "s: &t u", "v: *t", "w: !x y", "<<: z",
        "1: 2", "yes: on", "t: .5", "u: 1_000", "é: ü", "x: \"\\n\"", "y: 'open", "z: -", "- # only", "a:b", "- a:", "_: >", "aa: |2", "bb: -1", "cc: ?x", "dd: :x", "a: again", "  ", "q: 1e3",
    ];

    public static TheoryData<string> Cases =>
    [
        "a:\n  b: 1\n  c:\n  - x\n  - y:\n      z: 2\nd:\n- 1\n", "a: |\n  x\n   y\n\n  z\n\n\nb: 1\n", "a: |-\n\n  x\n", "a: |+\n  x\n\n", "a: |\n  x", "a: |\n  x\n  ", "a: |\n  x\n    \n",
        "- a: 1\n  b: 2\n-\n  c: 3\n- d\n", "a:\nb: ~\n", "a:", "a: ", "---\na: 1\n---\nb: 2\n", "a: 'it''s' # c\n\"b\": \"x\"\n", "a: x # c\n#d\nb: y#z\n", "a:\n\n# c\n\n  b: 1\n", "x: 1.10\ny: 0644\nz: 1e3\n",
        "a: |\n # x\n b\n# y\nc: 1\n", "a: |\n\n\n    deep\n  less\n", "a:\n  - b: |\n      x\n    c: 1\n", "- |\n x\n- y\n",
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Simple_texts_are_read_as_the_whole_reader_reads_them(string text) => Same(text, YamlDialect.GoYaml2);

    [Fact]
    public void Texts_of_pieces_are_read_as_the_whole_reader_reads_them()
    {
        var read = 0;
        var line = Gen.Select(Gen.Int[0, 3], Gen.Int[0, Pieces.Length - 1], static (indent, piece) => new string(' ', indent * 2) + Pieces[piece] + "\n");
        Gen.Select(line.List[1, 9], Gen.Bool, Gen.Bool).Sample(
            (lines, newer, open) =>
            {
                var text = string.Concat(lines);
                Interlocked.Add(ref read, Same(open ? text.TrimEnd('\n') : text, newer ? YamlDialect.GoYaml3 : YamlDialect.GoYaml2) ? 1 : 0);
            },
            iter: 60_000);
        log.WriteLine($"{read} were simple");
        Assert.True(read > 1_000, $"only {read} texts were simple");
    }

    [Fact]
    public void Nearly_all_manifests_and_values_of_public_charts_are_simple()
    {
        var corpus = Environment.GetEnvironmentVariable("CAPSTAN_CORPUS") ?? "";
        Assert.SkipUnless(Directory.Exists(corpus), "CAPSTAN_CORPUS names no corpus");
        var (simple, all) = (0, 0);
        foreach (var file in Directory.EnumerateFiles(corpus, "*.yaml", SearchOption.AllDirectories).Where(static f => !f.Contains("/templates/", StringComparison.Ordinal)))
        {
            foreach (var text in File.ReadAllText(file).Split("\n---\n"))
            {
                foreach (var dialect in (YamlDialect[])[YamlDialect.GoYaml2, YamlDialect.GoYaml3])
                {
                    all++;
                    simple += Same(text, dialect) ? 1 : 0;
                }
            }
        }

        log.WriteLine($"{simple} of {all} were simple");
        Assert.True(simple > all / 2, $"only {simple} of {all} documents were simple");
    }

    [Fact]
    public void Depth_and_nodes_beyond_its_bounds_are_left_to_the_whole_reader()
    {
        var deep = new StringBuilder();
        for (var i = 0; i < 300; i++)
        {
            deep.Append(' ', i).Append("a:\n");
        }

        Assert.Null(SimpleYamlReader.TryRead(deep.ToString(), ReadLimits.Default));
        Assert.Null(SimpleYamlReader.TryRead(string.Concat(Enumerable.Repeat("- 1\n", 300_000)), ReadLimits.Default));
    }

    // Whether it was simple.
    private static bool Same(string text, YamlDialect dialect)
    {
        var limits = ReadLimits.Default with { Dialect = dialect };
        if (SimpleYamlReader.TryRead(text, limits) is not { } simple)
        {
            return false;
        }

        string whole;
        try
        {
            whole = Show(YamlText.ReadWhole(text, limits));
        }
        catch (YamlException error)
        {
            whole = error.Message;
        }

        Assert.True(Show(simple) == whole, $"{text}\n-- simple:\n{Show(simple)}\n-- whole:\n{whole}");
        return true;
    }

    private static string Show(List<YamlNode> documents)
    {
        var output = new StringBuilder();
        documents.ForEach(d => Show(output, d));
        return output.ToString();
    }

    private static void Show(StringBuilder output, YamlNode node)
    {
        output.Append(CultureInfo.InvariantCulture, $"{node.Position} ");
        switch (node)
        {
            case YamlMap map:
                output.Append("{\n");
                foreach (ref readonly var entry in map.AsSpan())
                {
                    output.Append(CultureInfo.InvariantCulture, $"{entry.KeyPosition} {entry.Key}: ");
                    Show(output, entry.Value);
                }

                output.Append("}\n");
                break;
            case YamlList list:
                output.Append("[\n");
                foreach (var item in list)
                {
                    Show(output, item);
                }

                output.Append("]\n");
                break;
            case YamlScalar scalar:
                output.Append(CultureInfo.InvariantCulture, $"{scalar.Kind} {scalar.Style} <{scalar.Text}> <{scalar.Source}>\n");
                break;
        }
    }
}
