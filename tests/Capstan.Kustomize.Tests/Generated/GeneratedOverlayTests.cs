using System.Globalization;
using System.Text;
using Capstan.Kustomize.Tests.Corpus;
using Capstan.Kustomize.Tests.Judges;
using Capstan.Trees;
using CsCheck;

namespace Capstan.Kustomize.Tests.Generated;

/// <summary>
/// Kustomizations that nobody thought of: 60 in an ordinary run, 3,000 with CAPSTAN_TEST_FUZZ=full. The seed is one and the same then and now
/// unless CAPSTAN_TEST_FUZZ_SEED says otherwise.
/// </summary>
public sealed class GeneratedOverlayTests
{
    [Fact]
    public async Task Generated_overlays_build_to_the_bytes_of_kubectl()
    {
        if (KubectlJudge.Program is null)
        {
            Assert.Skip("kubectl is not on this machine; eng/judges/fetch.sh fetches it.");
        }

        var full = Environment.GetEnvironmentVariable("CAPSTAN_TEST_FUZZ") == "full";
        var seed = uint.TryParse(Environment.GetEnvironmentVariable("CAPSTAN_TEST_FUZZ_SEED"), CultureInfo.InvariantCulture, out var given) ? given
            : full ? (uint)Random.Shared.Next(1_000_000) : 1;
        var random = new PCG(1, seed);
        var problems = new List<string>();
        var (equal, refused) = (0, 0);
        for (var i = 0; i < (full ? 3_000 : 60); i++)
        {
            var files = GeneratedOverlays.Trees.Generate(random, null, out _);
            var (problem, isError) = await CompareAsync(files, TestContext.Current.CancellationToken);
            (equal, refused) = (equal + (problem is null ? 1 : 0), refused + (isError ? 1 : 0));
            if (problem is not null)
            {
                problems.Add($"seed {seed}, tree {i}: {problem}\n{string.Join("\n", files.Where(f => f.Path.EndsWith("kustomization.yaml", StringComparison.Ordinal)).Select(f => $"== {f.Path}\n{f.Text}"))}");
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}: {equal} equal, {refused} of them refused by both");
        Assert.True(problems.Count == 0, $"{problems.Count} differ\n{string.Join("\n", problems.Take(5))}");
    }

    private static async Task<(string? Problem, bool IsError)> CompareAsync((string Path, string Text)[] files, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("capstan-kustomize-");
        try
        {
            foreach (var (path, text) in files)
            {
                var file = Path.Combine(folder.FullName, path);
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                await File.WriteAllTextAsync(file, text, cancellation);
            }

            var (exit, output, error) = await KubectlJudge.BuildAsync(Path.Combine(folder.FullName, "top"), cancellation);
            try
            {
                var own = KustomizeBuild.Run(new KustomizeRequest(Tree(files), TreePath.Parse("top"))).Yaml;
                return (exit == 0 ? TextDifference.Between(output, own) : "was built, but kubectl says " + error, false);
            }
            catch (KustomizeException refusal)
            {
                return (exit == 0 ? refusal.Message : null, true);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static MemoryTree Tree((string Path, string Text)[] files) =>
        new(files.Select(f => (TreePath.Parse(f.Path), (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(f.Text))));
}
