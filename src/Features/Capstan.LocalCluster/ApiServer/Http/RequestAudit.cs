using Microsoft.AspNetCore.Http;

namespace Capstan.LocalCluster.ApiServer.Http;

/// <summary>Tells who did what, after each request that may change something.</summary>
internal sealed class RequestAudit(Action<AuditRecord>? told, TimeProvider time)
{
    public void Tell(HttpContext context, string path)
    {
        if (told is null || HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) || RequestPath.Parse(path) is not { Resource.Length: > 0 } parsed)
        {
            return;
        }

        var wanted = RequestGuard.Wanted(context.Request, path, parsed);
        told(new AuditRecord(time.GetUtcNow(), RequestUser.Find(context)?.Name ?? "", wanted.Verb, wanted.Group, wanted.Qualified, parsed.Namespace, parsed.Name, context.Response.StatusCode));
    }
}
