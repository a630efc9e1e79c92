using Capstan.Delivery.Rendering;
using Capstan.Helm;
using Capstan.Helm.Charts;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Cli.Pushing;

/// <summary>
/// Renders a chart whose <c>lookup</c> sees a cluster. A rendering never waits for a network: it says which object it lacks, and is run again
/// when that is here.
/// </summary>
internal sealed class ClusterLookups(ClusterClient client)
{
    private const int MostLookups = 500;

    private readonly Dictionary<(string ApiVersion, string Kind, string Space, string Name), YamlMap?> _known = [];

    /// <exception cref="ChartException">It asks for too much.</exception>
    public async Task<HelmRenderResult> RenderAsync(HelmRenderRequest request, CancellationToken cancellation)
    {
        var version = await client.VersionAsync(cancellation).ConfigureAwait(false);
        var cluster = ClusterVersions.Of(version["gitVersion"]?.AsString(), await client.DiscoverAsync(cancellation: cancellation).ConfigureAwait(false));
        request = request with { Lookup = Find, KubeVersion = request.KubeVersion ?? cluster.Kubernetes, ApiVersions = [.. cluster.Apis, .. request.ApiVersions] };
        var helm = new HelmRenderer();
        while (true)
        {
            try
            {
                return helm.Render(request, cancellation);
            }
            catch (NotLookedUpException missing) when (_known.Count < MostLookups)
            {
                _known[missing.Wanted] = await FetchAsync(missing.Wanted, cancellation).ConfigureAwait(false);
            }
            catch (NotLookedUpException)
            {
                throw new ChartException($"the chart looks up more than {MostLookups} objects or lists of the cluster");
            }
        }
    }

    private YamlMap? Find(string apiVersion, string kind, string space, string name)
    {
        var wanted = (apiVersion, kind, space, name);
        return _known.TryGetValue(wanted, out var found) ? found : throw new NotLookedUpException(wanted);
    }

    private async Task<YamlMap?> FetchAsync((string ApiVersion, string Kind, string Space, string Name) wanted, CancellationToken cancellation)
    {
        var parts = wanted.ApiVersion.Split('/');
        var resource = await client.ResolveAsync(new GroupVersionKind(parts.Length == 2 ? parts[0] : "", parts[^1], wanted.Kind), cancellation).ConfigureAwait(false);
        var space = resource.Namespaced ? wanted.Space : "";
        if (wanted.Name.Length > 0) return (await client.FindAsync(resource, space, wanted.Name, cancellation).ConfigureAwait(false))?.Body;
        var list = await client.ListAsync(resource, new ListOptions { Namespace = space }, cancellation).ConfigureAwait(false);
        return YamlMap.Of(
            ("apiVersion", YamlScalar.String(wanted.ApiVersion)),
            ("items", new YamlList([.. list.Items.Select(static i => i.Body)])),
            ("kind", YamlScalar.String(wanted.Kind + "List")),
            ("metadata", YamlMap.Of(("resourceVersion", YamlScalar.String(list.ResourceVersion)))));
    }

    private sealed class NotLookedUpException((string ApiVersion, string Kind, string Space, string Name) wanted) : Exception($"lookup of {wanted} is not answered yet")
    {
        public (string ApiVersion, string Kind, string Space, string Name) Wanted { get; } = wanted;
    }
}
