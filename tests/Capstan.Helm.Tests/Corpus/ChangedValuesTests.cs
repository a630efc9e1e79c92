using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Capstan.GoTemplates;
using Capstan.Helm.Arguments;
using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Helm.Tests.Corpus;

/// <summary>Changes values of the corpus' charts at random (by a seed) and asks helm and Capstan for the same.</summary>
public sealed partial class ChangedValuesTests(ITestOutputHelper log)
{
    // Few in an ordinary run; CAPSTAN_DIFFERENTIAL_SEEDS asks for more.
    private const int OrdinarySeeds = 1;

    [Fact]
    public async Task Charts_with_changed_values_render_as_helm_renders_them()
    {
        Assert.SkipWhen(CorpusFolders.Helm is null, "the corpus is not on this machine (CAPSTAN_CORPUS)");
        var helm = Path.Combine(Environment.GetEnvironmentVariable("CAPSTAN_JUDGES") ?? "", "helm");
        Assert.SkipUnless(File.Exists(helm), "helm is not on this machine (CAPSTAN_JUDGES, from eng/judges/fetch.sh)");
        var seeds = int.TryParse(Environment.GetEnvironmentVariable("CAPSTAN_DIFFERENTIAL_SEEDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : OrdinarySeeds;
        var renderer = new HelmRenderer();
        var failures = new StringBuilder();
        int equal = 0, all = 0;
        foreach (var chart in Directory.EnumerateDirectories(CorpusFolders.Helm!).Order(StringComparer.Ordinal))
        {
            var tree = CorpusFolders.Tree(Path.Combine(chart, "chart"));
            for (var seed = 0; seed < seeds; seed++)
            {
                all++;
                var arguments = Arguments(chart, new Random(HashCode(Path.GetFileName(chart)) + seed));
                var wanted = await Helm(helm, chart, arguments);
                var result = renderer.Render(
                    HelmTemplateArguments.Parse(arguments).ToRequest(tree, TreePath.Root, f => File.ReadAllBytes(Path.Combine(chart, f))),
                    TestContext.Current.CancellationToken);
                var got = Masked(result.Error?.HelmText ?? result.Output);
                if (got == wanted || Similar(wanted, got))
                {
                    equal++;
                    continue;
                }

                failures.Append(CultureInfo.InvariantCulture, $"--- {Path.GetFileName(chart)} {string.Join(' ', arguments)}\n{Difference(wanted, got)}\n");
            }
        }

        log.WriteLine($"{equal} of {all} renderings with changed values are equal");
        if (Environment.GetEnvironmentVariable("CAPSTAN_CORPUS_REPORT") is { Length: > 0 } report)
        {
            await File.WriteAllTextAsync(report + ".changed", $"{equal} of {all}\n{failures}", TestContext.Current.CancellationToken);
        }

        Assert.True(failures.Length == 0, $"{equal} of {all} are equal\n{failures}");
    }

    // string.GetHashCode differs from process to process.
    private static int HashCode(string text) => text.Aggregate(17, static (hash, c) => unchecked((hash * 31) + c)) & 0xFFFF;

    private static string[] Arguments(string chart, Random random)
    {
        var arguments = new List<string> { "rel", "chart", "--namespace", "ns", "--kube-version", random.Next(2) == 0 ? "1.29.3" : "1.33.0" };
        if (random.Next(3) == 0)
        {
            arguments.Add("--is-upgrade");
        }

        if (random.Next(3) == 0)
        {
            arguments.AddRange(["--api-versions", "monitoring.coreos.com/v1"]);
        }

        var values = Path.Combine(chart, "chart", "values.yaml");
        var leaves = new List<(string Path, YamlNode Value)>();
        if (File.Exists(values) && YamlText.ReadAll(File.ReadAllBytes(values), new ReadLimits { DuplicateKeys = DuplicateKeys.LastWins }) is [YamlMap map, ..])
        {
            Collect(map, "", leaves);
        }

        for (var i = 0; i < 12 && leaves.Count > 0; i++)
        {
            var (path, value) = leaves[random.Next(leaves.Count)];
            arguments.AddRange(["--set-json", $"{path}={Changed(value, random)}"]);
        }

        return [.. arguments];
    }

    private static void Collect(YamlMap map, string prefix, List<(string, YamlNode)> leaves)
    {
        foreach (var (key, value) in map)
        {
            if (!Plain().IsMatch(key))
            {
                continue;
            }

            if (value is YamlMap { Count: > 0 } inner)
            {
                Collect(inner, $"{prefix}{key}.", leaves);
            }
            else
            {
                leaves.Add(($"{prefix}{key}", value));
            }
        }
    }

    private static string Changed(YamlNode value, Random random) => value switch
    {
        YamlScalar { Kind: ScalarKind.Boolean } flag => flag.Text == "true" ? "false" : "true",
        YamlScalar { IsNumber: true } => random.Next(4) switch { 0 => "0", 1 => "2147483648", 2 => "1.5", _ => "7" },
        YamlMap => random.Next(2) == 0 ? "{\"added\":\"value\",\"other.key/x\":\"yes\"}" : "{\"n\":{\"a\":[1,true,\"x: y\"]}}",
        YamlList => random.Next(2) == 0 ? "[{\"name\":\"a\",\"value\":\"b\"}]" : "[\"one\",\"two # x\"]",
        YamlScalar { Kind: ScalarKind.Null } => "\"filled\"",
        _ => random.Next(5) switch { 0 => "\"\"", 1 => "null", 2 => "\"text: with # signs\"", 3 => "\"123\"", _ => "\"{{ .Release.Name }}-x\"" },
    };

    private static async Task<string> Helm(string helm, string chart, string[] arguments)
    {
        var start = new ProcessStartInfo(helm, ["template", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = chart,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return Masked(process.ExitCode == 0 ? GoText.FromBytes(Encoding.UTF8.GetBytes(await output)) : errors[errors.IndexOf("Error: ", StringComparison.Ordinal)..]);
    }

    // Several errors of a schema come in the order of a Go map, which is no order. Of a text with two errors of YAML, go-yaml and we may
    // find another one first: the file must be the same.
    private static bool Similar(string wanted, string got) =>
        (wanted.StartsWith("Error: YAML parse error on", StringComparison.Ordinal) && wanted.Split(": ")[1] == got.Split(": ")[1])
        || SameLines(wanted, got);

    private static bool SameLines(string wanted, string got) =>
        wanted.StartsWith("Error: values don't meet", StringComparison.Ordinal)
        && wanted.Split([' ', ',', '\n']).Order(StringComparer.Ordinal).SequenceEqual(got.Split([' ', ',', '\n']).Order(StringComparer.Ordinal));

    private static string Masked(string text) => Random().Replace(text, "RANDOM");

    private static string Difference(string wanted, string got)
    {
        var (a, b) = (wanted.Split('\n'), got.Split('\n'));
        var line = Enumerable.Range(0, Math.Max(a.Length, b.Length)).First(i => i >= a.Length || i >= b.Length || a[i] != b[i]);
        return $"line {line + 1}\n  wanted: {string.Join('\n', a.Skip(line).Take(4))}\n  got:    {string.Join('\n', b.Skip(line).Take(4))}";
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_-]*$", RegexOptions.NonBacktracking)]
    private static partial Regex Plain();

    // Words of random values: long ones, and the short ones that end the names of tests.
    [GeneratedRegex("[A-Za-z0-9+/]{8,}={0,2}|-test-[a-z0-9]{5}", RegexOptions.NonBacktracking)]
    private static partial Regex Random();
}
