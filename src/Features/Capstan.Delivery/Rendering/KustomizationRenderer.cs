using Capstan.Helm;
using Capstan.Kustomize;
using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Delivery.Rendering;

/// <summary>Builds a kustomization as Argo CD has Kustomize build it: with what the Application says, as if <c>kustomize edit</c> had been called.</summary>
internal sealed class KustomizationRenderer(HelmRenderer helm, ManifestCollector manifests)
{
    /// <returns>Whether charts were rendered, which may ask for what the cluster serves.</returns>
    public bool Render(RenderRequest request, TreePath folder, BuildEnvironment environment)
    {
        var (build, charts) = Request(helm, request, folder, environment);
        try
        {
            Add(KustomizeBuild.Run(build()));
        }
        catch (KustomizeException error)
        {
            manifests.Problem(error.File is null ? $"{folder}: {error.Message}" : error.Message);
        }

        return charts?.HasInflated == true;
    }

    /// <summary>What a build of an Application's source asks for, and what renders its charts.</summary>
    internal static (Func<KustomizeRequest> Build, ChartInflator? Charts) Request(HelmRenderer helm, RenderRequest request, TreePath folder, BuildEnvironment environment)
    {
        var (inputs, own) = (request.Target.Kustomize, request.Source.Kustomize);
        var charts = inputs?.HelmCharts == true ? Charts(helm, request, own) : null;
        var build = new KustomizeRequest(request.Tree, folder)
        {
            RemoteBases = inputs is null ? null : new RemoteBases(inputs.Bases),
            Charts = charts ?? (IChartInflator?)(inputs is null ? null : new RefusedCharts()),
        };
        return (() => own is null ? build : ArgoKustomizeSource.Apply(build, own, environment.Substitute), charts);
    }

    // What the Application says of versions counts, else what the cluster serves.
    private static ChartInflator Charts(HelmRenderer helm, RenderRequest request, YamlMap? own)
    {
        var cluster = request.Target.Cluster;
        var kubernetes = own?["kubeVersion"]?.AsString() is { Length: > 0 } version ? version : cluster.Kubernetes;
        var apis = own?["apiVersions"] is YamlList { Count: > 0 } list ? [.. list.Select(a => a.AsString() ?? "")] : cluster.Apis;
        return new ChartInflator(helm, request.Target.Charts ?? ChartRenderer.Nothing, kubernetes, apis);
    }

    // A kustomization's output is text, and kubectl reads it by other rules of YAML than those that the resources were read by.
    private void Add(KustomizeResult result)
    {
        foreach (var manifest in result.Manifests)
        {
            manifests.AddObject(manifest.Origin.File, YamlText.ReadOne(GoYaml.Write(manifest.Object.Body)), manifest.Origin.Line);
        }
    }
}
