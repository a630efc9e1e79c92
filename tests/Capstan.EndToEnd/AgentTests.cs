using Capstan.EndToEnd.Fixtures;

namespace Capstan.EndToEnd;

/// <summary>The pull model: the engine alone, for the Applications of a cluster that it is pointed at.</summary>
public class AgentTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private const string Space = "agents";

    [Fact]
    public async Task An_agent_syncs_an_application_of_its_cluster_from_a_registered_repository()
    {
        var server = shared.Server;
        using var copy = await WorkingCopy.CreateAsync(server, "unused");
        copy.Write("deploy/one.yaml", StoryTests.ConfigMap("one"));
        await copy.GitAsync("add", "--all");
        await copy.GitAsync("commit", "--quiet", "--message", "One");
        var objects = Path.Combine(copy.Folder, "agent.yaml");
        await File.WriteAllTextAsync(objects, Objects($"file://{copy.Folder}"), TestContext.Current.CancellationToken);
        (await server.KubectlAsync("apply", "-f", objects)).Expect(0);

        var data = Directory.CreateTempSubdirectory("capstan-agent-").FullName;
        using var agent = Programs.Begin(await Programs.CapstanAsync(),
            ["agent", "--data", data, "--kubeconfig", Path.Combine(server.Data, "kubeconfig"), "--app-namespaces", Space]);
        var output = agent.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            await Eventually.BecomesAsync("the object is there", async () => (await server.KubectlAsync("get", "configmap/one", "-n", "pulled")).Code == 0);
            await Eventually.BecomesAsync("the application says Synced", async () =>
                (await server.KubectlAsync("get", "application/pulled", "-n", Space, "-o", "jsonpath={.status.sync.status}")).Out == "Synced");
        }
        finally
        {
            agent.Kill();
            await agent.WaitForExitAsync(TestContext.Current.CancellationToken);
            TestContext.Current.TestOutputHelper?.WriteLine(await output);
            Directory.Delete(data, recursive: true);
        }
    }

    private static string Objects(string url) => $$$"""
        apiVersion: v1
        kind: Namespace
        metadata: {name: {{{Space}}} }
        ---
        apiVersion: v1
        kind: Namespace
        metadata: {name: pulled}
        ---
        apiVersion: v1
        kind: Secret
        metadata:
          name: repository
          namespace: {{{Space}}}
          labels: {argocd.argoproj.io/secret-type: repository}
        stringData:
          type: git
          url: {{{url}}}
        ---
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: pulled, namespace: {{{Space}}} }
        spec:
          project: default
          source: {repoURL: "{{{url}}}", path: deploy, targetRevision: HEAD}
          destination: {server: "https://kubernetes.default.svc", namespace: pulled}
          syncPolicy: {automated: {selfHeal: true}}
        """;
}
