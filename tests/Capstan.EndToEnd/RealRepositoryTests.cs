using Capstan.EndToEnd.Fixtures;

namespace Capstan.EndToEnd;

/// <summary>Repositories of real teams, pushed as they are.</summary>
public class RealRepositoryTests(SharedServer shared) : IClassFixture<SharedServer>
{
    [Theory]
    [InlineData("sock-shop", "gitops-repos/sock-shop/deploy/kubernetes/manifests", "sock-shop", 14)]
    [InlineData("voting-app", "gitops-repos/voting-app/k8s-specifications", "voting", 5)]
    [InlineData("online-boutique", "gitops-repos/online-boutique/release", "boutique", 12)]
    public async Task Plain_manifests_become_Synced_and_Healthy(string name, string corpus, string space, int deployments)
    {
        var server = shared.Server;
        var source = Programs.Corpus(corpus);
        using var copy = await WorkingCopy.CreateAsync(server, name);
        copy.CopyFrom(source, "deploy");
        var commit = await copy.PushAsync("What the team runs");
        (await server.CapstanAsync("create", "app", name, "--repo", name, "--path", "deploy", "--dest-namespace", space,
            "--sync-policy", "automated", "--auto-prune", "--self-heal", "--sync-option", "CreateNamespace=true")).Expect(0);
        await server.ConvergeAsync(name, commit);

        var found = (await server.KubectlAsync("get", "deployments", "-n", space, "-o", "name")).Expect(0).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(deployments, found.Length);

        // A Deployment that somebody deletes comes back.
        (await server.KubectlAsync("delete", found[0], "-n", space)).Expect(0);
        await Eventually.BecomesAsync($"{found[0]} is back", async () => (await server.KubectlAsync("get", found[0], "-n", space)).Code == 0);
        await server.ConvergeAsync(name, commit);
    }
}
