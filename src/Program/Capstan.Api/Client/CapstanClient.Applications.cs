using System.Runtime.CompilerServices;
using System.Text.Json;
using Capstan.Api.Applications;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Api.Client;

public sealed partial class CapstanClient
{
    /// <summary>All applications, as the objects that they are, ordered by namespace and name.</summary>
    public async Task<IReadOnlyList<KubernetesObject>> ListApplicationsAsync(CancellationToken cancellation)
    {
        var all = new List<KubernetesObject>();
        for (string? next = ""; next is not null;)
        {
            var page = await GetTreeAsync($"applications?limit=500&cursor={Uri.EscapeDataString(next)}", cancellation).ConfigureAwait(false) as YamlMap ?? throw NotCapstan(null);
            all.AddRange((page["items"] as YamlList ?? YamlList.Empty).OfType<YamlMap>().Select(m => new KubernetesObject(m)));
            next = page["next"]?.AsString();
        }
        return all;
    }

    /// <summary>One application.</summary>
    public async Task<KubernetesObject> GetApplicationAsync(string name, CancellationToken cancellation) =>
        new(await GetTreeAsync(Of(name), cancellation).ConfigureAwait(false) as YamlMap ?? throw NotCapstan(null));

    /// <summary>The application now and after each change, until the server stops or <paramref name="cancellation"/> ends it.</summary>
    public async IAsyncEnumerable<KubernetesObject> WatchApplicationAsync(string name, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var node in EventsAsync(Of(name, "events"), cancellation).ConfigureAwait(false))
        {
            if (node is YamlMap map) yield return new KubernetesObject(map);
        }
    }

    /// <summary>Commits a new application to the platform repository.</summary>
    public Task<PlatformCommit> CreateApplicationAsync(CreateApplication wish, CancellationToken cancellation) =>
        PostAsync("applications", wish, ApplicationsJson.Default.CreateApplication, ApplicationsJson.Default.PlatformCommit, cancellation);

    /// <summary>Commits an application's removal to the platform repository.</summary>
    public async Task<PlatformCommit> DeleteApplicationAsync(string name, CancellationToken cancellation) =>
        Parse(await DeleteAsync(Of(name), cancellation).ConfigureAwait(false), ApplicationsJson.Default.PlatformCommit);

    /// <summary>Starts a sync; it runs on after the answer.</summary>
    public async Task SyncApplicationAsync(string name, SyncRequest wish, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Of(name, "sync"));
        request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(wish, ApplicationsJson.Default.SyncRequest));
        request.Content.Headers.ContentType = new System.Net.Http.Headers.MediaTypeHeaderValue("application/json");
        await SendAsync(request, cancellation).ConfigureAwait(false);
    }

    /// <summary>Asks for the source and the cluster to be read anew.</summary>
    public Task RefreshApplicationAsync(string name, CancellationToken cancellation) => PostAsync(Of(name, "refresh"), cancellation);

    /// <summary>Stops the operation that runs.</summary>
    public Task TerminateApplicationAsync(string name, CancellationToken cancellation) => PostAsync(Of(name, "terminate"), cancellation);

    /// <summary>What can be done with one of the application's live objects.</summary>
    public Task<ActionsReport> ActionsAsync(string name, string @object, CancellationToken cancellation) =>
        GetAsync(Of(name, "actions") + $"?object={Uri.EscapeDataString(@object)}", ApplicationsJson.Default.ActionsReport, cancellation);

    /// <summary>Does something with one of the application's live objects.</summary>
    public Task<ActionDone> ActAsync(string name, ActionRequest wish, CancellationToken cancellation) =>
        PostAsync(Of(name, "actions"), wish, ApplicationsJson.Default.ActionRequest, ApplicationsJson.Default.ActionDone, cancellation);

    /// <summary>What a sync would change.</summary>
    public Task<PlanReport> PlanAsync(string name, CancellationToken cancellation) => GetAsync(Of(name, "plan"), ApplicationsJson.Default.PlanReport, cancellation);

    /// <summary>Why the application is not green.</summary>
    public Task<WhyReport> WhyAsync(string name, CancellationToken cancellation) => GetAsync(Of(name, "why"), ApplicationsJson.Default.WhyReport, cancellation);

    /// <summary>Which line set each field of an object, and who wrote that line.</summary>
    /// <param name="name">The application.</param>
    /// <param name="object"><c>KIND/NAME</c> or <c>KIND/NAMESPACE/NAME</c>.</param>
    /// <param name="field">A field, for it and what is below; empty for all.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<BlameReport> BlameAsync(string name, string @object, string field, CancellationToken cancellation) => GetAsync(
        $"{Of(name, "blame")}?object={Uri.EscapeDataString(@object)}&field={Uri.EscapeDataString(field)}", ApplicationsJson.Default.BlameReport, cancellation);

    /// <summary>The application's objects and what they own.</summary>
    public Task<TreeNode> TreeAsync(string name, CancellationToken cancellation) => GetAsync(Of(name, "tree"), ApplicationsJson.Default.TreeNode, cancellation);

    /// <summary>The application's deployments, newest first.</summary>
    public Task<HistoryReport> HistoryAsync(string name, CancellationToken cancellation) => GetAsync(Of(name, "history"), ApplicationsJson.Default.HistoryReport, cancellation);

    /// <summary>Goes back to an earlier deployment, by a commit where the repository takes one.</summary>
    public Task<RollbackReport> RollbackAsync(string name, RollbackRequest wish, CancellationToken cancellation) =>
        PostAsync(Of(name, "rollback"), wish, ApplicationsJson.Default.RollbackRequest, ApplicationsJson.Default.RollbackReport, cancellation);

    /// <summary>The manifests that the application renders to, in the order of the files.</summary>
    public async Task<IReadOnlyList<KubernetesObject>> ManifestsAsync(string name, CancellationToken cancellation)
    {
        var page = await GetTreeAsync(Of(name, "manifests"), cancellation).ConfigureAwait(false) as YamlMap ?? throw NotCapstan(null);
        return [.. (page["items"] as YamlList ?? YamlList.Empty).OfType<YamlMap>().Select(m => new KubernetesObject(m))];
    }

    private static string Of(string name, string? part = null) => $"applications/{Uri.EscapeDataString(name)}{(part is null ? "" : "/" + part)}";
}
