using Capstan.Kustomize;
using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Delivery.Rendering;

/// <summary>Builds a kustomization as Argo CD has Kustomize build it: with what the Application says, as if <c>kustomize edit</c> had been called.</summary>
internal sealed class KustomizationRenderer(ManifestCollector manifests)
{
    public void Render(RenderRequest request, TreePath folder, BuildEnvironment environment)
    {
        try
        {
            var build = new KustomizeRequest(request.Tree, folder);
            Add(KustomizeBuild.Run(request.Source.Kustomize is { } kustomize ? ArgoKustomizeSource.Apply(build, kustomize, environment.Substitute) : build));
        }
        catch (KustomizeException error)
        {
            manifests.Problem(error.File is null ? $"{folder}: {error.Message}" : error.Message);
        }
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
