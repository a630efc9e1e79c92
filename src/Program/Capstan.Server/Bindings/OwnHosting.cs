using Capstan.Delivery.ApplicationSets.Hosting;

namespace Capstan.Server.Bindings;

/// <summary>The Git host's repositories, as generators of ApplicationSets ask for them.</summary>
internal sealed class OwnHosting(HostedRepositories repositories) : IHostingApi
{
    public async Task<IReadOnlyList<HostedBranch>> BranchesAsync(string owner, bool allBranches, CancellationToken cancellation)
    {
        var made = new List<HostedBranch>();
        foreach (var name in repositories.List().Order(StringComparer.Ordinal))
        {
            var slash = name.LastIndexOf('/');
            var (organization, repository) = slash < 0 ? ("", name) : (name[..slash], name[(slash + 1)..]);
            // The platform repository is what sets come from, never what they are made for.
            if ((owner.Length > 0 && organization != owner) || name == Platform.PlatformRepository.Name) continue;
            var usual = await repositories.DefaultBranchAsync(name, cancellation).ConfigureAwait(false);
            foreach (var (reference, commit) in await repositories.RefsAsync(name, cancellation).ConfigureAwait(false))
            {
                if (!reference.StartsWith("refs/heads/", StringComparison.Ordinal) || (!allBranches && reference != usual)) continue;
                made.Add(new HostedBranch(organization, repository, "", "", repositories.UrlOf(name), reference["refs/heads/".Length..], commit, []));
            }
        }
        return made;
    }

    public async Task<bool> HasPathAsync(HostedBranch branch, string path, CancellationToken cancellation)
    {
        var name = branch.Organization.Length == 0 ? branch.Name : $"{branch.Organization}/{branch.Name}";
        return await repositories.HasAsync(name, branch.Commit, path.Trim('/'), cancellation).ConfigureAwait(false);
    }

    public Task<IReadOnlyList<HostedPullRequest>> PullRequestsAsync(string owner, string repository, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<HostedPullRequest>>([]);
}
