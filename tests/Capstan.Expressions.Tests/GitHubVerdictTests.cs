using CsCheck;

namespace Capstan.Expressions.Tests;

/// <summary>The same expression has the same value, or the same error at the same place, as in GitHub's own package.</summary>
public sealed class GitHubVerdictTests
{
    // What the package does otherwise, and why we do not follow it.
    private static readonly Dictionary<string, string> Deliberate = new(StringComparer.Ordinal);

    private static readonly string Golden = Path.Combine(TestFiles.Data, "golden.txt");

    [Fact]
    public void Every_case_has_the_golden_verdict()
    {
        var golden = File.ReadAllLines(Golden).Select(line => line.Split('\t')).ToDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal);
        var differences = Cases().Where(c => !Deliberate.ContainsKey(c) && golden[c] != ExpressionJudge.Verdict(c))
            .Select(c => $"{c}\n  wanted {golden[c]}\n  got    {ExpressionJudge.Verdict(c)}");
        Assert.True(golden.Count > 250);
        AssertNone(differences);
    }

    /// <summary>With CAPSTAN_REWRITE_GOLDEN=1 the golden file is written anew.</summary>
    [Fact]
    public async Task The_golden_verdicts_are_those_of_the_package()
    {
        Assert.SkipWhen(ExpressionJudge.Folder is null, "CAPSTAN_ACTIONS_JUDGE is not set; eng/judges/actions.sh fetches the package");
        var cases = Cases();
        var verdicts = await ExpressionJudge.AskAsync(cases, TestContext.Current.CancellationToken);
        var text = string.Concat(cases.Zip(verdicts, (c, v) => $"{c}\t{v}\n"));
        if (Environment.GetEnvironmentVariable("CAPSTAN_REWRITE_GOLDEN") == "1") await File.WriteAllTextAsync(Golden, text, TestContext.Current.CancellationToken);
        Assert.Equal(await File.ReadAllTextAsync(Golden, TestContext.Current.CancellationToken), text);
    }

    [Fact]
    public async Task Made_up_expressions_have_the_package_s_verdict()
    {
        Assert.SkipWhen(ExpressionJudge.Folder is null, "CAPSTAN_ACTIONS_JUDGE is not set; eng/judges/actions.sh fetches the package");
        var made = new List<string>();
        MadeUp.Expression.Sample(e => { lock (made) made.Add(e); }, iter: 3_000, threads: 1);
        var verdicts = await ExpressionJudge.AskAsync(made, TestContext.Current.CancellationToken);
        var differences = made.Zip(verdicts).Where(p => ExpressionJudge.Verdict(p.First) != p.Second)
            .Select(p => $"{p.First}\n  package {p.Second}\n  ours    {ExpressionJudge.Verdict(p.First)}").Take(20);
        AssertNone(differences);
    }

    private static void AssertNone(IEnumerable<string> differences)
    {
        var text = string.Join('\n', differences);
        if (text.Length > 0) Assert.Fail(text);
    }

    private static List<string> Cases() => [.. File.ReadAllLines(Path.Combine(TestFiles.Data, "cases.txt")).Where(l => l.Length > 0).Distinct(StringComparer.Ordinal)];
}
