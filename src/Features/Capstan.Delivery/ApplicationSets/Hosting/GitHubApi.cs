using System.Net.Http.Headers;
using Capstan.Sources;
using Capstan.Yaml;

namespace Capstan.Delivery.ApplicationSets.Hosting;

/// <summary>GitHub's REST API, also that of GitHub Enterprise Server.</summary>
internal sealed class GitHubApi : IHostingApi
{
    private readonly HostingClient _client;
    private readonly AuthenticationHeaderValue? _token;
    private readonly Uri _api;

    public GitHubApi(HostingClient client, Uri? api, string? token)
    {
        _client = client;
        _token = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        _api = api is null ? new Uri("https://api.github.com/") : Enterprise(api);
    }

    public async Task<IReadOnlyList<HostedBranch>> BranchesAsync(string owner, bool allBranches, CancellationToken cancellation)
    {
        var made = new List<HostedBranch>();
        foreach (var repository in await ListAsync($"orgs/{Part(owner)}/repos", cancellation).ConfigureAwait(false))
        {
            if (repository["archived"] is YamlScalar { Text: "true" } || repository["default_branch"]?.AsString() is not { Length: > 0 } usual)
            {
                continue;
            }

            var name = repository.Text("name");
            var branches = allBranches
                ? await ListAsync($"repos/{Part(owner)}/{Part(name)}/branches", cancellation).ConfigureAwait(false)
                : await OneAsync($"repos/{Part(owner)}/{Part(name)}/branches/{Part(usual)}", cancellation).ConfigureAwait(false);
            made.AddRange(branches.Select(b => new HostedBranch(
                owner, name, (repository["id"] as YamlScalar)?.Text ?? "", repository.Text("ssh_url"), repository.Text("clone_url"), b.Text("name"),
                b.At("commit", "sha")?.AsString() ?? "", [.. (repository["topics"] as YamlList ?? YamlList.Empty).Select(t => t.AsString() ?? "")])));
        }

        return made;
    }

    public async Task<bool> HasPathAsync(HostedBranch branch, string path, CancellationToken cancellation)
    {
        var parts = string.Join('/', path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Part));
        try
        {
            await _client.GetAsync(new Uri(_api, $"repos/{Part(branch.Organization)}/{Part(branch.Name)}/contents/{parts}?ref={Part(branch.Branch)}"), _token, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (SourceException error) when (error.Problem == SourceProblem.RepositoryNotFound)
        {
            return false;
        }
    }

    public async Task<IReadOnlyList<HostedPullRequest>> PullRequestsAsync(string owner, string repository, CancellationToken cancellation) =>
        [.. (await ListAsync($"repos/{Part(owner)}/{Part(repository)}/pulls", cancellation).ConfigureAwait(false)).Select(p => p.PullRequest())];

    private async Task<IReadOnlyList<YamlMap>> OneAsync(string path, CancellationToken cancellation)
    {
        try
        {
            return [await _client.GetAsync(new Uri(_api, path), _token, cancellation).ConfigureAwait(false) as YamlMap ?? YamlMap.Empty];
        }
        catch (SourceException error) when (error.Problem == SourceProblem.RepositoryNotFound)
        {
            // An empty repository has a default branch by name only.
            return [];
        }
    }

    private Task<IReadOnlyList<YamlMap>> ListAsync(string path, CancellationToken cancellation) => _client.ListAsync(new Uri(_api, path), _token, 100, "per_page", cancellation);

    private static string Part(string text) => Uri.EscapeDataString(text);

    private static Uri Enterprise(Uri api)
    {
        var text = api.GetLeftPart(UriPartial.Path).TrimEnd('/');
        return new Uri(text.EndsWith("/api/v3", StringComparison.Ordinal) || api.Host.StartsWith("api.", StringComparison.Ordinal) || api.Host.Contains(".api.", StringComparison.Ordinal)
            ? $"{text}/"
            : $"{text}/api/v3/");
    }
}

/// <summary>Fields that the answers of hosting services have in common.</summary>
internal static class HostingJson
{
    public static string Text(this YamlMap map, string field) => map[field]?.AsString() ?? "";

    public static HostedPullRequest PullRequest(this YamlMap request) => new(
        request["number"] is YamlScalar scalar && scalar.TryGetInteger(out var number) ? number : 0,
        request.Text("title"),
        request.At("head", "ref")?.AsString() ?? "",
        request.At("base", "ref")?.AsString() ?? "",
        request.At("head", "sha")?.AsString() ?? "",
        [.. (request["labels"] as YamlList ?? YamlList.Empty).OfType<YamlMap>().Select(l => l.Text("name"))],
        request.At("user", "login")?.AsString() ?? "");
}
