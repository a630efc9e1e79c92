using Capstan.Helm.Repositories;
using Capstan.Sources.Http;
using Capstan.Sources.Registries;

namespace Capstan.Delivery.Rendering;

/// <summary>Charts among the artifacts of a registry.</summary>
public static class ChartArtifacts
{
    /// <summary>Whether a layer belongs to a chart.</summary>
    public static bool IsWanted(string mediaType) => mediaType is ChartArtifact.ChartLayer or ChartArtifact.OldChartLayer or ChartArtifact.ProvenanceLayer;

    /// <summary>What of an artifact is a chart.</summary>
    public static ChartArtifact Of(StoredArtifact artifact) => new(
        artifact.ConfigType,
        Find(artifact, ChartArtifact.ChartLayer) ?? Find(artifact, ChartArtifact.OldChartLayer),
        Find(artifact, ChartArtifact.ProvenanceLayer));

    private static RepositoryFile? Find(StoredArtifact artifact, string mediaType) =>
        artifact.Layers.FirstOrDefault(l => l.MediaType == mediaType)?.File is { } file ? Open(file) : null;

    /// <summary>A file on disk as one of a repository.</summary>
    public static RepositoryFile Open(StoredFile file) => new(file.Sha256, () => File.OpenRead(file.Path));
}
