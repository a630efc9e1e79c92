using Capstan.Workflows.Files;

namespace Capstan.Workflows.Tests.Files;

/// <summary>The same file has the same verdict, with errors at the same lines, as with GitHub's own reader.</summary>
public sealed class GitHubVerdictTests
{
    // Cases where we say something else on purpose, and why.
    private static readonly Dictionary<string, string> Deliberate = new(StringComparer.Ordinal)
    {
        ["on as true"] = "the package gives up without a place; we say what is wrong and where",
        ["run not closed"] = "the package names the script's first line, we name the line of the expression",
        ["two documents"] = "we name the first line of the second document, the package the line above it",
        ["run with unknown context without line 6"] = "of a plain text over several lines we name the first",
        ["run folded without line 6"] = "of a plain text over several lines we name the first",
        ["insert with line 8 twice"] = "one expression twice as a key is a mistake",
        ["anchors without line 4"] = "a map with an anchor begins at its anchor",
    };

    private static readonly string Cases = Path.Combine(TestFiles.Project, "Files/testdata/cases.txt");
    private static readonly string Golden = Path.Combine(TestFiles.Project, "Files/testdata/golden.txt");

    [Fact]
    public void Every_case_has_errors_at_the_golden_lines()
    {
        var golden = File.ReadAllLines(Golden).Select(l => l.Split('\t')).ToDictionary(p => p[0], p => p[1], StringComparer.Ordinal);
        Assert.True(golden.Count >= 60);
        AssertNone(ReadCases().Where(c => !Deliberate.ContainsKey(c.Name) && golden[c.Name] != Ours(c.Name, c.Content))
            .Select(c => $"{c.Name}\n  wanted {golden[c.Name]}\n  got    {Ours(c.Name, c.Content)}\n  {string.Join("\n  ", WorkflowReader.Read(c.Name, c.Content).Findings)}"));
    }

    /// <summary>With CAPSTAN_REWRITE_GOLDEN=1 the golden file is written anew.</summary>
    [Fact]
    public async Task The_golden_lines_are_those_of_the_package()
    {
        Assert.SkipWhen(WorkflowJudge.Folder is null, "CAPSTAN_ACTIONS_JUDGE is not set; eng/judges/actions.sh fetches the package");
        var cases = ReadCases();
        var answers = await WorkflowJudge.AskAsync(cases, TestContext.Current.CancellationToken);
        var text = string.Concat(cases.Zip(answers, (c, a) => $"{c.Name}\t{Lines(a.Select(e => e.Line))}\n"));
        if (Environment.GetEnvironmentVariable("CAPSTAN_REWRITE_GOLDEN") == "1") await File.WriteAllTextAsync(Golden, text, TestContext.Current.CancellationToken);
        Assert.Equal(await File.ReadAllTextAsync(Golden, TestContext.Current.CancellationToken), text);
    }

    /// <summary>Each case with each line left out, and with each line doubled: what YAML itself refuses has to be refused, what is YAML has to have
    /// its errors at the same lines.</summary>
    [Fact]
    public async Task Damaged_files_have_the_package_s_verdict()
    {
        Assert.SkipWhen(WorkflowJudge.Folder is null, "CAPSTAN_ACTIONS_JUDGE is not set; eng/judges/actions.sh fetches the package");
        List<(string Name, string Content)> damaged = [.. ReadCases().Where(c => !Deliberate.ContainsKey(c.Name)).SelectMany(c => Damage(c.Name, c.Content)).Where(c => !Deliberate.ContainsKey(c.Name)).DistinctBy(c => c.Content)];
        var answers = await WorkflowJudge.AskAsync(damaged, TestContext.Current.CancellationToken);
        AssertNone(damaged.Zip(answers, (c, a) => (Case: c, Answer: a, Reading: WorkflowReader.Read(c.Name, c.Content)))
            .Where(x => x.Reading.Findings.Any(f => f.Rule == "yaml")
                ? x.Answer.Count == 0
                : Lines(x.Answer.Select(e => e.Line)) != Lines(x.Reading.Findings.Select(f => f.Position.Line)))
            .Select(x => $"{x.Case.Name}\n{x.Case.Content}  package {string.Join("; ", x.Answer)}\n  ours    {string.Join("\n          ", x.Reading.Findings)}").Take(12));
    }

    private static IEnumerable<(string Name, string Content)> Damage(string name, string content)
    {
        var lines = content.Split('\n');
        for (var i = 0; i < lines.Length - 1; i++)
        {
            yield return ($"{name} without line {i + 1}", string.Join('\n', lines.Where((_, at) => at != i)));
            yield return ($"{name} with line {i + 1} twice", string.Join('\n', lines.SelectMany((line, at) => at == i ? [line, line] : new[] { line })));
        }
    }

    private static string Ours(string name, string content) => Lines(WorkflowReader.Read(name, content).Findings.Select(f => f.Position.Line));

    private static string Lines(IEnumerable<int> lines) => string.Join(' ', lines.Distinct().Order()) is { Length: > 0 } text ? text : "good";

    private static void AssertNone(IEnumerable<string> differences)
    {
        var text = string.Join('\n', differences);
        if (text.Length > 0) Assert.Fail(text);
    }

    // A case begins with a line of its name between ===.
    private static List<(string Name, string Content)> ReadCases() =>
    [
        .. File.ReadAllText(Cases).Split("=== ", StringSplitOptions.RemoveEmptyEntries).Select(block => block.Split(" ===\n", 2)).Select(p => (p[0], p[1])),
    ];
}
