using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Capstan.Trees;

namespace Capstan.Helm.Tests.Language;

/// <summary>
/// One template a line in testdata/AREA.cases (⏎ stands for a line break), its answer by helm on the same line of AREA.expected:
/// a JSON string, or <c>error</c> and one. CAPSTAN_REWRITE=1 writes the answers anew with the helm of CAPSTAN_JUDGES.
/// </summary>
public sealed class LanguageTests(ITestOutputHelper log)
{
    private const string Define = "{{- define \"capstan.case\" -}}";
    private const string Print = "{{- end -}}\nout: {{ include \"capstan.case\" . | toJson }}\n";

    // What .Files finds.
    private static readonly string[] Names =
        ["!.txt", "-.txt", "].txt", "^.txt", "a,b.txt", "a.txt", "ab.txt", "b.txt", "c.txt", "d/a.txt", "d/e/a.txt", "x.txt", "z.txt"];

    public static TheoryData<string> Areas => [.. Directory.GetFiles(Folder, "*.cases").Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal)];

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Language", "testdata");

    [Theory]
    [MemberData(nameof(Areas))]
    public async Task Templates_answer_as_helm_does(string area)
    {
        var cases = await File.ReadAllLinesAsync(Path.Combine(Folder, $"{area}.cases"), TestContext.Current.CancellationToken);
        var expectedPath = Path.Combine(Folder, $"{area}.expected");
        if (Environment.GetEnvironmentVariable("CAPSTAN_REWRITE") == "1")
        {
            await Rewrite(cases, Path.Combine(SourceFolder(), $"{area}.expected"));
            return;
        }

        var expected = await File.ReadAllLinesAsync(expectedPath, TestContext.Current.CancellationToken);
        Assert.Equal(cases.Length, expected.Length);
        var skipped = await Skipped();
        var renderer = new HelmRenderer();
        var failures = new StringBuilder();
        var wrong = 0;
        for (var i = 0; i < cases.Length; i++)
        {
            var got = Answer(renderer, cases[i]);
            if (got != expected[i] && !skipped.Contains($"{area} {cases[i]}"))
            {
                wrong++;
                failures.Append(CultureInfo.InvariantCulture, $"{area}:{i + 1}: {cases[i]}\n  wanted: {expected[i]}\n  got:    {got}\n");
            }
        }

        log.WriteLine($"{area}: {cases.Length - wrong} of {cases.Length} are equal");
        if (Environment.GetEnvironmentVariable("CAPSTAN_LANGUAGE_REPORT") is { Length: > 0 } report)
        {
            await File.WriteAllTextAsync(Path.Combine(report, area + ".txt"), failures.ToString(), TestContext.Current.CancellationToken);
        }

        Assert.True(wrong == 0, $"{wrong} of {cases.Length} differ\n{failures}");
    }

    private static async Task<HashSet<string>> Skipped()
    {
        // AREA TEMPLATE, each below a comment that gives the reason.
        var lines = await File.ReadAllLinesAsync(Path.Combine(Folder, "skip.txt"), TestContext.Current.CancellationToken);
        return [.. lines.Where(static l => l.Length > 0 && l[0] != '#')];
    }

    private static string Template(string line) => Define + line.Replace('⏎', '\n') + Print;

    private static string Answer(HelmRenderer renderer, string line)
    {
        var tree = MemoryTree.Of(
        [
            ("Chart.yaml", "apiVersion: v2\nname: q\nversion: 0.1.0\n"),
            ("values.yaml", File.ReadAllText(Path.Combine(Folder, "values.yaml"))),
            ("templates/case.yaml", Template(line)),
            .. Names.Select(static n => (n, "1\n")),
        ]);
        var result = renderer.Render(new HelmRenderRequest { Tree = tree }, TestContext.Current.CancellationToken);
        return result.Error is { } error ? Failed(error.HelmText) : Succeeded(result.Output);
    }

    private static string Succeeded(string output) => output.Replace("---\n# Source: q/templates/case.yaml\nout: ", "", StringComparison.Ordinal).TrimEnd('\n');

    private static string Failed(string text) => "error " + JsonSerializer.Serialize(text.TrimEnd('\n'));

    private static string SourceFolder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!Directory.Exists(Path.Combine(folder!.FullName, "Language", "testdata")) || folder.FullName.Contains("bin", StringComparison.Ordinal))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder.FullName, "Language", "testdata");
    }

    private static async Task Rewrite(string[] cases, string path)
    {
        var helm = Path.Combine(
            Environment.GetEnvironmentVariable("CAPSTAN_JUDGES") ?? throw new InvalidOperationException("CAPSTAN_JUDGES names the folder that holds helm"), "helm");
        var chart = Directory.CreateTempSubdirectory("capstan-language-").FullName;
        Directory.CreateDirectory(Path.Combine(chart, "templates"));
        await File.WriteAllTextAsync(Path.Combine(chart, "Chart.yaml"), "apiVersion: v2\nname: q\nversion: 0.1.0\n");
        File.Copy(Path.Combine(Folder, "values.yaml"), Path.Combine(chart, "values.yaml"));
        Directory.CreateDirectory(Path.Combine(chart, "d", "e"));
        foreach (var name in Names)
        {
            await File.WriteAllTextAsync(Path.Combine(chart, name), "1\n");
        }

        var answers = new List<string>(cases.Length);
        foreach (var line in cases)
        {
            await File.WriteAllTextAsync(Path.Combine(chart, "templates", "case.yaml"), Template(line));
            var start = new ProcessStartInfo(helm, ["template", "release-name", chart]) { RedirectStandardOutput = true, RedirectStandardError = true };
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            answers.Add(process.ExitCode == 0 ? Succeeded(await output) : Failed(errors[errors.IndexOf("Error: ", StringComparison.Ordinal)..]));
        }

        await File.WriteAllLinesAsync(path, answers);
        Directory.Delete(chart, recursive: true);
    }
}
