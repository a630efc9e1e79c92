using Capstan.Workflows.Files.Checks;
using Capstan.Workflows.Files.Schema;
using Capstan.Yaml;

namespace Capstan.Workflows.Files;

/// <summary>Reads workflow files.</summary>
public static class WorkflowReader
{
    private static readonly ReadLimits Limits = new() { MaxBytes = 1 << 20, MaxDepth = 100, MaxNodes = 100_000, Dialect = YamlDialect.GoYaml3 };

    /// <summary>Reads one file.</summary>
    /// <param name="path">Where it lies, for messages.</param>
    /// <param name="text">What is in it.</param>
    public static WorkflowReading Read(string path, string text)
    {
        var findings = new List<Finding>();
        void Report(Position position, string rule, string message) => findings.Add(new Finding(path, position, Severity.Error, rule, message));
        YamlNode root;
        try
        {
            root = YamlText.ReadOne(text, Limits);
        }
        catch (YamlException wrong)
        {
            Report(TabIn(text, wrong) ?? wrong.Position, "yaml", wrong.Problem);
            return new WorkflowReading(null, findings);
        }

        var source = new SourceText(text);
        new SchemaCheck(source, (position, message) => Report(position, "syntax", message)).Check(root, WorkflowSchema.Root);
        if (findings.Count > 0 || root is not YamlMap map) return new WorkflowReading(null, Sorted(findings));
        var file = ModelBuilder.Build(path, map);
        new WorkflowChecks(file, source, map, Report).Run();
        return new WorkflowReading(findings.Count == 0 ? file : null, Sorted(findings));
    }

    // The scanner names the map that the tab is in; the author looks for the tab.
    private static Position? TabIn(string text, YamlException wrong)
    {
        if (!wrong.Problem.Contains("tab", StringComparison.Ordinal)) return null;
        var lines = text.Split('\n');
        var at = Array.FindIndex(lines, Math.Max(0, wrong.Position.Line - 1), line => line.AsSpan(0, line.Length - line.AsSpan().TrimStart().Length).Contains('\t'));
        return at < 0 ? null : new Position(at + 1, lines[at].IndexOf('\t', StringComparison.Ordinal) + 1);
    }

    private static List<Finding> Sorted(List<Finding> findings) => [.. findings.OrderBy(f => f.Position.Line).ThenBy(f => f.Position.Column)];
}

/// <summary>What reading a file gave.</summary>
/// <param name="File">The workflow; null when it has errors.</param>
/// <param name="Findings">All errors, in the order of the file.</param>
public sealed record WorkflowReading(WorkflowFile? File, IReadOnlyList<Finding> Findings);
