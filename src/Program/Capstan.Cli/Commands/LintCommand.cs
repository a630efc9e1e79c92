using System.CommandLine;
using Capstan.Workflows.Files;
using Capstan.Workflows.Linting;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan lint [FILE…]</c></summary>
internal static class LintCommand
{
    private const int LargestFile = 1 << 20;
    private static readonly string Workflows = Path.Combine(".github", "workflows");

    public static Command Create(CliContext context)
    {
        var files = new Argument<string[]>("FILE") { Description = "Workflow files; all of .github/workflows when left out", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("lint", """
            Find mistakes in workflow files, each with file:line:column. Exit code 7 when there is an error, 0 when there are only warnings.

            Examples:
              capstan lint
              capstan lint .github/workflows/ci.yaml
            """) { files };
        command.SetAction((line, _) => Task.FromResult(Run(context, line.GetValue(files)!)));
        return command;
    }

    private static int Run(CliContext context, string[] files)
    {
        var paths = files.Length > 0 ? files : Found();
        var findings = paths.SelectMany(Lint).ToList();
        foreach (var finding in findings) context.Out.WriteLine(finding.ToString());
        var errors = findings.Count(f => f.Severity == Severity.Error);
        context.Say($"{Count(paths.Length, "workflow")}: {Count(errors, "error")}, {Count(findings.Count - errors, "warning")}");
        return errors > 0 ? ExitCodes.Refused : ExitCodes.Fine;
    }

    private static string[] Found()
    {
        var folder = Path.Combine(Root(Directory.GetCurrentDirectory()), Workflows);
        if (!Directory.Exists(folder)) throw new CommandException(ExitCodes.NotFound, $"{folder}: no such folder. Name the files, or start in a repository with workflows");
        return [.. Directory.EnumerateFiles(folder).Where(f => f.EndsWith(".yml", StringComparison.Ordinal) || f.EndsWith(".yaml", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).Select(f => Path.GetRelativePath(Directory.GetCurrentDirectory(), f))];
    }

    private static IReadOnlyList<Finding> Lint(string path)
    {
        if (!File.Exists(path)) throw new CommandException(ExitCodes.NotFound, $"{path}: no such file");
        if (new FileInfo(path).Length > LargestFile) throw new CommandException(ExitCodes.Refused, $"{path}: has more than the {LargestFile:N0} bytes that a workflow may have");
        var root = Root(Path.GetDirectoryName(Path.GetFullPath(path))!);
        return WorkflowLinter.Lint(path, File.ReadAllText(path), new ActionCatalogs(local => ReadLocal(root, local)));
    }

    // The paths have been checked to lie in the repository.
    private static string? ReadLocal(string root, string local)
    {
        var file = new FileInfo(Path.Combine(root, local));
        return file is { Exists: true, LinkTarget: null, Length: <= LargestFile } ? File.ReadAllText(file.FullName) : null;
    }

    private static string Root(string folder)
    {
        for (var at = folder; at is not null; at = Path.GetDirectoryName(at))
        {
            if (Path.Exists(Path.Combine(at, ".git")) || Directory.Exists(Path.Combine(at, Workflows))) return at;
        }

        return folder;
    }

    private static string Count(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";
}
