using Capstan.Registry.Storage;
using Capstan.Registry.Tokens;
using Microsoft.AspNetCore.Http;

namespace Capstan.Registry.Endpoints;

/// <summary><c>GET /v2/_catalog</c> (Docker's): the repositories that the asker may read</summary>
internal static class ListCatalog
{
    public static Task ServeAsync(HttpContext http, ImageStore store, Func<Oci.References.ImageName, RegistryAction, bool> may)
    {
        var page = Paging.Page(http, [.. store.ListRepositories().Where(n => may(n, RegistryAction.Pull))], n => n.Text, store.Options.PageSize);
        return RegistryJson.WriteAsync(http, "application/json", writer =>
        {
            writer.WriteStartArray("repositories");
            foreach (var name in page) writer.WriteStringValue(name.Text);
            writer.WriteEndArray();
        });
    }
}
