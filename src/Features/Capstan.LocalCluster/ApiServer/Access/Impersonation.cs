using Microsoft.AspNetCore.Http;

namespace Capstan.LocalCluster.ApiServer.Access;

/// <summary>Requests in the name of others (<c>kubectl --as</c>): who asks must be allowed to impersonate each of user, groups and extra values.</summary>
internal sealed class Impersonation(Authorizer authorizer)
{
    private const string ExtraPrefix = "Impersonate-Extra-";

    /// <summary>In whose name the request is made: that of who sent it, unless it says otherwise.</summary>
    public UserInfo Of(HttpContext context, UserInfo sender)
    {
        var headers = context.Request.Headers;
        var name = headers["Impersonate-User"].ToString();
        var groups = headers["Impersonate-Group"].OfType<string>().ToList();
        var uid = headers["Impersonate-Uid"].ToString();
        var extra = headers.Where(h => h.Key.StartsWith(ExtraPrefix, StringComparison.OrdinalIgnoreCase)).ToDictionary(
            h => Uri.UnescapeDataString(h.Key[ExtraPrefix.Length..].ToLowerInvariant()), h => (IReadOnlyList<string>)[.. h.Value.OfType<string>()], StringComparer.Ordinal);
        if (name.Length == 0)
        {
            return groups.Count == 0 && extra.Count == 0 && uid.Length == 0 ? sender
                : throw ApiErrors.BadRequest("requested impersonation of groups, uid or extra values without impersonating a user");
        }

        var account = name.StartsWith(UserInfo.AccountPrefix, StringComparison.Ordinal) ? name[UserInfo.AccountPrefix.Length..].Split(':') : [];
        authorizer.Check(sender, account.Length == 2
            ? new AccessRequest("impersonate") { Resource = "serviceaccounts", Namespace = account[0], Name = account[1] }
            : new AccessRequest("impersonate") { Resource = "users", Name = name });
        foreach (var group in groups)
        {
            authorizer.Check(sender, new AccessRequest("impersonate") { Resource = "groups", Name = group });
        }

        if (uid.Length > 0)
        {
            authorizer.Check(sender, new AccessRequest("impersonate") { Group = "authentication.k8s.io", Resource = "uids", Name = uid });
        }

        foreach (var value in extra.SelectMany(e => e.Value.Select(v => (e.Key, Value: v))))
        {
            authorizer.Check(sender, new AccessRequest("impersonate") { Group = "authentication.k8s.io", Resource = "userextras", Subresource = value.Key, Name = value.Value });
        }

        return account.Length == 2 && groups.Count == 0
            ? UserInfo.Account(account[0], account[1], uid) with { Extra = extra }
            : new UserInfo(name, uid, groups, extra);
    }
}
