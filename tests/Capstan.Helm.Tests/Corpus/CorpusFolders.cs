using System.Text.Json;
using Capstan.Trees;

namespace Capstan.Helm.Tests.Corpus;

/// <summary>Finds the charts of public repositories with the answers of the real helm.</summary>
internal static class CorpusFolders
{
    public static string? Helm { get; } = Find();

    public static IEnumerable<CorpusCase> Cases()
    {
        foreach (var chart in Directory.EnumerateDirectories(Helm!).Order(StringComparer.Ordinal))
        {
            foreach (var folder in Directory.EnumerateDirectories(chart, "case-*").Order(StringComparer.Ordinal))
            {
                using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "args.json")));
                var root = document.RootElement;
                yield return new CorpusCase(
                    $"{Path.GetFileName(chart)}/{Path.GetFileName(folder)}",
                    chart,
                    folder,
                    [.. root.GetProperty("args").EnumerateArray().Skip(1).Select(a => a.GetString()!)],
                    root.GetProperty("exit").GetInt32(),
                    root.GetProperty("nondeterministic").GetBoolean());
            }
        }
    }

    public static MemoryTree Tree(string folder)
    {
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(f => (TreePath.Parse(Path.GetRelativePath(folder, f)), (ReadOnlyMemory<byte>)File.ReadAllBytes(f)));
        return new MemoryTree(files);
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("CAPSTAN_CORPUS") is { Length: > 0 } given)
        {
            return Path.Combine(given, "helm");
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "shared", "corpus", "helm");
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}

internal sealed record CorpusCase(string Name, string Chart, string Folder, string[] Arguments, int Exit, bool Nondeterministic);
