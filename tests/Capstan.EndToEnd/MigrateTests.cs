using Capstan.EndToEnd.Fixtures;

namespace Capstan.EndToEnd;

/// <summary>Coming from Argo CD, by the command that a person gives.</summary>
public sealed class MigrateTests(SharedServer shared) : IClassFixture<SharedServer>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("capstan-migrate-").FullName;

    private string Kubeconfig => Path.Combine(shared.Server.Data, "kubeconfig");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task An_export_is_judged_without_a_cluster_and_the_command_says_what_is_not_supported_and_where()
    {
        var file = Path.Combine(_folder, "export.yaml");
        await File.WriteAllTextAsync(file, Export("judged").Replace("path: deploy", "path: deploy\n    plugin: {name: cue}", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var answer = (await shared.Server.CapstanAsync("migrate", "argocd", file)).Expect(1);
        Assert.Contains("Application/argocd/judged", answer.Out, StringComparison.Ordinal);
        Assert.Contains($"not supported: {file}:", answer.Error, StringComparison.Ordinal);
        Assert.Contains("spec.source.plugin", answer.Error, StringComparison.Ordinal);
        Assert.Equal(1, (await shared.Server.KubectlAsync("get", "application/judged", "-n", "argocd")).Code);
    }

    [Fact]
    public async Task An_export_is_taken_over_and_its_application_becomes_synced()
    {
        var server = shared.Server;
        using var copy = await WorkingCopy.CreateAsync(server, "moved");
        copy.Write("deploy/one.yaml", StoryTests.ConfigMap("one"));
        var commit = await copy.PushAsync("One");
        var file = Path.Combine(_folder, "export.yaml");
        await File.WriteAllTextAsync(file, Export("moved", server.Url + "/git/moved.git"), TestContext.Current.CancellationToken);
        var answer = (await server.CapstanAsync("migrate", "argocd", file, "--kubeconfig", Kubeconfig, "--yes")).Expect(0);
        Assert.Contains("written to", answer.Error, StringComparison.Ordinal);
        await server.ConvergeAsync("moved", commit);
    }

    private static string Export(string name, string url = "https://git.example/shop.git") => $$"""
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata:
          name: {{name}}
          namespace: argocd
        spec:
          project: default
          source:
            repoURL: {{url}}
            path: deploy
          destination: {server: "https://kubernetes.default.svc", namespace: {{name}}}
          syncPolicy: {automated: {}, syncOptions: [CreateNamespace=true]}
        """;
}
