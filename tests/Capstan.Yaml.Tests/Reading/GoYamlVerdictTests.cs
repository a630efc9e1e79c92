using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Capstan.Yaml.Tests.Judges;

namespace Capstan.Yaml.Tests.Reading;

/// <summary>Each case of testdata/reading is read as go-yaml reads it, or refused where go-yaml refuses it.</summary>
public sealed class GoYamlVerdictTests
{
    private const string Refused = "refused";

    // Where we are stricter or more exact, with the reason.
    private static readonly Dictionary<string, string> Deliberate = new(StringComparer.Ordinal)
    {
        ["escapes"] = "\\/ is an escape of YAML 1.2 and of JSON; nothing else can be meant",
        ["surrogate escape"] = "JSON spells characters above U+FFFF so; a half alone is refused",
        ["tab after dash"] = "the tab separates and does not indent",
        ["flow plain question"] = "a question mark inside a word of a list means itself",
        ["directive yaml 1.2"] = "documents that say they are YAML 1.2 are read by the same rules",
        ["directive unknown"] = "YAML says that unknown directives are ignored",
        ["flow dedented"] = "the scanner wants what is in braces indented more than the key it belongs to; a clear error",
        ["dash only in flow"] = "the scanner takes the dash for a list's item; a clear error",
        ["nel in quotes"] = "U+0085 is a line break to the scanner, and then indentation is wanted; a clear error",
        ["ls in quotes"] = "U+2028 is a line break to the scanner, and then indentation is wanted; a clear error",
    };

    private static readonly ReadLimits Lax = new() { DuplicateKeys = DuplicateKeys.LastWins };

    [Fact]
    public void Every_case_has_the_verdict_of_go_yaml()
    {
        var golden = File.ReadLines(Path.Combine(Folder(), "golden.txt"))
            .Select(line => line.Split('\t', 2))
            .ToDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal);
        Check([.. Cases().Select(c => (c.Name, c.Content, golden[c.Name]))]);
    }

    [Fact]
    public async Task The_golden_verdicts_are_those_of_the_real_helm()
    {
        Assert.SkipWhen(HelmJudge.Program is null, "the reference helm is not here; eng/judges/fetch.sh fetches it");
        var cases = Cases();
        var answers = await HelmJudge.AskAsync(
            [.. cases.Select(c => c.Content)], "$in | fromYaml | toJson", TestContext.Current.CancellationToken);
        var verdicts = cases.Select((c, i) => (c.Name, c.Content, Verdict: Verdict(answers[i]))).ToList();
        var golden = string.Concat(verdicts.Select(v => $"{v.Name}\t{v.Verdict}\n"));
        var path = Path.Combine(Folder(), "golden.txt");
        if (Environment.GetEnvironmentVariable("CAPSTAN_REWRITE_GOLDEN") == "1")
        {
            await File.WriteAllTextAsync(path, golden, TestContext.Current.CancellationToken);
        }

        Assert.Equal(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), golden);
    }

    private static void Check(IReadOnlyList<(string Name, byte[] Content, string Expected)> cases)
    {
        Assert.True(cases.Count >= 150);
        var differences = new List<string>();
        foreach (var (name, content, expected) in cases)
        {
            var (ours, detail) = Ours(content);
            var same = expected == Refused || ours == Refused
                ? ours == expected
                : AsFloats(JsonText.Read(ours)).Equals(AsFloats(JsonText.Read(expected)));
            if (same == Deliberate.ContainsKey(name))
            {
                differences.Add($"{name}: expected {expected}, ours {ours} {detail}");
            }
        }

        Assert.True(differences.Count == 0, $"{differences.Count} of {cases.Count} differ\n{string.Join('\n', differences)}");
    }

    private static (string Verdict, string Detail) Ours(byte[] content)
    {
        try
        {
            // Go's Unmarshal reads the first document only, and null into a map is an empty map.
            var first = YamlText.ReadAll(content, Lax);
            return (first.Count == 0 ? "{}" : first[0] is YamlMap ? first[0].ToString() : Refused, "");
        }
        catch (YamlException error)
        {
            return (Refused, error.Message);
        }
    }

    private static string Verdict(string answer) => answer.StartsWith("{\"Error\":", StringComparison.Ordinal) ? Refused : answer;

    // helm's values are float64 throughout, so large integers lose digits there.
    private static YamlNode AsFloats(YamlNode node) => node switch
    {
        YamlMap map => YamlMap.Of([.. map.Select(entry => (entry.Key, AsFloats(entry.Value)))]),
        YamlList list => new YamlList(list.Select(AsFloats)),
        YamlScalar { IsNumber: true } number => YamlScalar.Float(number.AsDouble()),
        _ => node,
    };

    private static List<(string Name, byte[] Content)> Cases()
    {
        var cases = new List<(string, byte[])>();
        foreach (var block in File.ReadAllText(Path.Combine(Folder(), "cases.txt")).Split("\n=== ").Skip(1))
        {
            var end = block.IndexOf('\n', StringComparison.Ordinal);
            cases.Add((block[..end], Bytes(block[(end + 1)..] + "\n")));
        }

        return cases;
    }

    private static byte[] Bytes(string text)
    {
        var bytes = new List<byte>();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                bytes.Add((byte)text[i]);
                continue;
            }

            i++;
            if (text[i] == 'x')
            {
                bytes.Add(byte.Parse(text.AsSpan(i + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                i += 2;
            }
            else if (text[i] == '0')
            {
                // The case ends here, without a line break.
                return [.. bytes];
            }
            else
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(text[i].ToString()));
            }
        }

        return [.. bytes];
    }

    private static string Folder([CallerFilePath] string file = "") =>
        Path.Combine(Path.GetDirectoryName(file)!, "..", "testdata", "reading");
}
