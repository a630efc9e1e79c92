using System.Diagnostics;
using System.Text;

namespace Capstan.Yaml.Tests.Judges;

/// <summary>Asks the real helm what go-yaml makes of many inputs, in one run of the program.</summary>
internal static class HelmJudge
{
    /// <summary>The program, or null where no judges were fetched.</summary>
    public static string? Program { get; } = Find();

    /// <summary>Evaluates a template pipeline over each input, which it gets as the string <c>$in</c>.</summary>
    public static async Task<IReadOnlyList<string>> AskAsync(IReadOnlyList<byte[]> inputs, string pipeline, CancellationToken cancellation)
    {
        var answers = new List<string>(inputs.Count);
        foreach (var batch in inputs.Chunk(2_000))
        {
            answers.AddRange(await AskBatchAsync(batch, pipeline, cancellation));
        }

        return answers;
    }

    private static async Task<IReadOnlyList<string>> AskBatchAsync(byte[][] inputs, string pipeline, CancellationToken cancellation)
    {
        var chart = Directory.CreateTempSubdirectory("capstan-judge-");
        try
        {
            Directory.CreateDirectory(Path.Combine(chart.FullName, "templates"));
            Directory.CreateDirectory(Path.Combine(chart.FullName, "in"));
            for (var i = 0; i < inputs.Length; i++)
            {
                await File.WriteAllBytesAsync(Path.Combine(chart.FullName, "in", $"{i:D5}.txt"), inputs[i], cancellation);
            }

            await File.WriteAllTextAsync(Path.Combine(chart.FullName, "Chart.yaml"), "apiVersion: v2\nname: judge\nversion: 1.0.0\n", cancellation);
            await File.WriteAllTextAsync(
                Path.Combine(chart.FullName, "templates", "answers.yaml"),
                "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: answers\ndata:\n"
                + "{{- range $path, $_ := .Files.Glob \"in/*.txt\" }}\n{{- $in := $.Files.Get $path }}\n"
                + "  {{ $path | base }}: \"{{ " + pipeline + " | b64enc }}\"\n{{- end }}\n",
                cancellation);
            var output = await RunAsync(chart.FullName, cancellation);
            return output.Split('\n')
                .Where(line => line.Contains(".txt: \"", StringComparison.Ordinal))
                .Select(line => Encoding.UTF8.GetString(Convert.FromBase64String(line.Split('"')[1])))
                .ToList();
        }
        finally
        {
            chart.Delete(recursive: true);
        }
    }

    private static async Task<string> RunAsync(string chart, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(Program!, ["template", "judge", chart]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        var error = process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        Assert.True(process.ExitCode == 0, await error);
        return await output;
    }

    private static string? Find()
    {
        var configured = Environment.GetEnvironmentVariable("CAPSTAN_JUDGES");
        if (configured is not null)
        {
            return Path.Combine(configured, "helm");
        }

        var cache = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "capstan-build", "judges");
        return Directory.Exists(cache)
            ? Directory.EnumerateFiles(cache, "helm", SearchOption.AllDirectories).FirstOrDefault()
            : null;
    }
}
