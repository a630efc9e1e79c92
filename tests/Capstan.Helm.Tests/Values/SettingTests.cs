using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Capstan.Helm.Arguments;
using Capstan.Helm.Charts;
using Capstan.Trees;

namespace Capstan.Helm.Tests.Values;

/// <summary>
/// Arguments, a JSON list a line in testdata/arguments.cases, with helm's answers in arguments.expected: the values of a small chart, or
/// the error. CAPSTAN_REWRITE=1 writes the answers anew with the helm of CAPSTAN_JUDGES.
/// </summary>
public sealed class SettingTests
{
    private static readonly (string Path, string Text)[] Files =
    [
        ("Chart.yaml", "apiVersion: v2\nname: q\nversion: 0.1.0\n"),
        ("values.yaml", "a: 1\nlist: [x, y]\nmap: {k: v, n: {m: 1}}\nstr: text\n"),
        ("templates/a.yaml", "out: {{ .Values | toJson }}\n"),
        ("more.yaml", "a: 2\nmap: {k: null, z: 1}\n---\nlist: null\n"),
        ("other.yaml", "map: plain\nlist: [z]\n"),
    ];

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Values", "testdata");

    [Fact]
    public async Task Settings_give_the_values_that_helm_makes_of_them()
    {
        var cases = await File.ReadAllLinesAsync(Path.Combine(Folder, "arguments.cases"), TestContext.Current.CancellationToken);
        if (Environment.GetEnvironmentVariable("CAPSTAN_REWRITE") == "1")
        {
            await Rewrite(cases);
            return;
        }

        var expected = await File.ReadAllLinesAsync(Path.Combine(Folder, "arguments.expected"), TestContext.Current.CancellationToken);
        var failures = new StringBuilder();
        for (var i = 0; i < cases.Length; i++)
        {
            var got = Answer(JsonSerializer.Deserialize<string[]>(cases[i])!);
            if (got != expected[i])
            {
                failures.Append(CultureInfo.InvariantCulture, $"{i + 1}: {cases[i]}\n  wanted: {expected[i]}\n  got:    {got}\n");
            }
        }

        Assert.True(failures.Length == 0, failures.ToString());
    }

    private static string Answer(string[] arguments)
    {
        try
        {
            var request = HelmTemplateArguments.Parse([.. arguments, "q"])
                .ToRequest(MemoryTree.Of(Files), TreePath.Root, static f => Encoding.UTF8.GetBytes(Array.Find(Files, x => x.Path == f).Text));
            var result = new HelmRenderer().Render(request, TestContext.Current.CancellationToken);
            return result.Error is { } error ? Failed(error.HelmText) : Succeeded(result.Output);
        }
        catch (ChartException error)
        {
            return Failed($"Error: {error.Message}");
        }
    }

    private static string Succeeded(string output) => output.Replace("---\n# Source: q/templates/a.yaml\nout: ", "", StringComparison.Ordinal).TrimEnd('\n');

    private static string Failed(string text) => "error " + JsonSerializer.Serialize(text.TrimEnd('\n'));

    private static async Task Rewrite(string[] cases)
    {
        var helm = Path.Combine(
            Environment.GetEnvironmentVariable("CAPSTAN_JUDGES") ?? throw new InvalidOperationException("CAPSTAN_JUDGES names the folder that holds helm"), "helm");
        var chart = Directory.CreateTempSubdirectory("capstan-settings-").FullName;
        foreach (var (path, text) in Files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(chart, path))!);
            await File.WriteAllTextAsync(Path.Combine(chart, path), text);
        }

        var answers = new List<string>(cases.Length);
        foreach (var line in cases)
        {
            var start = new ProcessStartInfo(helm, ["template", .. JsonSerializer.Deserialize<string[]>(line)!, "."])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = chart,
            };
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            answers.Add(process.ExitCode == 0 ? Succeeded(await output) : Failed(errors[errors.IndexOf("Error: ", StringComparison.Ordinal)..]));
        }

        var source = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(source!.FullName, "Capstan.Helm.Tests.csproj")))
        {
            source = source.Parent;
        }

        await File.WriteAllLinesAsync(Path.Combine(source.FullName, "Values", "testdata", "arguments.expected"), answers);
        Directory.Delete(chart, recursive: true);
    }
}
