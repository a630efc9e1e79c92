using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using Capstan.Kustomize.Tests.Corpus;
using Capstan.Kustomize.Tests.Judges;
using Capstan.Trees;

namespace Capstan.Kustomize.Tests.Language;

/// <summary>The language, case by case. <c>CAPSTAN_REWRITE_GOLDEN=1</c> has the judge write the expected outputs anew.</summary>
public sealed partial class LanguageTests
{
    private static readonly string Data = Path.Combine(AppContext.BaseDirectory, "testdata");

    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(Path.Combine(SourceFolder(), "testdata"), "*.cases", SearchOption.AllDirectories)
        .Select(f => Path.GetRelativePath(Path.Combine(SourceFolder(), "testdata"), f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task The_language_is_that_of_kustomize(string file)
    {
        var cases = LanguageCase.Read(Path.Combine(SourceFolder(), "testdata", file), Path.Combine(Data, "fixtures"));
        if (Environment.GetEnvironmentVariable("CAPSTAN_REWRITE_GOLDEN") == "1" && KubectlJudge.Program is not null)
        {
            await RewriteAsync(cases, Path.Combine(SourceFolder(), "testdata", file), TestContext.Current.CancellationToken);
        }

        var differences = Differences(file);
        var problems = new List<string>();
        foreach (var test in cases)
        {
            var problem = Problem(test);
            if (problem is null && differences.Contains(test.Name))
            {
                problems.Add($"{test.Name}: is as expected now; take it out of differences.txt");
            }
            else if (problem is not null && !differences.Contains(test.Name))
            {
                problems.Add($"{test.Name}: {problem}");
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{cases.Count - problems.Count} of {cases.Count} as expected");
        Assert.True(problems.Count == 0, $"{file}: {cases.Count - problems.Count} of {cases.Count} as expected\n{string.Join("\n", problems)}");
    }

    // Addresses of memory are other ones at each run.
    [GeneratedRegex("0xc[0-9a-f]+", RegexOptions.NonBacktracking)]
    private static partial Regex Addresses();

    private static string SourceFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(Path.GetDirectoryName(path))!;

    private static HashSet<string> Differences(string file) => [.. File.ReadAllLines(Path.Combine(Data, "differences.txt"))
        .Where(line => line.StartsWith(file + ": ", StringComparison.Ordinal)).Select(line => line[(file.Length + 2)..].Split(" | ")[0])];

    private static string? Problem(LanguageCase test)
    {
        var (output, error) = Build(test);
        if (test.ExpectedError is not null)
        {
            var wanted = Section(test.ExpectedError, "capstan: ");
            return error is null ? "was built, but an error is expected: " + test.ExpectedError : wanted == error ? null : $"expected «{wanted}», got «{error}»";
        }

        return error is not null ? error : TextDifference.Between(test.Expected ?? "(nothing: have the judge write it)", output!);
    }

    private static string Section(string text, string name)
    {
        var start = text.IndexOf(name, StringComparison.Ordinal);
        return start < 0 ? "" : text[(start + name.Length)..].TrimEnd('\n');
    }

    private static (string? Output, string? Error) Build(LanguageCase test)
    {
        var tree = new MemoryTree(
            test.Files.Select(f => (TreePath.Parse(f.Path), (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(f.Text))), test.Links.Select(l => (TreePath.Parse(l.Path), l.Target)));
        try
        {
            return (KustomizeBuild.Run(new KustomizeRequest(tree, TreePath.Parse(test.Folder))).Yaml, null);
        }
        catch (KustomizeException error)
        {
            return (null, error.Message);
        }
    }

    private static async Task RewriteAsync(List<LanguageCase> cases, string file, CancellationToken cancellation)
    {
        var result = new StringBuilder();
        foreach (var test in cases)
        {
            var folder = Directory.CreateTempSubdirectory("capstan-kustomize-");
            try
            {
                await AskAsync(test, folder.FullName, cancellation);
            }
            finally
            {
                folder.Delete(recursive: true);
            }

            result.Append(test.Input);
            result.Append(test.ExpectedError is { } error ? $"== expected-error.txt\n{error}" : $"== expected.yaml\n{test.Expected}");
        }

        await File.WriteAllTextAsync(file, result.ToString(), cancellation);
    }

    private static async Task AskAsync(LanguageCase test, string folder, CancellationToken cancellation)
    {
        foreach (var (path, text) in test.Files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, path))!);
            await File.WriteAllTextAsync(Path.Combine(folder, path), text, cancellation);
        }

        foreach (var (path, target) in test.Links)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, path))!);
            File.CreateSymbolicLink(Path.Combine(folder, path), target);
        }

        var (exit, output, error) = await KubectlJudge.BuildAsync(Path.Combine(folder, test.Folder), cancellation);
        if (exit == 0)
        {
            (test.Expected, test.ExpectedError) = (output, null);
            return;
        }

        var judge = string.Join("\n", error.Replace(folder, "", StringComparison.Ordinal).Split('\n').Where(l => l.Length > 0 && l[0] != '#').Take(3));
        judge = Addresses().Replace(judge, "0x…");
        judge = judge.Length > 400 ? judge[..400] + " …" : judge;
        (test.Expected, test.ExpectedError) = (null, $"judge: {judge}\ncapstan: {Build(test).Error ?? "(was built)"}\n");
    }
}
