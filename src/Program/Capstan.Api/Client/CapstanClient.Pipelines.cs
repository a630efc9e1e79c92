using Capstan.Api.Pipelines;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Api.Client;

public sealed partial class CapstanClient
{
    /// <summary>All delivery pipelines that whoever asks may see, as the objects that they are.</summary>
    public Task<IReadOnlyList<KubernetesObject>> ListPipelinesAsync(CancellationToken cancellation) => ListObjectsAsync("pipelines", cancellation);

    /// <summary>All releases that whoever asks may see.</summary>
    public Task<IReadOnlyList<KubernetesObject>> ListReleasesAsync(CancellationToken cancellation) => ListObjectsAsync("releases", cancellation);

    /// <summary>Asks that a release enters a stage.</summary>
    public Task<StageAnswer> PromoteAsync(string pipeline, StageWish wish, CancellationToken cancellation) =>
        PostAsync($"pipelines/{Uri.EscapeDataString(pipeline)}/promote", wish, PipelinesJson.Default.StageWish, PipelinesJson.Default.StageAnswer, cancellation);

    /// <summary>Approves that a release enters a stage.</summary>
    public Task<StageAnswer> ApproveAsync(string pipeline, StageWish wish, CancellationToken cancellation) =>
        PostAsync($"pipelines/{Uri.EscapeDataString(pipeline)}/approve", wish, PipelinesJson.Default.StageWish, PipelinesJson.Default.StageAnswer, cancellation);

    /// <summary>Where a pod, an image or a commit comes from, and where it went.</summary>
    public Task<TraceReport> TraceAsync(string subject, CancellationToken cancellation) =>
        GetAsync($"trace?subject={Uri.EscapeDataString(subject)}", PipelinesJson.Default.TraceReport, cancellation);

    /// <summary>What two stages of a pipeline differ in.</summary>
    public Task<StageComparison> CompareStagesAsync(string pipeline, string from, string to, CancellationToken cancellation) => GetAsync(
        $"pipelines/{Uri.EscapeDataString(pipeline)}/compare?from={Uri.EscapeDataString(from)}&to={Uri.EscapeDataString(to)}", PipelinesJson.Default.StageComparison, cancellation);

    private async Task<IReadOnlyList<KubernetesObject>> ListObjectsAsync(string path, CancellationToken cancellation)
    {
        var page = await GetTreeAsync(path, cancellation).ConfigureAwait(false) as YamlMap ?? throw NotCapstan(null);
        return [.. (page["items"] as YamlList ?? YamlList.Empty).OfType<YamlMap>().Select(m => new KubernetesObject(m))];
    }
}
