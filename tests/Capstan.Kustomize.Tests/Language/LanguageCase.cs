using System.Text;

namespace Capstan.Kustomize.Tests.Language;

/// <summary>
/// One case of a file of cases. A case begins with <c>#### name</c> (and <c>@ folder</c> when not the root is built), a file in it with
/// <c>== path</c>, <c>== path &lt; fixture</c> or <c>== link -> target</c>; <c>== expected.yaml</c> or <c>== expected-error.txt</c> ends it.
/// </summary>
internal sealed class LanguageCase
{
    public required string Name { get; init; }

    public required string Folder { get; init; }

    public List<(string Path, string Text)> Files { get; } = [];

    public List<(string Path, string Target)> Links { get; } = [];

    /// <summary>The lines of the input, to be written back unchanged.</summary>
    public StringBuilder Input { get; } = new();

    public string? Expected { get; set; }

    public string? ExpectedError { get; set; }

    public static List<LanguageCase> Read(string file, string fixtures)
    {
        var cases = new List<LanguageCase>();
        var section = "";
        var text = new StringBuilder();
        foreach (var line in File.ReadLines(file))
        {
            if (line.StartsWith("#### ", StringComparison.Ordinal))
            {
                Close(cases, section, text, fixtures);
                var parts = line[5..].Split(" @ ");
                cases.Add(new LanguageCase { Name = parts[0], Folder = parts.Length > 1 ? parts[1] : "." });
                cases[^1].Input.Append(line).Append('\n');
                section = "";
            }
            else if (line.StartsWith("== ", StringComparison.Ordinal))
            {
                Close(cases, section, text, fixtures);
                section = line[3..];
                if (!section.StartsWith("expected", StringComparison.Ordinal))
                {
                    cases[^1].Input.Append(line).Append('\n');
                }
            }
            else if (section.Length > 0)
            {
                text.Append(line).Append('\n');
                if (!section.StartsWith("expected", StringComparison.Ordinal))
                {
                    cases[^1].Input.Append(line).Append('\n');
                }
            }
        }

        Close(cases, section, text, fixtures);
        return cases;
    }

    private static void Close(List<LanguageCase> cases, string section, StringBuilder text, string fixtures)
    {
        var content = text.ToString();
        text.Clear();
        switch (section)
        {
            case "":
                break;
            case "expected.yaml":
                cases[^1].Expected = content;
                break;
            case "expected-error.txt":
                cases[^1].ExpectedError = content;
                break;
            case var link when link.Contains(" -> ", StringComparison.Ordinal):
                cases[^1].Links.Add((link.Split(" -> ")[0], link.Split(" -> ")[1]));
                break;
            case var fixture when fixture.Contains(" < ", StringComparison.Ordinal):
                cases[^1].Files.Add((fixture.Split(" < ")[0], File.ReadAllText(Path.Combine(fixtures, fixture.Split(" < ")[1]))));
                break;
            default:
                cases[^1].Files.Add((section, content));
                break;
        }
    }
}
