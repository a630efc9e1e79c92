using System.Diagnostics;
using System.Text;

namespace Capstan.Yaml.Tests.Reading;

/// <summary>Inputs made to exhaust stack, memory or time meet an error or a result soon.</summary>
public sealed class HostileYamlTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    public static TheoryData<string, string> Refused => new()
    {
        { "deep lists", new string('[', 100_000) },
        { "deep maps", string.Concat(Enumerable.Repeat("{a: ", 100_000)) },
        { "deep lists on lines", string.Concat(Enumerable.Repeat("[\n", 100_000)) },
        { "deep block lists", string.Concat(Enumerable.Repeat("- ", 100_000)) },
        { "deeper block lists", string.Concat(Enumerable.Repeat("- ", 1_000_000)) },
        { "deep explicit keys", string.Concat(Enumerable.Repeat("? ", 100_000)) },
        { "deep blocks", string.Concat(Enumerable.Range(0, 2_000).Select(i => new string(' ', i) + "a:\n")) },
        { "billion laughs", Laughs(9) },
        { "many laughs", Laughs(60) },
        { "laughs by merge", string.Concat("a0: &a0 {x: 1}\n", string.Concat(Enumerable.Range(1, 40).Select(i => $"a{i}: &a{i} {{p: *a{i - 1}, q: *a{i - 1}}}\n")), "z:\n  <<: *a40\n") },
        { "a flow never closed", "a: [" + string.Concat(Enumerable.Repeat("x, ", 300_000)) },
        { "quotes never closed", "a: \"" + new string('x', 5_000_000) },
        { "one key without an end", new string('k', 5_000_000) },
        { "too large", new string('#', (10 * 1024 * 1024) + 1) },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_bomb_is_refused_soon(string name, string text)
    {
        var watch = Stopwatch.StartNew();
        var before = GC.GetAllocatedBytesForCurrentThread();
        if (name == "one key without an end")
        {
            Assert.Equal(text, YamlText.ReadOne(text).AsString());
        }
        else
        {
            var error = Assert.Throws<YamlException>(() => YamlText.ReadAll(text));
            Assert.True(error.Message.Length < 1_000);
            TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {error.Message}");
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{watch.ElapsedMilliseconds} ms, {(GC.GetAllocatedBytesForCurrentThread() - before) >> 20} MB allocated");
        Assert.True(watch.Elapsed < Soon, $"{name} took {watch.Elapsed}");
    }

    [Fact]
    public void Honest_aliases_stay_within_the_budget()
    {
        var text = "base: &b {a: 1, b: 2, c: 3}\nall:\n" + string.Concat(Enumerable.Repeat("- *b\n", 900));
        Assert.Equal(900, YamlText.ReadOne(text).AsMap()!["all"]!.AsList()!.Count);
    }

    [Fact]
    public void Large_manifests_are_read_in_linear_time()
    {
        var one = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a-name\n  labels:\n    app: shop\n    tier: \"back\"\ndata:\n  key: value\n---\n";
        var small = Time(one, 4_000);
        var large = Time(one, 40_000);
        TestContext.Current.TestOutputHelper?.WriteLine($"{one.Length * 40_000 / 1e6 / large.TotalSeconds:F1} MB/s");
        Assert.True(large < (small * 40) + TimeSpan.FromSeconds(1), $"{small} for 4,000 documents, {large} for 40,000");
    }

    [Theory]
    [InlineData("one list", "- a: 1\n", 1_000_000)]
    [InlineData("one line of a flow", "{a: 1}, ", 300_000)]
    [InlineData("comments", "# word\n", 1_000_000)]
    [InlineData("one block", "  word word\n", 800_000)]
    [InlineData("blank lines", "\n", 5_000_000)]
    public void Ten_megabytes_of_one_thing_are_read(string name, string piece, int count)
    {
        var body = new StringBuilder().Insert(0, piece, count).ToString();
        var text = name switch
        {
            "one line of a flow" => $"[{body}]",
            "one block" => $"v: |\n{body}",
            "comments" or "blank lines" => $"{body}v: 1\n",
            _ => body,
        };
        var watch = Stopwatch.StartNew();
        Assert.Single(YamlText.ReadAll(text));
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {text.Length / 1e6 / watch.Elapsed.TotalSeconds:F1} MB/s");
        Assert.True(watch.Elapsed < Soon, $"{name} took {watch.Elapsed}");
    }

    private static TimeSpan Time(string one, int count)
    {
        var bytes = Encoding.UTF8.GetBytes(new StringBuilder().Insert(0, one, count).ToString());
        var watch = Stopwatch.StartNew();
        Assert.Equal(count, YamlText.ReadAll(bytes).Count);
        return watch.Elapsed;
    }

    private static string Laughs(int levels) => "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range(1, levels)
        .Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 9))}]\n"));
}
