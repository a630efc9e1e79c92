using Capstan.LocalCluster.Identity;
using Capstan.LocalCluster.Storage;

namespace Capstan.LocalCluster.ApiServer.Access;

/// <summary>Whose token it is, and for whom.</summary>
/// <param name="User">The service account.</param>
/// <param name="Audiences">The audiences of the token that were asked for.</param>
internal sealed record AuthenticatedAccount(UserInfo User, IReadOnlyList<string> Audiences);

/// <summary>Recognizes service accounts: a token counts as long as its account, and the pod or Secret that it is bound to, are there.</summary>
internal sealed class AccountAuthenticator(AccountTokens tokens, ObjectStore store, TimeProvider time)
{
    public AuthenticatedAccount? Find(string token, IReadOnlyList<string> audiences)
    {
        if (tokens.Read(token, time.GetUtcNow()) is not { } claims)
        {
            return null;
        }

        var wanted = audiences.Count == 0 ? [AccountTokens.Issuer] : audiences;
        var shared = claims.Audiences.Count == 0 ? wanted : wanted.Where(claims.Audiences.Contains).ToList();
        if (shared.Count == 0
            || store.Get(new StoreKey("serviceaccounts", claims.Namespace, claims.Account))?.Uid != claims.AccountUid
            || !IsThere("pods", claims.Namespace, claims.Pod, claims.PodUid)
            || !IsThere("secrets", claims.Namespace, claims.Secret, claims.SecretUid))
        {
            return null;
        }

        var user = UserInfo.Account(claims.Namespace, claims.Account, claims.AccountUid);
        var extra = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        if (claims.Pod.Length > 0)
        {
            extra["authentication.kubernetes.io/pod-name"] = [claims.Pod];
            extra["authentication.kubernetes.io/pod-uid"] = [claims.PodUid];
        }

        return new AuthenticatedAccount(user with { Extra = extra }, shared);
    }

    // A bound object that is being deleted has lost its tokens already.
    private bool IsThere(string resource, string space, string name, string uid) =>
        name.Length == 0 || store.Get(new StoreKey(resource, space, name)) is { } found && (uid.Length == 0 || found.Uid == uid)
            && (resource != "secrets" || found.Tree.At("metadata", "deletionTimestamp") is null);
}
