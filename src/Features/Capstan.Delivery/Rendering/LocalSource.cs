using Capstan.Delivery.Applications;
using Capstan.Helm;
using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Delivery.Rendering;

/// <summary>A folder of manifests of any kind, rendered once: what <c>apply</c>, <c>diff</c> and <c>render</c> take.</summary>
public static class LocalSource
{
    /// <summary>Renders a folder. With any problem nothing is rendered.</summary>
    /// <param name="tree">The files.</param>
    /// <param name="path">The folder in it.</param>
    /// <param name="directory">Which files count, when it is a folder of plain manifests.</param>
    /// <param name="target">For whom it is rendered.</param>
    public static RenderedSource Render(SourceTree tree, string path, DirectoryOptions directory, RenderTarget target) =>
        new SourceRenderer(RenderLimits.Default).Render(new RenderRequest(tree, new ApplicationSource("", path, "", directory, YamlMap.Empty), "", target)).Rendered;

    /// <summary>Renders a chart with what a command line says. With any problem nothing is rendered.</summary>
    /// <exception cref="TreeLinkException">A link leads out of the tree.</exception>
    public static RenderedSource Render(HelmRenderRequest request)
    {
        var manifests = new ManifestCollector("", "", RenderLimits.Default);
        new ChartRenderer(new HelmRenderer(), manifests).Render(request);
        return manifests.ToRendering(SourceTypes.Helm);
    }
}
