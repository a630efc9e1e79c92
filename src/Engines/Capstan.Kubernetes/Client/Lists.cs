using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Kubernetes;

/// <summary>Reads whole lists, page by page.</summary>
internal static class Lists
{
    private const int Restarts = 3;

    public static async Task<ListResult> ReadAsync(ClusterWire wire, ApiResource resource, ListOptions options, CancellationToken cancellation)
    {
        for (var restart = 0; ; restart++)
        {
            try
            {
                return await OnceAsync(wire, resource, options, cancellation).ConfigureAwait(false);
            }
            catch (KubernetesException error) when (error.IsGone && restart < Restarts)
            {
                // The continue token expired. A list put together from two versions would invent and lose objects, so it begins again, in
                // larger steps: the last try asks for everything at once, which cannot expire.
                options = options with { PageSize = restart + 1 == Restarts ? 0 : options.PageSize * 4 };
            }
        }
    }

    private static async Task<ListResult> OnceAsync(ClusterWire wire, ApiResource resource, ListOptions options, CancellationToken cancellation)
    {
        var items = new List<KubernetesObject>();
        var token = "";
        while (true)
        {
            var request = Requests.List(resource, options, token, resourceVersion: "", tries: 8);
            var page = await wire.SendAsync(request, static r => WireJson.Map(r.Body.Span), cancellation).ConfigureAwait(false);
            items.AddRange((page["items"] as YamlList ?? YamlList.Empty).OfType<YamlMap>().Select(item => WireJson.WithKind(item, resource.Kind)));
            token = page.At("metadata", "continue")?.AsString() ?? "";
            if (token.Length == 0)
            {
                return new ListResult(items, page.At("metadata", "resourceVersion")?.AsString() ?? "");
            }
        }
    }
}
