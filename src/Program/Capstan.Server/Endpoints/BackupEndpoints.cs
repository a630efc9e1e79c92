using Capstan.Access.Rights;
using Capstan.Server.Hosting;
using Capstan.Server.OpenApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Capstan.Server.Endpoints;

/// <summary><c>/api/v1/backup</c>: the data folder as one archive, made while everything goes on.</summary>
internal static class BackupEndpoints
{
    // A backup reads all of the disk and holds every secret: it asks for the right to do what nobody else may.
    public static void Map(IEndpointRouteBuilder api, Func<ServerParts> parts) => api.MapPost("/backup", async http =>
    {
        http.Response.ContentType = "application/gzip";
        http.Response.Headers.CacheControl = "no-store";
        await parts().Backup.WriteAsync(http.Response.Body, http.RequestAborted).ConfigureAwait(false);
    }).Needs(Verb.Override, ResourceKind.Instance).Tells("createBackup", "A backup of the whole data folder, as a gzipped tar that holds every secret; whole only with its last entry, SHA256SUMS");
}
