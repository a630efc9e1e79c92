using System.Text;
using Capstan.Yaml.Tests.Judges;

namespace Capstan.Yaml.Tests.Writing;

/// <summary>Documents of real projects: what kustomize printed is printed again, and what helm's toYaml makes of the others is made.</summary>
public sealed class GoYamlOnRealDocumentsTests
{
    [Fact]
    public void What_kustomize_printed_is_written_the_same()
    {
        var differences = new List<string>();
        var files = Expected("kustomize");
        foreach (var file in files)
        {
            var text = File.ReadAllText(file);
            if (GoYaml.WriteAll(YamlText.ReadAll(text)) != text)
            {
                differences.Add(file);
            }
        }

        Assert.True(differences.Count == 0, $"{differences.Count} of {files.Count} differ:\n{string.Join('\n', differences)}");
    }

    [Fact]
    public async Task What_helm_rendered_is_written_as_toYaml_writes_it()
    {
        Assert.SkipWhen(HelmJudge.Program is null, "the reference helm is not here; eng/judges/fetch.sh fetches it");
        var documents = Expected("helm").SelectMany(file => YamlText.ReadAll(File.ReadAllBytes(file), Lax)).OfType<YamlMap>()
            .Select(JsonText.WriteBytes).Where(json => json.Length < 1_000_000).Take(3_000).ToList();
        var answers = await HelmJudge.AskAsync(documents, "$in | fromJson | toYaml", TestContext.Current.CancellationToken);
        var differences = new List<string>();
        for (var i = 0; i < documents.Count; i++)
        {
            if (GoYaml.Write(JsonText.Read(documents[i])).TrimEnd('\n') != answers[i].TrimEnd('\n'))
            {
                differences.Add(Encoding.UTF8.GetString(documents[i])[..200]);
            }
        }

        Assert.True(differences.Count == 0, $"{differences.Count} of {documents.Count} differ:\n{string.Join('\n', differences.Take(10))}");
    }

    private static ReadLimits Lax { get; } = new() { DuplicateKeys = DuplicateKeys.LastWins };

    private static List<string> Expected(string area)
    {
        var corpus = Environment.GetEnvironmentVariable("CAPSTAN_CORPUS") ?? Found(AppContext.BaseDirectory);
        Assert.SkipWhen(corpus is null || !Directory.Exists(corpus), "the corpus of real projects is not here");
        return [.. Directory.EnumerateFiles(Path.Combine(corpus!, area), "expected*.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
    }

    // Beside the repository, or beside the folder that a worktree lies in.
    private static string? Found(string? folder)
    {
        for (; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var corpus = Path.Combine(folder, "shared", "corpus");
            if (Directory.Exists(corpus))
            {
                return corpus;
            }
        }

        return null;
    }
}
