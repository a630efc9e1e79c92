using System.Text;
using Capstan.Trees;

namespace Capstan.Kustomize.Tests.Corpus;

public sealed class CorpusTests
{
    private static readonly string? Root = FindCorpus();

    [Fact]
    public void Public_kustomizations_build_to_the_bytes_of_kubectl()
    {
        if (Root is null)
        {
            Assert.Skip("The corpus is not on this machine; CAPSTAN_CORPUS names its folder.");
        }

        var skips = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "testdata", "corpus-skips.txt"))
            .Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split(':')[0]).ToHashSet(StringComparer.Ordinal);
        var cases = Directory.GetDirectories(Root).Order(StringComparer.Ordinal).ToArray();
        var problems = new List<string>();
        var equal = 0;
        foreach (var folder in cases)
        {
            var name = Path.GetFileName(folder);
            var difference = Difference(folder);
            equal += difference is null ? 1 : 0;
            if (difference is null == skips.Contains(name))
            {
                problems.Add(difference is null ? $"{name}: is equal now; take it out of corpus-skips.txt" : $"{name}: {difference}");
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{equal} of {cases.Length} equal");
        Assert.True(problems.Count == 0, $"{equal} of {cases.Length} equal\n{string.Join("\n", problems)}");
    }

    [Fact]
    public void Warnings_are_those_of_kubectl()
    {
        if (Root is null)
        {
            Assert.Skip("The corpus is not on this machine; CAPSTAN_CORPUS names its folder.");
        }

        foreach (var folder in Directory.GetDirectories(Root).Where(f => File.Exists(Path.Combine(f, "expected-stderr.txt"))))
        {
            var expected = File.ReadAllLines(Path.Combine(folder, "expected-stderr.txt")).Where(l => l.StartsWith("# Warning", StringComparison.Ordinal));
            Assert.Equal(expected, Build(folder).Warnings.Where(w => w.StartsWith("# Warning", StringComparison.Ordinal)));
        }
    }

    private static KustomizeResult Build(string folder)
    {
        var path = TreePath.Parse(File.ReadAllText(Path.Combine(folder, "path.txt")).Trim());
        return KustomizeBuild.Run(new KustomizeRequest(DiskTree.Read(Path.Combine(folder, "tree")), path));
    }

    private static string? Difference(string folder)
    {
        try
        {
            return TextDifference.Between(File.ReadAllText(Path.Combine(folder, "expected.yaml"), Encoding.UTF8), Build(folder).Yaml);
        }
        catch (KustomizeException error)
        {
            return error.Message;
        }
    }

    private static string? FindCorpus()
    {
        if (Environment.GetEnvironmentVariable("CAPSTAN_CORPUS") is { } configured)
        {
            return Path.Combine(configured, "kustomize");
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Path.Combine(folder.FullName, "shared", "corpus", "kustomize") is var found && Directory.Exists(found))
            {
                return found;
            }
        }

        return null;
    }
}
