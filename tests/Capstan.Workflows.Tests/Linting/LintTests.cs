using Capstan.Workflows.Linting;

namespace Capstan.Workflows.Tests.Linting;

/// <summary>Each file of testdata says in comments what is found in it: <c># finds RULE: a part of the message</c> stands at the end of its line,
/// or alone on the line below.</summary>
public sealed class LintTests
{
    private static readonly string Folder = Path.Combine(TestFiles.Project, "Linting/testdata");

    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(Folder, "*.yaml").Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_mistake_of_the_file_is_found_at_its_line(string name)
    {
        var text = File.ReadAllText(Path.Combine(Folder, name));
        var found = WorkflowLinter.Lint(name, text, new ActionCatalogs(ReadLocal)).ToList();
        foreach (var (line, rule, message) in Wanted(text))
        {
            var match = found.FirstOrDefault(f => f.Position.Line == line && f.Rule == rule && f.Message.Contains(message, StringComparison.Ordinal));
            Assert.True(match is not null, $"{name}:{line}: wanted [{rule}] {message}, found\n{string.Join('\n', found)}");
            found.Remove(match);
        }

        Assert.Empty(string.Join('\n', found));
    }

    [Fact]
    public void Every_finding_has_file_line_and_column() =>
        Assert.Equal("ci.yaml:6:20: error: Unrecognized named-value: 'foo' [syntax]",
            Assert.Single(WorkflowLinter.Lint("ci.yaml", "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: a ${{ foo }}\n", new ActionCatalogs(_ => null))).ToString());

    private static IEnumerable<(int Line, string Rule, string Message)> Wanted(string text)
    {
        var line = 0;
        var last = 0;
        foreach (var content in text.Split('\n'))
        {
            line++;
            var parts = content.Split("# finds ", 2);
            if (parts[0].Trim().Length > 0) last = line;
            if (parts.Length == 2) yield return (last, parts[1][..parts[1].IndexOf(':', StringComparison.Ordinal)], parts[1][(parts[1].IndexOf(':', StringComparison.Ordinal) + 1)..].Trim());
        }
    }

    private static string? ReadLocal(string path) => path switch
    {
        "actions/greet/action.yml" => "name: greet\ninputs:\n  who: {required: true}\noutputs:\n  text: {value: x}\nruns:\n  using: composite\n  steps: []\n",
        _ => null,
    };
}
