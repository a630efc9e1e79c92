using System.Text;
using System.Text.RegularExpressions;

namespace Capstan.Conformance.KubernetesApi;

/// <summary>docs/conformance.md: every spec with its outcome. A run writes what it ran and leaves the rest as it was.</summary>
internal static class SuitePage
{
    public static string Root => Path.GetFullPath(Path.Combine(RequestCases.Folder, "../../../.."));

    private static string File => Path.Combine(Root, "docs/conformance.md");

    /// <summary>A list of specs that are not run: a pattern of their names => why.</summary>
    public static IReadOnlyList<(string Pattern, string Reason)> Reasons(string file) => [.. System.IO.File.ReadAllLines(Path.Combine(RequestCases.Folder, file))
        .Where(l => l.Length > 0 && l[0] != '#').Select(l => l.Split(" => ", 2)).Select(p => (p[0], p[1]))];

    public static async Task WriteAsync(IReadOnlyList<string> all, IReadOnlyDictionary<string, bool> ended, string how)
    {
        var before = Before();
        var reasons = Reasons("not-runnable-with-containers.txt").Concat(Reasons("not-runnable.txt")).ToList();
        var rows = all.Union(ended.Keys).Order(StringComparer.Ordinal).Select(name => (Name: Short(name), Outcome:
            ended.TryGetValue(name, out var passed) ? (passed ? "passed" : "failed") + how
            : before.TryGetValue(Short(name), out var known) && !known.StartsWith("not run", StringComparison.Ordinal) && !known.EndsWith(how.Length == 0 ? "ed" : how, StringComparison.Ordinal) ? known
            : "not run: " + reasons.Where(r => Regex.IsMatch(name, r.Pattern, RegexOptions.NonBacktracking)).Select(r => r.Reason).FirstOrDefault("no reason is written down"))).ToList();
        var page = new StringBuilder("# Kubernetes' own conformance suite\n\n")
            .Append("The conformance specs of Kubernetes 1.20 (e2e.test, built from Debian's source package) against the embedded cluster: with simulated nodes, and those that\n")
            .Append("need containers with Podman and images made of local files (eng/conformance/images.sh). Written by `CAPSTAN_UPDATE=1 ./test KubernetesApi --conformance`.\n\n")
            .Append($"{Count("passed")} passed, {Count("failed")} failed, {Count("not run")} not run.\n\n| spec | outcome |\n| --- | --- |\n");
        foreach (var (name, outcome) in rows) page.Append($"| {name} | {outcome} |\n");
        await System.IO.File.WriteAllTextAsync(File, page.ToString(), TestContext.Current.CancellationToken);

        int Count(string outcome) => rows.Count(r => r.Outcome.StartsWith(outcome, StringComparison.Ordinal));
    }

    private static string Short(string name) => name.Replace(" [Conformance]", "", StringComparison.Ordinal);

    private static Dictionary<string, string> Before() => System.IO.File.Exists(File)
        ? System.IO.File.ReadLines(File).Where(l => l.StartsWith("| [", StringComparison.Ordinal)).Select(l => l.Trim('|', ' ').Split(" | ")).DistinctBy(p => p[0]).ToDictionary(p => p[0], p => p[^1], StringComparer.Ordinal)
        : [];
}
