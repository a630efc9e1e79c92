using System.Net.Http.Headers;
using Capstan.Sources;
using Capstan.Yaml;

namespace Capstan.Delivery.ApplicationSets.Hosting;

/// <summary>The REST API of Gitea, and of Forgejo.</summary>
internal sealed class GiteaApi(HostingClient client, Uri api, string? token) : IHostingApi
{
    private readonly AuthenticationHeaderValue? _token = token is null ? null : new AuthenticationHeaderValue("token", token);
    private readonly Uri _api = new($"{api.GetLeftPart(UriPartial.Path).TrimEnd('/')}/api/v1/");

    public async Task<IReadOnlyList<HostedBranch>> BranchesAsync(string owner, bool allBranches, CancellationToken cancellation)
    {
        var made = new List<HostedBranch>();
        foreach (var repository in await ListAsync($"orgs/{Part(owner)}/repos", cancellation).ConfigureAwait(false))
        {
            var (name, usual) = (repository.Text("name"), repository.Text("default_branch"));
            if (repository["empty"] is YamlScalar { Text: "true" } || repository["archived"] is YamlScalar { Text: "true" } || usual.Length == 0)
            {
                continue;
            }

            var folder = $"repos/{Part(owner)}/{Part(name)}";
            IReadOnlyList<YamlMap> branches = allBranches
                ? await ListAsync($"{folder}/branches", cancellation).ConfigureAwait(false)
                : [await client.GetAsync(new Uri(_api, $"{folder}/branches/{Part(usual)}"), _token, cancellation).ConfigureAwait(false) as YamlMap ?? YamlMap.Empty];
            string[] labels = [.. (await ListAsync($"{folder}/labels", cancellation).ConfigureAwait(false)).Select(l => l.Text("name"))];
            made.AddRange(branches.Select(b => new HostedBranch(
                owner, name, (repository["id"] as YamlScalar)?.Text ?? "", repository.Text("ssh_url"), repository.Text("html_url"), b.Text("name"),
                b.At("commit", "id")?.AsString() ?? "", labels)));
        }

        return made;
    }

    public async Task<bool> HasPathAsync(HostedBranch branch, string path, CancellationToken cancellation)
    {
        var parts = string.Join('/', path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Part));
        try
        {
            await client.GetAsync(new Uri(_api, $"repos/{Part(branch.Organization)}/{Part(branch.Name)}/contents/{parts}?ref={Part(branch.Branch)}"), _token, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (SourceException error) when (error.Problem == SourceProblem.RepositoryNotFound)
        {
            return false;
        }
    }

    public async Task<IReadOnlyList<HostedPullRequest>> PullRequestsAsync(string owner, string repository, CancellationToken cancellation) =>
        [.. (await ListAsync($"repos/{Part(owner)}/{Part(repository)}/pulls?state=open", cancellation).ConfigureAwait(false)).Select(p => p.PullRequest())];

    private Task<IReadOnlyList<YamlMap>> ListAsync(string path, CancellationToken cancellation) => client.ListAsync(new Uri(_api, path), _token, 50, "limit", cancellation);

    private static string Part(string text) => Uri.EscapeDataString(text);
}
