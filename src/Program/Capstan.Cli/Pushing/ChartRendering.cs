using Capstan.Helm;
using Capstan.Helm.Arguments;
using Capstan.Helm.Charts;
using Capstan.Sources.Folders;
using Capstan.Trees;

namespace Capstan.Cli.Pushing;

/// <summary><c>render</c> of a chart: arguments, bytes, messages and exit code of <c>helm template</c>.</summary>
internal static class ChartRendering
{
    /// <summary>Helm's exit code of every failure.</summary>
    private const int HelmFailed = 1;

    /// <summary>Whether PATH is a chart.</summary>
    public static bool IsChart(string path) => File.Exists(Path.Combine(path, "Chart.yaml")) || (File.Exists(path) && path.EndsWith(".tgz", StringComparison.Ordinal));

    /// <returns>Helm's exit code.</returns>
    public static int Run(CliContext context, HelmTemplateArguments arguments, CancellationToken cancellation)
    {
        if (Unserved(arguments) is { } option) throw new CommandException(ExitCodes.Usage, $"{option}: is not served yet by render. Use helm template for it");
        var full = Path.GetFullPath(arguments.Chart);
        var isFolder = Directory.Exists(full);
        var tree = new FolderTree(isFolder ? full : Path.GetDirectoryName(full)!);
        try
        {
            var request = arguments.ToRequest(tree, isFolder ? TreePath.Root : TreePath.Parse(Path.GetFileName(full)), f => File.ReadAllBytes(f));
            var result = new HelmRenderer().Render(request, cancellation);
            foreach (var warning in result.Warnings) context.Say(warning);
            if (result.Error is not { } error)
            {
                context.Out.Write(result.Output);
                return ExitCodes.Fine;
            }
            context.Error.Write(error.HelmText);
            if (error.Excerpt.Length > 0) context.Say(error.Excerpt);
        }
        catch (ChartException e)
        {
            context.Say($"Error: {e.Message}");
        }
        catch (FileNotFoundException e)
        {
            context.Say($"Error: open {e.FileName}: no such file or directory");
        }
        return HelmFailed;
    }

    private static string? Unserved(HelmTemplateArguments arguments) => arguments switch
    {
        { PostRenderer: not null } => "--post-renderer",
        { Repository: not null } => "--repo",
        { Version: not null } => "--version",
        { DependencyUpdate: true } => "--dependency-update",
        _ => null,
    };
}
