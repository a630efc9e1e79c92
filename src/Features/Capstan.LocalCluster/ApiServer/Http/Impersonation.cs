using Capstan.LocalCluster.ApiServer.Operations;
using Microsoft.AspNetCore.Http;

namespace Capstan.LocalCluster.ApiServer.Http;

/// <summary>Requests in the name of others (<c>kubectl --as</c>). Their rights are not evaluated, so they may ask what they may do and nothing else.</summary>
internal static class Impersonation
{
    /// <summary>In whose name the request is made.</summary>
    public static string Of(HttpContext context) =>
        context.Request.Headers["Impersonate-User"].ToString() is { Length: > 0 } user ? user : Reviews.Administrator;

    /// <summary>Refuses what somebody else than the administrator asks for.</summary>
    public static void Check(HttpContext context, RequestPath path)
    {
        var user = Of(context);
        if (user != Reviews.Administrator && path.Group is not ("authorization.k8s.io" or "authentication.k8s.io"))
        {
            throw new ApiStatusException(403, ApiReasons.Forbidden,
                $"{path.Resource} is forbidden: User \"{user}\" cannot be acted for: this server knows the rights of the administrator only");
        }
    }
}
