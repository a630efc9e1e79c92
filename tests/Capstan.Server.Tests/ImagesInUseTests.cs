using System.Text;
using Capstan.GitHost.Repositories;
using Capstan.Registry;
using Capstan.Registry.Collecting;
using Capstan.Registry.Storage;
using Capstan.Resources;
using Capstan.Server.Bindings;
using Capstan.Sources.Git;
using Capstan.Sources.Processes;
using Capstan.Testing;
using Capstan.Yaml;

namespace Capstan.Server.Tests;

/// <summary>What the registry's collector leaves alone because somebody outside refers to it.</summary>
public sealed class ImagesInUseTests(WorkflowServer server) : IClassFixture<WorkflowServer>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_branch_a_release_a_run_or_an_object_of_the_cluster_names_is_kept_and_the_rest_goes()
    {
        using var registry = new RegistryWire(server.Server.Url, "admin", server.Server.TokenText);
        var digests = new Dictionary<string, string>();
        foreach (var name in new[] { "branch", "release", "run", "deployment", "nobody" })
        {
            digests[name] = RegistryWire.DigestOf(Encoding.UTF8.GetBytes(await registry.ImageJsonAsync("kept", name)));
            await registry.PushImageAsync("kept", digests[name], name);
        }

        server.Push("environments", [("dev/values.yaml", $"image: kept@{digests["branch"]}\n")]);
        using var cluster = server.Cluster();
        string[] objects =
        [
            $$"""
            apiVersion: capstan.dev/v1alpha1
            kind: Release
            metadata: {name: kept-1, namespace: capstan}
            spec: {repository: kept, commit: {{new string('a', 40)}}, images: [{image: "here.example/kept@{{digests["release"]}}" } ] }
            """,
            $$"""
            apiVersion: capstan.dev/v1alpha1
            kind: WorkflowRun
            metadata: {name: kept-run, namespace: capstan}
            spec: {repository: kept, path: ci.yaml}
            status: {phase: completed, archive: "kept@{{digests["run"]}}" }
            """,
            $$"""
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: kept, namespace: default}
            spec:
              replicas: 0
              selector: {matchLabels: {a: b} }
              template:
                metadata: {labels: {a: b} }
                spec: {containers: [{name: a, image: "here.example/kept@{{digests["deployment"]}}" } ] }
            """,
        ];
        foreach (var yaml in objects)
        {
            await cluster.CreateAsync(new KubernetesObject((YamlMap)YamlText.ReadOne(Encoding.UTF8.GetBytes(yaml))!), null, Stop);
        }

        var git = new GitProgram(new ProcessRunner(TimeProvider.System));
        using var repositories = new RepositoryStore(Path.Combine(server.Data, "git"), git, new([], Microsoft.Extensions.Logging.Abstractions.NullLogger<GitHost.Pushes.PushEvents>.Instance), TimeProvider.System);
        var inUse = new ImagesInUse(cluster, repositories, git);
        Assert.Subset((await inUse.FindAsync(Stop)).Select(d => d.ToString()).ToHashSet(), new HashSet<string> { digests["branch"], digests["release"], digests["run"], digests["deployment"] });

        // Years later, with no tag on any of them.
        using var store = new ImageStore(Path.Combine(server.Data, "registry"), new RegistryOptions(), new FakeClock());
        store.Start();
        await new Collector(store, inUse).CollectAsync(Stop);
        var left = digests.Where(d => store.HasManifest(Oci.References.ImageName.Parse("kept"), Oci.Content.Digest.Parse(d.Value))).Select(d => d.Key);
        Assert.Equal(["branch", "release", "run", "deployment"], left);
    }
}
