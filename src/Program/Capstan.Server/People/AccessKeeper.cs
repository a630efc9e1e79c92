using System.Collections.Concurrent;
using Capstan.Access.Rights;
using Capstan.Access.SignIn;
using Capstan.Access.Tokens;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Server.Problems;
using Microsoft.Extensions.Logging;

namespace Capstan.Server.People;

/// <summary>Keeps rules and tokens as the cluster has them: each is listed once and then followed. While the cluster does not answer, the last
/// known state holds; what was taken away before that stays away.</summary>
/// <param name="cluster">Where they are kept.</param>
/// <param name="rules">Gets the bindings.</param>
/// <param name="tokens">Gets the tokens.</param>
/// <param name="sessions">Ended for users who are gone.</param>
/// <param name="time">The clock.</param>
/// <param name="log">The log.</param>
internal sealed class AccessKeeper(ClusterClient cluster, AccessRules rules, TokenBook tokens, SessionBook sessions, TimeProvider time, ILogger log) : IAsyncDisposable
{
    private const string Space = TokenSecrets.Namespace;
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<string, (AccessBinding? Binding, string? Problem)> _bindings = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<(AccessBinding? Binding, string? Problem)>> _roles = new(StringComparer.Ordinal);
    private readonly Lock _publishing = new();
    private readonly ConcurrentDictionary<string, bool> _ended = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, LocalUser> _users = new(StringComparer.Ordinal);
    private Task _followers = Task.CompletedTask;

    /// <summary>What is wrong with bindings, for the doctor.</summary>
    public IReadOnlyList<string> Problems { get; private set; } = [];

    /// <summary>The projects that there are.</summary>
    public IReadOnlyCollection<string> Projects
    {
        get
        {
            lock (_publishing) return [.. _roles.Keys];
        }
    }

