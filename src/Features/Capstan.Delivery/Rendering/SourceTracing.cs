using Capstan.Helm;
using Capstan.Helm.Applications;
using Capstan.Helm.Charts;
using Capstan.Helm.Rendering;
using Capstan.Kustomize;
using Capstan.Resources;
using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Delivery.Rendering;

/// <summary>Renders a source once more, and this time tells what set each field. For people who ask; no sync needs it.</summary>
internal static class SourceTracing
{
    /// <summary>The objects of a source.</summary>
    /// <param name="request">What to render.</param>
    /// <param name="place">The place of the source among those of its Application.</param>
    /// <exception cref="Controllers.DeliveryException">The source cannot be rendered.</exception>
    public static IReadOnlyList<TracedManifest> Trace(RenderRequest request, int place = 0)
    {
        if (request.Source.IsReferenceOnly)
        {
            return [];
        }

        return [.. TraceOwn(request).Select(t => t with { Place = place })];
    }

    private static List<TracedManifest> TraceOwn(RenderRequest request)
    {
        var problems = new List<string>();
        try
        {
            if (!TreePath.TryParse(request.Source.Path, out var path, out var problem) || TreeLinks.Follow(request.Tree, path) is not { Kind: TreeEntryKind.Folder } folder)
            {
                throw new Controllers.DeliveryException($"{request.Source.Field}.path: {problem ?? $"there is no folder {request.Source.Path}"}");
            }

            request = request with { Source = SourceOverrides.Apply(request.Source, request.Tree, folder.Path, request.Target.Application, problems.Add) };
            return SourceTypes.Of(request.Source, request.Tree, folder.Path) switch
            {
                SourceTypes.Helm => OfChart(request, folder.Path),
                SourceTypes.Kustomize => OfKustomization(request, folder.Path),
                _ => OfFolder(request, folder.Path),
            };
        }
        catch (Exception error) when (error is ChartException or KustomizeException or TreeLinkException or TreeLimitException)
        {
            throw new Controllers.DeliveryException(error.Message, error);
        }
    }

    private static List<TracedManifest> OfFolder(RenderRequest request, TreePath folder)
    {
        var manifests = new ManifestCollector(request.Source.RepoUrl, request.Commit, RenderLimits.Default);
        new DirectoryRenderer(request.Tree, manifests, RenderLimits.Default).Render(folder, request.Source.Directory);
        return [.. manifests.ToRendering(SourceTypes.Directory).Manifests.Select(m => new TracedManifest(
            m.Object, path => [new FieldSource(m.Origin.File, TracedManifest.Find(m.Object.Body, path)?.Position.Line is > 0 and var line ? line : m.Origin.Line, "manifest")]))];
    }

    private static List<TracedManifest> OfKustomization(RenderRequest request, TreePath folder)
    {
        var (build, _) = KustomizationRenderer.Request(new HelmRenderer(), request, folder, new BuildEnvironment(request));
        var result = KustomizeBuild.Run(build() with { SourceMap = true });
        return [.. result.Manifests.Zip(result.Origins).Select(m => new TracedManifest(m.First.Object, path =>
        {
            var origin = m.Second.Of(path);
            return [new FieldSource(origin.File, origin.Line, origin.File.Length > 0 ? origin.By : $"{origin.By} of the Application")];
        }))];
    }

    private static List<TracedManifest> OfChart(RenderRequest request, TreePath folder)
    {
        var environment = new BuildEnvironment(request);
        var source = ChartRenderer.With(ArgoHelmSource.Read(request.Source.Helm), environment.Substitute);
        var rendering = source.ToRequest(ChartRenderer.Target(request, folder)) with { SourceMap = true, Dependencies = request.Target.Charts ?? ChartRenderer.Nothing };
        var result = new HelmRenderer().Render(rendering);
        if (result.Error is { } error)
        {
            throw new Controllers.DeliveryException($"{folder}: {error.Message}");
        }

        var values = new ValueSources(request.Tree, folder, source, request.Target.Lent);
        var traced = new List<TracedManifest>();
        foreach (var manifest in result.Manifests.Concat(result.Hooks).Where(m => m.Object is YamlMap))
        {
            traced.Add(new TracedManifest(new KubernetesObject((YamlMap)manifest.Object), path => Sources(manifest, path, folder, values)));
        }

        return traced;
    }

    private static List<FieldSource> Sources(HelmManifest manifest, IReadOnlyList<string> path, TreePath folder, ValueSources values)
    {
        var line = TracedManifest.Find(manifest.Object, path)?.Position.Line ?? 0;
        var origin = line > 0 && line <= manifest.Lines.Count ? manifest.Lines[line - 1] : new LineOrigin("", 0, "");
        var sources = new List<FieldSource> { new(ValueSources.Below(folder, origin.Path.Length > 0 ? origin.Path : manifest.Path), origin.Line, "template") };
        sources.AddRange(origin.Values.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(values.Find));
        return sources;
    }
}
