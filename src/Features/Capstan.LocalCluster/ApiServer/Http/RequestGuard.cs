using Capstan.LocalCluster.ApiServer.Access;
using Microsoft.AspNetCore.Http;

namespace Capstan.LocalCluster.ApiServer.Http;

/// <summary>Lets in who may do what they ask for: known, perhaps acting for another, and allowed.</summary>
internal sealed class RequestGuard(Authenticator authenticator, Authorizer authorizer)
{
    private readonly Impersonation _impersonation = new(authorizer);

    /// <summary>Finds out who asks.</summary>
    public void Identify(HttpContext context)
    {
        var sender = authenticator.Authenticate(context) ?? throw new ApiStatusException(401, ApiReasons.Unauthorized, "Unauthorized");
        RequestUser.Set(context, _impersonation.Of(context, sender));
    }

    /// <summary>Refuses what the caller may not do.</summary>
    /// <param name="context">The request.</param>
    /// <param name="path">Its path.</param>
    /// <param name="parsed">The resource that it is about; null when it is about none.</param>
    public void Check(HttpContext context, string path, RequestPath? parsed)
    {
        var user = RequestUser.Of(context);
        if (!user.IsMaster)
        {
            authorizer.Check(user, Wanted(context.Request, path, parsed));
        }
    }

    /// <summary>Refuses what the caller may not do any more, some time after it began.</summary>
    /// <param name="context">The request.</param>
    public void Check(HttpContext context)
    {
        var path = RequestPath.Raw(context);
        Check(context, path, RequestPath.Parse(path));
    }

    /// <summary>What a request asks for, as authorization names it.</summary>
    public static AccessRequest Wanted(HttpRequest request, string path, RequestPath? parsed) => parsed is null || parsed.Resource.Length == 0
        ? new AccessRequest(request.Method.ToLowerInvariant()) { Path = path }
        : new AccessRequest(Verb(request, parsed))
        {
            Group = parsed.Group,
            Resource = parsed.Resource,
            Subresource = parsed.Subresource,
            Namespace = parsed.Resource == "namespaces" && parsed.Group.Length == 0 && parsed.Namespace.Length == 0 ? parsed.Name : parsed.Namespace,
            Name = parsed.Name,
        };

    private static string Verb(HttpRequest request, RequestPath path) => request.Method switch
    {
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => path.Name.Length == 0 ? "deletecollection" : "delete",
        _ when path.IsWatch || RequestQuery.Watches(request) => "watch",
        _ => path.Name.Length == 0 ? "list" : "get",
    };
}