    /// <summary>Reads all, so that a token of yesterday is known before the first request, and follows from there.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        var bindings = await ListBindingsAsync(cancellation).ConfigureAwait(false);
        var secrets = await ListTokensAsync(cancellation).ConfigureAwait(false);
        var users = await ListUsersAsync(cancellation).ConfigureAwait(false);
        var projects = await ListProjectsAsync(cancellation).ConfigureAwait(false);
        _followers = Task.WhenAll(
            FollowAsync("projects", projects, ListProjectsAsync, TakeProject),
            FollowAsync("bindings", bindings, ListBindingsAsync, TakeBinding),
            FollowAsync("tokens", secrets, ListTokensAsync, TakeToken),
            FollowAsync("users", users, ListUsersAsync, TakeUser));
    }

    /// <summary>Keeps a new token. From the next request on it holds.</summary>
    public async Task AddAsync(AccessToken token, CancellationToken cancellation)
    {
        await cluster.CreateAsync(TokenSecrets.Write(token), null, cancellation).ConfigureAwait(false);
        tokens.Put(token);
    }

    /// <summary>Ends a token. From the next request on it is refused, whatever becomes of the Secret.</summary>
    public async Task RemoveAsync(string id, CancellationToken cancellation)
    {
        // News of its making may still be on the way, and must not bring it back.
        _ended[id] = true;
        tokens.Remove(id);
        await cluster.DeleteAsync(new ObjectKey(new GroupKind("", "Secret"), Space, TokenSecrets.NameOf(id)), null, cancellation).ConfigureAwait(false);
    }

    /// <summary>The local users, by name.</summary>
    public IReadOnlyList<LocalUser> Users => [.. _users.Values.OrderBy(u => u.Name, StringComparer.Ordinal)];

    /// <summary>A local user; null when there is none of that name.</summary>
    public LocalUser? FindUser(string name) => _users.GetValueOrDefault(name);

    /// <summary>Keeps a new user, or a user's new password and groups; sessions of before end.</summary>
    public async Task PutUserAsync(LocalUser user, CancellationToken cancellation)
    {
        await cluster.ApplyAsync(UserSecrets.Write(user), new ApplyOptions { Force = true }, cancellation).ConfigureAwait(false);
        Take(user);
    }

    /// <summary>Removes a user; sessions and tokens of that user end.</summary>
    public async Task RemoveUserAsync(string name, CancellationToken cancellation)
    {
        await cluster.DeleteAsync(new ObjectKey(new GroupKind("", "Secret"), Space, UserSecrets.NameOf(name)), null, cancellation).ConfigureAwait(false);
        Drop(name);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _followers.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private sealed record Position(ApiResource Kind, ListOptions Options, string Version);

    private async Task<Position> ListBindingsAsync(CancellationToken cancellation)
    {
        var kind = await cluster.ResolveAsync(BindingReader.Kind, cancellation).ConfigureAwait(false);
        var options = new ListOptions { Namespace = Space };
        var list = await cluster.ListAsync(kind, options, cancellation).ConfigureAwait(false);
        lock (_publishing)
        {
            _bindings.Clear();
            foreach (var item in list.Items) _bindings[item.Name] = BindingReader.Read(item);
        }
        Publish();
        return new Position(kind, options, list.ResourceVersion);
    }

    // Roles count in projects of Capstan's own namespace only, which the platform repository alone writes.
    private async Task<Position> ListProjectsAsync(CancellationToken cancellation)
    {
        var kind = await cluster.ResolveAsync(ProjectRoles.Kind, cancellation).ConfigureAwait(false);
        var options = new ListOptions { Namespace = Space };
        var list = await cluster.ListAsync(kind, options, cancellation).ConfigureAwait(false);
        lock (_publishing)
        {
            _roles.Clear();
            foreach (var item in list.Items) _roles[item.Name] = ProjectRoles.Read(item);
        }
        Publish();
        return new Position(kind, options, list.ResourceVersion);
    }

    private async Task<Position> ListTokensAsync(CancellationToken cancellation)
    {
        var kind = await cluster.ResolveAsync(new GroupKind("", "Secret"), cancellation).ConfigureAwait(false);
        var options = new ListOptions { Namespace = Space, LabelSelector = TokenSecrets.Label };
        var before = tokens.All;
        var list = await cluster.ListAsync(kind, options, cancellation).ConfigureAwait(false);
        var found = list.Items.Select(TokenSecrets.Read).OfType<AccessToken>().ToDictionary(t => t.Id);
        // A robot's token lives in memory alone, and its own maker ends it.
        foreach (var token in before.Where(t => t.Owner.Kind != PrincipalKind.Robot && !found.ContainsKey(t.Id))) tokens.Remove(token.Id);
        foreach (var token in found.Values) Put(token);
        return new Position(kind, options, list.ResourceVersion);
    }

    private async Task<Position> ListUsersAsync(CancellationToken cancellation)
    {
        var kind = await cluster.ResolveAsync(new GroupKind("", "Secret"), cancellation).ConfigureAwait(false);
        var options = new ListOptions { Namespace = Space, LabelSelector = UserSecrets.Label };
        var list = await cluster.ListAsync(kind, options, cancellation).ConfigureAwait(false);
        var found = list.Items.Select(UserSecrets.Read).OfType<LocalUser>().ToDictionary(u => u.Name);
        foreach (var name in _users.Keys.Where(n => !found.ContainsKey(n))) Drop(name);
        foreach (var user in found.Values) Take(user);
        return new Position(kind, options, list.ResourceVersion);
    }

    private void TakeUser(WatchEvent change)
    {
        if (change.Kind != WatchEventKind.Deleted && UserSecrets.Read(change.Object) is { } user) Take(user);
        else if (change.Object.Name.StartsWith("user-", StringComparison.Ordinal)) Drop(change.Object.Name["user-".Length..]);
    }

    private void Take(LocalUser user)
    {
        var before = _users.GetValueOrDefault(user.Name);
        _users[user.Name] = user;
        if (before is not null && before.PasswordHash != user.PasswordHash) sessions.CloseAll(user.Principal.Name);
        sessions.Regroup(user.Principal.Name, user.Principal.Groups);
    }

    private void Drop(string name)
    {
        _users.TryRemove(name, out _);
        sessions.CloseAll(Principal.LocalPrefix + name);
    }

    /// <summary>Who a token speaks for now: a local user who is gone is nobody, and has the groups of today.</summary>
    public Principal? Current(Principal owner)
    {
        if (!owner.Name.StartsWith(Principal.LocalPrefix, StringComparison.Ordinal)) return owner;
        return _users.TryGetValue(owner.Name[Principal.LocalPrefix.Length..], out var user) ? owner with { Groups = user.Principal.Groups } : null;
    }

    /// <summary>What a session rests on, for the question whether that is still the same; null for one who is nobody any more.</summary>
    public string? VoucherOf(Principal principal, string administratorsToken) => principal switch
    {
        { TokenId: { } id } => tokens.Holds(id) ? id : null,
        { Kind: PrincipalKind.Administrator } => administratorsToken,
        _ when principal.Name.StartsWith(Principal.LocalPrefix, StringComparison.Ordinal) => FindUser(principal.Name[Principal.LocalPrefix.Length..])?.PasswordHash,
        _ => "",
    };

    private void TakeBinding(WatchEvent change)
    {
        lock (_publishing)
        {
            if (change.Kind == WatchEventKind.Deleted) _bindings.Remove(change.Object.Name);
            else _bindings[change.Object.Name] = BindingReader.Read(change.Object);
        }
        Publish();
    }

    private void TakeProject(WatchEvent change)
    {
        lock (_publishing)
        {
            if (change.Kind == WatchEventKind.Deleted) _roles.Remove(change.Object.Name);
            else _roles[change.Object.Name] = ProjectRoles.Read(change.Object);
        }
        Publish();
    }

    private void TakeToken(WatchEvent change)
    {
        var read = TokenSecrets.Read(change.Object);
        if (change.Kind != WatchEventKind.Deleted && read is not null) Put(read);
        else if (change.Object.Name.StartsWith("token-", StringComparison.Ordinal)) tokens.Remove(change.Object.Name["token-".Length..]);
    }

    private void Put(AccessToken token)
    {
        if (!_ended.ContainsKey(token.Id)) tokens.Put(token);
    }

    private void Publish()
    {
        lock (_publishing)
        {
            (AccessBinding? Binding, string? Problem)[] all = [.. _bindings.Values, .. _roles.Values.SelectMany(r => r)];
            rules.Use([.. all.Select(b => b.Binding).OfType<AccessBinding>()]);
            Problems = [.. all.Select(b => b.Problem).OfType<string>().Order(StringComparer.Ordinal)];
        }
    }

    private async Task FollowAsync(string what, Position position, Func<CancellationToken, Task<Position>> list, Action<WatchEvent> take)
    {
        var pause = ShortestPause;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await foreach (var change in cluster.WatchAsync(position.Kind, position.Version, position.Options, _stopping.Token).ConfigureAwait(false))
                {
                    if (change.Kind != WatchEventKind.Bookmark) take(change);
                    position = position with { Version = change.Object.ResourceVersion };
                    pause = ShortestPause;
                }
            }
            catch (Exception e) when (e is KubernetesException or ClusterUnreachableException or UnknownKindException)
            {
                log.AccessNotFollowed(what, e.Message);
                var jitter = pause * (0.5 + Random.Shared.NextDouble() / 2);
                await Task.Delay(jitter, time, _stopping.Token).ConfigureAwait(false);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                position = await TryListAsync(position, list).ConfigureAwait(false);
            }
        }
    }

    private async Task<Position> TryListAsync(Position known, Func<CancellationToken, Task<Position>> list)
    {
        try
        {
            return await list(_stopping.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is KubernetesException or ClusterUnreachableException or UnknownKindException)
        {
            return known;
        }
    }
}
