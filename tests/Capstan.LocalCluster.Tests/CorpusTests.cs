using System.Net;
using System.Text;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Tests;

/// <summary>Every CustomResourceDefinition in the expected outputs of public charts and kustomizations is installed, and the objects of their kinds are stored.</summary>
public sealed class CorpusTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Public_definitions_are_installed_and_objects_of_them_stored()
    {
        var corpus = Environment.GetEnvironmentVariable("CAPSTAN_CORPUS");
        Assert.SkipWhen(corpus is null || !Directory.Exists(corpus), "the corpus is absent; set CAPSTAN_CORPUS");
        var documents = Directory.EnumerateFiles(corpus, "*.yaml", SearchOption.AllDirectories).Concat(Directory.EnumerateFiles(corpus, "*.yml", SearchOption.AllDirectories))
            .Where(f => Path.GetFileName(f).StartsWith("expected", StringComparison.Ordinal) || f.Contains("/expected/", StringComparison.Ordinal) || f.Contains("/crds/", StringComparison.Ordinal))
            .SelectMany(Documents).ToList();
        var definitions = documents.Where(d => Text(d, "kind") == "CustomResourceDefinition" && Text(d, "apiVersion") == "apiextensions.k8s.io/v1")
            .GroupBy(d => Text(d, "metadata", "name")).Select(g => g.Last()).ToList();
        var problems = new List<string>();
        foreach (var definition in definitions)
        {
            await PostAsync("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition, problems);
        }

        var stored = 0;
        foreach (var item in documents)
        {
            var (version, kind) = (Text(item, "apiVersion"), Text(item, "kind"));
            var served = definitions.FirstOrDefault(d => version.StartsWith(Text(d, "spec", "group") + "/", StringComparison.Ordinal) && Text(d, "spec", "names", "kind") == kind);

            // Two charts write a PrometheusRule without a spec when they are told to have no rules; a real server refuses them as well.
            if (served is null || Text(item, "metadata", "name").Length == 0 || item["spec"] is { IsNull: true })
            {
                continue;
            }

            var space = Text(served, "spec", "scope") == "Namespaced" ? "namespaces/default/" : "";
            stored += await PostAsync($"/apis/{version}/{space}{Text(served, "spec", "names", "plural")}", item.WithoutAt("metadata", "namespace"), problems) ? 1 : 0;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{definitions.Count} definitions installed, {stored} objects of them stored");
        Assert.NotEmpty(definitions);
        Assert.True(problems.Count == 0, string.Join("\n", problems));
    }

    private static string Text(YamlMap tree, params ReadOnlySpan<string> path) => tree.At(path)?.AsString() ?? "";

    // Templates and deliberately broken files are not for a cluster.
    private static IEnumerable<YamlMap> Documents(string file)
    {
        try
        {
            return [.. YamlText.ReadAll(File.ReadAllBytes(file)).OfType<YamlMap>()];
        }
        catch (YamlException)
        {
            return [];
        }
    }

    private async Task<bool> PostAsync(string path, YamlMap body, List<string> problems)
    {
        using var content = new StringContent(JsonText.Write(body), Encoding.UTF8, "application/json");
        using var answer = await fixture.Http.PostAsync(path, content, Cancellation);
        if (answer.StatusCode is not (HttpStatusCode.Created or HttpStatusCode.Conflict))
        {
            var text = await answer.Content.ReadAsStringAsync(Cancellation);
            problems.Add($"{Text(body, "kind")}/{Text(body, "metadata", "name")}: {text[..Math.Min(300, text.Length)]}");
        }

        return answer.StatusCode == HttpStatusCode.Created;
    }
}
