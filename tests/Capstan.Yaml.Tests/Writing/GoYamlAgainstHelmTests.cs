using System.Text;
using Capstan.Yaml.Tests.Judges;

namespace Capstan.Yaml.Tests.Writing;

/// <summary>Generated values, written by Helm's toYaml and toYamlPretty and by us, must be the same bytes.</summary>
public sealed class GoYamlAgainstHelmTests
{
    private static readonly string[] Pieces =
    [
        "a", "B", "z", "0", "1", "9", "_", "-", ".", ":", " ", "  ", "\n", "\t", "#", " #", ": ", "- ", "? ", ",", "[", "]", "{", "}", "&", "*", "!",
        "|", ">", "'", "\"", "%", "@", "`", "\\", "/", "=", "~", "<", "<<", "e", "x", "o", "+", "yes", "no", "on", "off", "true", "null", "y", "N",
        "é", "ß", "漢", "😀", "\u00A0", "\u2028", "\r", "\u0001", "\u001b", "0x", "0o", "0b", "inf", "nan", "2001-01-01", "T", "Z", "12:30", "---",
        "...", "long words that go on and on ", "longer words  that go on and on, and then they go on  a little more ",
    ];

    [Fact]
    public async Task Strings_are_written_as_toYaml_writes_them() => await CompareAsync("$in | fromJson | toYaml", GoYamlOptions.Kubernetes, seed: 1);

    [Fact]
    public async Task Strings_are_written_as_toYamlPretty_writes_them() =>
        await CompareAsync("$in | fromJson | toYamlPretty", GoYamlOptions.Pretty, seed: 2);

    private static async Task CompareAsync(string pipeline, GoYamlOptions options, int seed)
    {
        Assert.SkipWhen(HelmJudge.Program is null, "the reference helm is not here; eng/judges/fetch.sh fetches it");
        var values = Values(new Random(seed)).Select(value => JsonText.WriteBytes(value)).ToList();
        var theirs = await HelmJudge.AskAsync(values, pipeline, TestContext.Current.CancellationToken);
        Assert.Equal(values.Count, theirs.Count);
        var differences = new List<string>();
        for (var i = 0; i < values.Count; i++)
        {
            var ours = GoYaml.Write(AsHelmSees(JsonText.Read(values[i]), options), options).TrimEnd('\n');
            var expected = theirs[i].TrimEnd('\n');
            if (ours != expected)
            {
                differences.Add($"{Encoding.UTF8.GetString(values[i])}\n--- theirs\n{expected}\n--- ours\n{ours}");
            }
        }

        Assert.True(differences.Count == 0, $"{differences.Count} of {values.Count} differ\n{string.Join("\n\n", differences.Take(12))}");
    }

    // fromJson makes a float64 of every number, which toYamlPretty shows.
    private static YamlNode AsHelmSees(YamlNode node, GoYamlOptions options) => node switch
    {
        _ when options.NumbersThroughJson => node,
        YamlMap map => YamlMap.Of([.. map.Select(entry => (entry.Key, AsHelmSees(entry.Value, options)))]),
        YamlList list => new YamlList(list.Select(item => AsHelmSees(item, options))),
        YamlScalar { Kind: ScalarKind.Integer } number => new YamlScalar(number.Text, ScalarKind.Float),
        _ => node,
    };

    private static IEnumerable<YamlMap> Values(Random random)
    {
        foreach (var piece in Pieces)
        {
            yield return YamlMap.Of(("v", piece), ("l", YamlList.Create([piece])));
        }

        for (var i = 0; i < 4_000; i++)
        {
            yield return YamlMap.Of((Text(random), Value(random, 3)), (Text(random), Value(random, 2)), ("k" + random.Next(30), Text(random)));
        }
    }

    private static YamlNode Value(Random random, int depth) => random.Next(depth == 0 ? 5 : 8) switch
    {
        0 => random.Next(-2000, 2000),
        1 => YamlScalar.Float(Math.Round((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-12, 24)), 5) + 0.0),
        2 => random.Next(2) == 0,
        3 => YamlScalar.Null,
        4 => Text(random),
        5 => new YamlList(Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, depth - 1))),
        _ => YamlMap.Of([.. Enumerable.Range(0, random.Next(5)).Select(_ => (Text(random), Value(random, depth - 1)))]),
    };

    private static string Text(Random random) => string.Concat(Enumerable.Range(0, random.Next(1, 7)).Select(_ => Pieces[random.Next(Pieces.Length)]));
}
