using System.Text.Json;
using Capstan.Api.Applications;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Api.Client;

public sealed partial class CapstanClient
{
    /// <summary>All ApplicationSets that whoever asks may see.</summary>
    public Task<IReadOnlyList<KubernetesObject>> ListApplicationSetsAsync(CancellationToken cancellation) => ListObjectsAsync("applicationsets", cancellation);

    /// <summary>One ApplicationSet.</summary>
    public Task<KubernetesObject> GetApplicationSetAsync(string name, CancellationToken cancellation) => GetObjectAsync(Set(name), cancellation);

    /// <summary>Commits a new ApplicationSet to the platform repository.</summary>
    public Task<PlatformCommit> CreateApplicationSetAsync(string text, CancellationToken cancellation) =>
        PostAsync("applicationsets", new ManifestText(text), ApplicationsJson.Default.ManifestText, ApplicationsJson.Default.PlatformCommit, cancellation);

    /// <summary>The Applications that a set would make; nothing is written.</summary>
    public Task<SetPreview> PreviewApplicationSetAsync(string text, CancellationToken cancellation) =>
        PostAsync("applicationsets/preview", new ManifestText(text), ApplicationsJson.Default.ManifestText, ApplicationsJson.Default.SetPreview, cancellation);

    /// <summary>Commits an ApplicationSet's removal to the platform repository.</summary>
    public async Task<PlatformCommit> DeleteApplicationSetAsync(string name, CancellationToken cancellation) =>
        Parse(await DeleteAsync(Set(name), cancellation).ConfigureAwait(false), ApplicationsJson.Default.PlatformCommit);

    /// <summary>Why a set is not up to date.</summary>
    public Task<WhyReport> WhyApplicationSetAsync(string name, CancellationToken cancellation) => GetAsync(Set(name) + "/why", ApplicationsJson.Default.WhyReport, cancellation);

    /// <summary>Has a set's generators read everything anew.</summary>
    public Task RefreshApplicationSetAsync(string name, CancellationToken cancellation) => PostAsync(Set(name) + "/refresh", cancellation);

    /// <summary>Agrees to the deletion of the Applications that a set holds back.</summary>
    public async Task<DeletionAnswer> ApproveDeletionsAsync(string name, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Set(name) + "/approve-deletions");
        return Parse(await SendAsync(request, cancellation).ConfigureAwait(false), ApplicationsJson.Default.DeletionAnswer);
    }

    /// <summary>All projects that whoever asks may see.</summary>
    public Task<IReadOnlyList<KubernetesObject>> ListProjectsAsync(CancellationToken cancellation) => ListObjectsAsync("projects", cancellation);

    /// <summary>One project.</summary>
    public Task<KubernetesObject> GetProjectAsync(string name, CancellationToken cancellation) => GetObjectAsync(Project(name), cancellation);

    /// <summary>Commits a new project to the platform repository.</summary>
    public Task<PlatformCommit> CreateProjectAsync(string text, CancellationToken cancellation) =>
        PostAsync("projects", new ManifestText(text), ApplicationsJson.Default.ManifestText, ApplicationsJson.Default.PlatformCommit, cancellation);

    /// <summary>Commits a change of a project to the platform repository.</summary>
    public async Task<PlatformCommit> UpdateProjectAsync(string name, string text, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, Project(name));
        request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(new ManifestText(text), ApplicationsJson.Default.ManifestText));
        request.Content.Headers.ContentType = new System.Net.Http.Headers.MediaTypeHeaderValue("application/json");
        return Parse(await SendAsync(request, cancellation).ConfigureAwait(false), ApplicationsJson.Default.PlatformCommit);
    }

    /// <summary>Commits a project's removal to the platform repository.</summary>
    public async Task<PlatformCommit> DeleteProjectAsync(string name, CancellationToken cancellation) =>
        Parse(await DeleteAsync(Project(name), cancellation).ConfigureAwait(false), ApplicationsJson.Default.PlatformCommit);

    private async Task<KubernetesObject> GetObjectAsync(string path, CancellationToken cancellation) =>
        new(await GetTreeAsync(path, cancellation).ConfigureAwait(false) as YamlMap ?? throw NotCapstan(null));

    private static string Set(string name) => $"applicationsets/{Uri.EscapeDataString(name)}";

    private static string Project(string name) => $"projects/{Uri.EscapeDataString(name)}";
}
