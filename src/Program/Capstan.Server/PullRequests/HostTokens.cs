using System.Text;
using Capstan.Delivery.Settings;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Sources.Git;

namespace Capstan.Server.PullRequests;

/// <summary>The tokens by which this installation is known at other hosts: Secrets of its own namespace that the operator names.</summary>
/// <param name="cluster">The cluster.</param>
/// <param name="space">The namespace.</param>
internal sealed class HostTokens(ClusterClient cluster, string space)
{
    private const string Key = "token";

    /// <summary>GitHub and Gitea take any user name beside a token.</summary>
    private const string AnyUser = "x-access-token";

    /// <summary>The token; empty where there is none.</summary>
    public async Task<string> FindAsync(OutsideRepository outside, CancellationToken cancellation)
    {
        if (outside.TokenSecret.Length == 0) return "";
        var secret = await cluster.FindAsync(new ObjectKey(new GroupKind("", "Secret"), space, outside.TokenSecret), cancellation).ConfigureAwait(false);
        if (secret?.Body.At("data", Key)?.AsString() is not { Length: > 0 } text) return "";
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length).Trim() : "";
    }

    /// <summary>What is shown to the host's Git server.</summary>
    public async Task<RepositoryCredentials> CredentialsAsync(OutsideRepository outside, CancellationToken cancellation) =>
        await FindAsync(outside, cancellation).ConfigureAwait(false) is { Length: > 0 } token ? RepositoryCredentials.Basic(AnyUser, token) : RepositoryCredentials.None;
}
