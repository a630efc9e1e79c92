using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Workflows.Keeping;
using Capstan.Yaml;

namespace Capstan.Workflows.Runs;

/// <summary>Runs, and what else workflows keep in the cluster: the commits that were seen of each repository, secrets and variables.</summary>
/// <param name="cluster">The cluster.</param>
/// <param name="space">The namespace.</param>
public sealed partial class RunStore(ClusterClient cluster, string space)
{
    private static readonly GroupKind Runs = new("capstan.dev", RunObject.Kind);
    private static readonly GroupKind ConfigMaps = new("", "ConfigMap");
    private static readonly GroupKind Secrets = new("", "Secret");

    /// <summary>All runs, the newest first.</summary>
    public async Task<IReadOnlyList<WorkflowRun>> ListAsync(string? repository, CancellationToken cancellation)
    {
        var resource = await cluster.ResolveAsync(Runs, cancellation).ConfigureAwait(false);
        var selector = repository is null ? "" : $"{RunObject.RepositoryLabel}={RunObject.LabelOf(repository)}";
        var found = await cluster.ListAsync(resource, new ListOptions { Namespace = space, LabelSelector = selector }, cancellation).ConfigureAwait(false);
        return [.. found.Items.Select(RunObject.Read).OrderByDescending(r => r.CreatedAt, StringComparer.Ordinal).ThenByDescending(r => r.Number)];
    }

    /// <summary>One run; null when it is not there.</summary>
    public async Task<WorkflowRun?> FindAsync(string name, CancellationToken cancellation) =>
        await cluster.FindAsync(new ObjectKey(Runs, space, name), cancellation).ConfigureAwait(false) is { } found ? RunObject.Read(found) : null;

    /// <summary>Stores a new run.</summary>
    /// <returns>False when one of this name is there: the same event came before.</returns>
    public async Task<bool> CreateAsync(WorkflowRun run, CancellationToken cancellation)
    {
        try
        {
            await cluster.CreateAsync(RunObject.Write(run, space), null, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (KubernetesException there) when (there.IsAlreadyExists)
        {
            return false;
        }
    }

    /// <summary>Stores how far a run is. A run that was deleted meanwhile is let go.</summary>
    public async Task UpdateAsync(WorkflowRun run, CancellationToken cancellation)
    {
        try
        {
            var resource = await cluster.ResolveAsync(Runs, cancellation).ConfigureAwait(false);
            await cluster.PatchAsync(resource, space, run.Name, PatchKind.Merge, YamlMap.Of(("status", RunObject.WriteStatus(run.Status))), null, "", cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException gone) when (gone.IsNotFound)
        {
            return;
        }
    }

    /// <summary>Stores where what a run left is kept, and nothing else of it: it may have begun anew meanwhile. A run that was deleted meanwhile is let go.</summary>
    public async Task MarkKeptAsync(string name, KeptRun kept, CancellationToken cancellation)
    {
        try
        {
            var resource = await cluster.ResolveAsync(Runs, cancellation).ConfigureAwait(false);
            var status = YamlMap.Of(("archive", kept.Reference), ("artifacts", RunObject.WriteArtifacts(kept.Artifacts)));
            await cluster.PatchAsync(resource, space, name, PatchKind.Merge, YamlMap.Of(("status", status)), null, "", cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException gone) when (gone.IsNotFound)
        {
            return;
        }
    }

    /// <summary>Deletes a run.</summary>
    public Task<bool> DeleteAsync(string name, CancellationToken cancellation) => cluster.DeleteAsync(new ObjectKey(Runs, space, name), null, cancellation);

    /// <summary>The commits of a repository's branches and tags that were dealt with; null when there was none yet.</summary>
    public async Task<IReadOnlyDictionary<string, string>?> SeenAsync(string repository, CancellationToken cancellation)
    {
        var found = await cluster.FindAsync(new ObjectKey(ConfigMaps, space, SeenName(repository)), cancellation).ConfigureAwait(false);
        if (found is null) return null;
        var lines = (found.Body.At("data", "refs")?.AsString() ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ', 2)).Where(p => p.Length == 2);
        return lines.ToDictionary(p => p[1], p => p[0], StringComparer.Ordinal);
    }

    /// <summary>Remembers the commits that were dealt with.</summary>
    public Task RememberAsync(string repository, IReadOnlyDictionary<string, string> refs, CancellationToken cancellation) => cluster.ApplyAsync(new KubernetesObject(YamlMap.Of(
        ("apiVersion", "v1"), ("kind", "ConfigMap"),
        ("metadata", YamlMap.Of(("name", SeenName(repository)), ("namespace", space), ("labels", YamlMap.Of((RunObject.RepositoryLabel, RunObject.LabelOf(repository)))))),
        ("data", YamlMap.Of(("refs", string.Concat(refs.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => $"{r.Value} {r.Key}\n"))))))), new ApplyOptions { Force = true }, cancellation);

    /// <summary>The secrets of a repository: those of all Secrets with its label.</summary>
    public async Task<IReadOnlyDictionary<string, string>> SecretsAsync(string repository, CancellationToken cancellation)
    {
        var pairs = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var secret in await LabelledAsync(Secrets, repository, cancellation).ConfigureAwait(false))
        {
            foreach (var (name, value) in secret.Body["data"]?.AsMap() ?? YamlMap.Empty)
            {
                pairs[name] = value.AsString() is { } base64 && TryDecode(base64, out var text) ? text : "";
            }
        }

        return pairs;
    }

    /// <summary>The variables of a repository: those of all ConfigMaps with its label and <c>capstan.dev/variables: "true"</c>.</summary>
    public async Task<IReadOnlyDictionary<string, string>> VariablesAsync(string repository, CancellationToken cancellation)
    {
        var pairs = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var map in (await LabelledAsync(ConfigMaps, repository, cancellation).ConfigureAwait(false)).Where(m => m.Label("capstan.dev/variables") == "true"))
        {
            foreach (var (name, value) in map.Body["data"]?.AsMap() ?? YamlMap.Empty) pairs[name] = value.AsString() ?? "";
        }

        return pairs;
    }

    private async Task<IReadOnlyList<KubernetesObject>> LabelledAsync(GroupKind kind, string repository, CancellationToken cancellation)
    {
        var resource = await cluster.ResolveAsync(kind, cancellation).ConfigureAwait(false);
        return (await cluster.ListAsync(resource, new ListOptions { Namespace = space, LabelSelector = $"{RunObject.RepositoryLabel}={RunObject.LabelOf(repository)}" }, cancellation).ConfigureAwait(false)).Items;
    }

    private static bool TryDecode(string base64, out string text)
    {
        var bytes = new byte[base64.Length];
        var good = Convert.TryFromBase64String(base64, bytes, out var length);
        text = good ? System.Text.Encoding.UTF8.GetString(bytes, 0, length) : "";
        return good;
    }

    private static string SeenName(string repository) => $"workflow-refs-{RunNames.Hash(repository)}";
}
