using Capstan.Api.Instance;
using Capstan.Api.Problems;
using Capstan.Api.Repositories;
using Capstan.Api.Tokens;

namespace Capstan.Api.Client;

public sealed partial class CapstanClient
{
    /// <summary>Asks that a person signs this program in with a browser.</summary>
    public Task<DeviceLoginBegun> BeginDeviceLoginAsync(string program, CancellationToken cancellation) =>
        PostAsync("device-logins", new BeginDeviceLogin(program), TokensJson.Default.BeginDeviceLogin, TokensJson.Default.DeviceLoginBegun, cancellation);

    /// <summary>Asks how that stands.</summary>
    public Task<DeviceLoginState> AskDeviceLoginAsync(string secret, CancellationToken cancellation) =>
        PostAsync("device-logins/token", new AskDeviceLogin(secret), TokensJson.Default.AskDeviceLogin, TokensJson.Default.DeviceLoginState, cancellation);

    /// <summary>The repositories of the server's Git host.</summary>
    public async Task<IReadOnlyList<Repository>> ListRepositoriesAsync(CancellationToken cancellation) =>
        (await GetAsync("repositories", RepositoriesJson.Default.RepositoryList, cancellation).ConfigureAwait(false)).Items;

    /// <summary>Makes an empty repository.</summary>
    public Task<Repository> CreateRepositoryAsync(string name, CancellationToken cancellation) =>
        PostAsync("repositories", new CreateRepository(name), RepositoriesJson.Default.CreateRepository, RepositoriesJson.Default.Repository, cancellation);

    /// <summary>Deletes a repository with its history.</summary>
    public Task DeleteRepositoryAsync(string name, CancellationToken cancellation) => DeleteAsync($"repositories/{name}", cancellation);

    /// <summary>The clusters that applications go to.</summary>
    public async Task<IReadOnlyList<Cluster>> ListClustersAsync(CancellationToken cancellation) =>
        (await GetAsync("clusters", InstanceJson.Default.ClusterList, cancellation).ConfigureAwait(false)).Items;

    /// <summary>The tokens that whoever asks may see: one's own at least.</summary>
    public async Task<IReadOnlyList<TokenInfo>> ListTokensAsync(CancellationToken cancellation) =>
        (await GetAsync("tokens", TokensJson.Default.TokenList, cancellation).ConfigureAwait(false)).Items;

    /// <summary>Makes a token that speaks for whoever asks.</summary>
    public Task<NewToken> CreateTokenAsync(CreateToken wish, CancellationToken cancellation) =>
        PostAsync("tokens", wish, TokensJson.Default.CreateToken, TokensJson.Default.NewToken, cancellation);

    /// <summary>Ends a token, by its id or by the name of one's own.</summary>
    public Task DeleteTokenAsync(string id, CancellationToken cancellation) => DeleteAsync($"tokens/{Uri.EscapeDataString(id)}", cancellation);

    /// <summary>The local users.</summary>
    public async Task<IReadOnlyList<UserInfo>> ListUsersAsync(CancellationToken cancellation) =>
        (await GetAsync("users", UsersJson.Default.UserList, cancellation).ConfigureAwait(false)).Items;

    /// <summary>Makes a local user.</summary>
    public Task<NewUser> CreateUserAsync(CreateUser wish, CancellationToken cancellation) =>
        PostAsync("users", wish, UsersJson.Default.CreateUser, UsersJson.Default.NewUser, cancellation);

    /// <summary>Removes a local user.</summary>
    public Task DeleteUserAsync(string name, CancellationToken cancellation) => DeleteAsync($"users/{Uri.EscapeDataString(name)}", cancellation);

    /// <summary>Makes a link that signs a browser in as whoever asks, once.</summary>
    public async Task<SignInLink> CreateSignInLinkAsync(CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "sign-in-links");
        return Parse(await SendAsync(request, cancellation).ConfigureAwait(false), UsersJson.Default.SignInLink);
    }

    /// <summary>Which program answers.</summary>
    public Task<VersionInfo> VersionAsync(CancellationToken cancellation) => GetAsync("version", InstanceJson.Default.VersionInfo, cancellation);

    /// <summary>What the server finds when it examines itself.</summary>
    public Task<DoctorReport> DoctorAsync(CancellationToken cancellation) => GetAsync("doctor", InstanceJson.Default.DoctorReport, cancellation);

    /// <summary>Has the server make a backup and copies it as it comes. It is whole only when this returns.</summary>
    public async Task BackUpAsync(Stream output, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "backup");
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                throw new ProblemException(ReadProblem(response, await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false)));
            }

            var content = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            await using (content.ConfigureAwait(false))
            {
                await content.CopyToAsync(output, cancellation).ConfigureAwait(false);
            }
        }
        catch (HttpRequestException e)
        {
            throw Unreachable(e);
        }
    }
}
