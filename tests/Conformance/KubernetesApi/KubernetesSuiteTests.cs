using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Capstan.LocalCluster.Tests;

namespace Capstan.Conformance.KubernetesApi;

/// <summary>
/// Kubernetes' own conformance suite (eng/conformance/build.sh) against the local cluster. The long form only: <c>./test KubernetesApi --conformance</c>.
/// With CAPSTAN_UPDATE=1 it writes docs/conformance.md.
/// </summary>
public sealed partial class KubernetesSuiteTests(ServerFixture local) : IClassFixture<ServerFixture>
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(40);

    [Fact]
    public async Task Every_spec_that_needs_no_running_container_passes()
    {
        var suite = Environment.GetEnvironmentVariable("CAPSTAN_CONFORMANCE");
        Assert.SkipWhen(Environment.GetEnvironmentVariable("CAPSTAN_TEST_CONFORMANCE") != "full" || suite is null, "the suite runs with ./test --conformance");
        var reasons = Reasons().ToList();
        using var accounts = Start(Path.Combine(Root, "eng/conformance/account-secrets.sh"), Path.Combine(suite, "kubectl"), local.Server.KubeconfigPath);
        string output;
        try
        {
            output = await RunAsync(suite, string.Join('|', reasons.Select(r => r.Pattern)));
        }
        finally
        {
            accounts.Kill(entireProcessTree: true);
        }

        var ended = Ended().Matches(output).Select(m => (Passed: m.Groups[1].Value == "PASSED", Name: m.Groups[2].Value.Replace("\\u003e", ">", StringComparison.Ordinal))).ToList();
        var all = await AllAsync(suite);
        if (Environment.GetEnvironmentVariable("CAPSTAN_UPDATE") == "1")
        {
            await File.WriteAllTextAsync(Path.Combine(Root, "docs/conformance.md"), Page(ended, all, reasons), TestContext.Current.CancellationToken);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{ended.Count(e => e.Passed)} passed, {ended.Count(e => !e.Passed)} failed, {all.Count - ended.Count} not runnable");
        Assert.NotEmpty(ended);
        Assert.True(ended.All(e => e.Passed), string.Join("\n", ended.Where(e => !e.Passed).Select(e => e.Name)));
    }

    private static string Root => Path.GetFullPath(Path.Combine(RequestCases.Folder, "../../../.."));

    // The specs that are not run: a pattern of their names => why.
    private static IEnumerable<(string Pattern, string Reason)> Reasons() => File.ReadAllLines(Path.Combine(RequestCases.Folder, "not-runnable.txt"))
        .Where(l => l.Length > 0 && l[0] != '#').Select(l => l.Split(" => ", 2)).Select(p => (p[0], p[1]));

    private async Task<string> RunAsync(string suite, string skip)
    {
        using var limit = new CancellationTokenSource(Longest);
        using var process = Start(Path.Combine(suite, "e2e.test"), "--provider=skeleton", $"--kubeconfig={local.Server.KubeconfigPath}", @"--ginkgo.focus=\[Conformance\]", $"--ginkgo.skip={skip}",
            "--allowed-not-ready-nodes=0", "--minStartupPods=0", "--ginkgo.noColor", $"--kubectl-path={Path.Combine(suite, "kubectl")}");
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            return await output + await errors;
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    private static async Task<List<string>> AllAsync(string suite)
    {
        using var process = Start(Path.Combine(suite, "e2e.test"), "--provider=skeleton", "--kubeconfig=/nonexistent", @"--ginkgo.focus=\[Conformance\]", "--ginkgo.dryRun", "--ginkgo.noColor");
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        return [.. Ended().Matches(output).Select(m => m.Groups[2].Value.Replace("\\u003e", ">", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal)];
    }

    private static Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath() };
        start.Environment["PATH"] = $"{Path.GetDirectoryName(program)}:{Environment.GetEnvironmentVariable("PATH")}";
        return Process.Start(start)!;
    }

    private static string Page(List<(bool Passed, string Name)> ended, List<string> all, List<(string Pattern, string Reason)> reasons)
    {
        var page = new StringBuilder("# Kubernetes' own conformance suite\n\n")
            .Append("The conformance specs of Kubernetes 1.20 (e2e.test, built from Debian's source package) against the embedded cluster with simulated nodes.\n")
            .Append("Written by `CAPSTAN_UPDATE=1 ./test KubernetesApi --conformance`.\n\n")
            .Append($"{ended.Count(e => e.Passed)} passed, {ended.Count(e => !e.Passed)} failed, {all.Count - ended.Count} not run.\n\n| spec | outcome |\n| --- | --- |\n");
        foreach (var name in all.Union(ended.Select(e => e.Name)).Order(StringComparer.Ordinal))
        {
            var found = ended.Where(e => e.Name == name).Select(e => e.Passed ? "passed" : "failed").FirstOrDefault()
                ?? "not run: " + reasons.Where(r => Regex.IsMatch(name, r.Pattern, RegexOptions.NonBacktracking)).Select(r => r.Reason).FirstOrDefault("no reason is written down");
            page.Append($"| {name.Replace(" [Conformance]", "", StringComparison.Ordinal)} | {found} |\n");
        }

        return page.ToString();
    }

    [GeneratedRegex("""\{"msg":"(PASSED|FAILED) (.*?)","total":""", RegexOptions.NonBacktracking)]
    private static partial Regex Ended();
}
