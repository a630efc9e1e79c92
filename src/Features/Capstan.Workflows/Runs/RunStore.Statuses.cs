using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Workflows.Runs;

/// <summary>What others said of commits: a ConfigMap for each commit, a key for each context.</summary>
public sealed partial class RunStore
{
    /// <summary>How many contexts one commit may have.</summary>
    public const int MostStatuses = 200;

    /// <summary>What was said of a commit.</summary>
    public async Task<IReadOnlyList<CommitStatus>> StatusesAsync(string repository, string commit, CancellationToken cancellation)
    {
        var found = await cluster.FindAsync(new ObjectKey(ConfigMaps, space, StatusName(repository, commit)), cancellation).ConfigureAwait(false);
        return [.. (found?.Body["data"]?.AsMap() ?? YamlMap.Empty).Select(e => Read(e.Value.AsString() ?? "")).OfType<CommitStatus>()];
    }

    /// <summary>Keeps what somebody says of a commit.</summary>
    /// <exception cref="WorkflowException">It has too many contexts.</exception>
    public async Task PutStatusAsync(string repository, string commit, CommitStatus status, CancellationToken cancellation)
    {
        var known = await StatusesAsync(repository, commit, cancellation).ConfigureAwait(false);
        if (known.Count >= MostStatuses && known.All(s => s.Context != status.Context)) throw new WorkflowException($"commit {commit}: has {MostStatuses} contexts already, which is the most");
        // Each context is a manager's field of its own, so that two who speak at once do not lose each other's word.
        var key = $"s-{RunNames.Hash(status.Context)}";
        var text = string.Join('\n', new[] { status.Context, status.State, status.Description, status.TargetUrl, status.By, status.At }.Select(t => t.ReplaceLineEndings(" ")));
        await cluster.ApplyAsync(new KubernetesObject(YamlMap.Of(
            ("apiVersion", "v1"), ("kind", "ConfigMap"),
            ("metadata", YamlMap.Of(("name", StatusName(repository, commit)), ("namespace", space), ("labels", YamlMap.Of((RunObject.RepositoryLabel, RunObject.LabelOf(repository)))))),
            ("data", YamlMap.Of((key, text))))), new ApplyOptions { Force = true, FieldManager = $"capstan-status-{key}" }, cancellation).ConfigureAwait(false);
    }

    private static CommitStatus? Read(string text) => text.Split('\n') is [var context, var state, var description, var url, var by, var at] ? new CommitStatus(context, state, description, url, by, at) : null;

    private static string StatusName(string repository, string commit) => $"commit-status-{RunNames.Hash($"{repository}\n{commit}")}";
}
