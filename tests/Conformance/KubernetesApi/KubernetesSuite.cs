using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Capstan.Conformance.KubernetesApi;

/// <summary>Kubernetes' own conformance suite as a program (eng/conformance/build.sh).</summary>
/// <param name="Folder">Where it was built.</param>
internal sealed partial record KubernetesSuite(string Folder)
{
    public string Kubectl => Path.Combine(Folder, "kubectl");

    private string Program => Path.Combine(Folder, "e2e.test");

    /// <summary>The suite; null when it is not to be run.</summary>
    public static KubernetesSuite? Find() => Environment.GetEnvironmentVariable("CAPSTAN_TEST_CONFORMANCE") == "full"
        && Environment.GetEnvironmentVariable("CAPSTAN_CONFORMANCE") is { Length: > 0 } folder ? new KubernetesSuite(folder) : null;

    /// <summary>Runs specs against a cluster.</summary>
    /// <param name="kubeconfig">The cluster.</param>
    /// <param name="focus">A pattern of the names of those that are run.</param>
    /// <param name="skip">A pattern of the names of those that are not.</param>
    /// <param name="limit">How long all of it may take.</param>
    /// <returns>Each spec that ended, with whether it passed.</returns>
    public async Task<IReadOnlyDictionary<string, bool>> RunAsync(string kubeconfig, string focus, string skip, TimeSpan limit)
    {
        using var late = new CancellationTokenSource(limit);
        using var accounts = Start(Path.Combine(SuitePage.Root, "eng/conformance/account-secrets.sh"), Kubectl, kubeconfig);
        using var process = Start(Program, "--provider=skeleton", $"--kubeconfig={kubeconfig}", $"--ginkgo.focus={focus}", $"--ginkgo.skip={skip}",
            "--allowed-not-ready-nodes=0", "--minStartupPods=0", "--ginkgo.noColor", $"--kubectl-path={Kubectl}");
        // What it says can be followed in a file while it runs, which takes long.
        await using var log = Environment.GetEnvironmentVariable("CAPSTAN_CONFORMANCE_LOG") is { Length: > 0 } file ? new StreamWriter(file) { AutoFlush = true } : StreamWriter.Null;
        var errors = process.StandardError.ReadToEndAsync(late.Token);
        try
        {
            var said = new StringBuilder();
            while (await process.StandardOutput.ReadLineAsync(late.Token) is { } line)
            {
                said.AppendLine(line);
                await log.WriteLineAsync(line);
            }

            said.Append(await errors);
            return Ended().Matches(said.ToString()).GroupBy(Name).ToDictionary(g => g.Key, g => g.All(m => m.Groups[1].Value == "PASSED"), StringComparer.Ordinal);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            accounts.Kill(entireProcessTree: true);
        }
    }

    /// <summary>The names of all specs of the conformance suite.</summary>
    public async Task<IReadOnlyList<string>> AllAsync()
    {
        var output = await SayAsync("--provider=skeleton", "--kubeconfig=/nonexistent", @"--ginkgo.focus=\[Conformance\]", "--ginkgo.dryRun", "--ginkgo.noColor");
        return [.. Ended().Matches(output).Select(Name).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The images that it asks for.</summary>
    public async Task<IReadOnlyList<string>> ImagesAsync() => (await SayAsync("--list-images")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private async Task<string> SayAsync(params string[] arguments)
    {
        using var process = Start(Program, arguments);
        return await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    private static string Name(Match match) => match.Groups[2].Value.Replace("\\u003e", ">", StringComparison.Ordinal);

    private static Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath() };
        start.Environment["PATH"] = $"{Path.GetDirectoryName(program)}:{Environment.GetEnvironmentVariable("PATH")}";
        return Process.Start(start)!;
    }

    [GeneratedRegex("""\{"msg":"(PASSED|FAILED) (.*?)","total":""", RegexOptions.NonBacktracking)]
    private static partial Regex Ended();
}
