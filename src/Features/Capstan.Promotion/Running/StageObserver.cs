using System.Text;
using Capstan.Kubernetes;
using Capstan.Promotion.Pipelines;
using Capstan.Promotion.Planning;
using Capstan.Promotion.Writing;
using Capstan.Resources;
using Capstan.Sources;
using Capstan.Sources.Git;
using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Promotion.Running;

/// <summary>Looks at a stage's applications: whether they run the stage's release, and how they are. What they run is what the file says at the commit that they were synced to.</summary>
internal sealed class StageObserver(ClusterClient cluster, GitMirrors mirrors, IStageRepositories repositories)
{
    private const int LargestFile = 4 << 20;
    private const int MostCauses = 3;
    private static readonly GroupKind Applications = new("argoproj.io", "Application");

    public async Task<StageObservation> ObserveAsync(StageSpec stage, Release? release, CancellationToken cancellation)
    {
        if (release is null) return new StageObservation(StageHealth.Progressing, "nothing was promoted here yet");
        var worst = new StageObservation(StageHealth.Healthy);
        foreach (var name in stage.Applications)
        {
            var seen = await LookAsync(stage, name, release, cancellation).ConfigureAwait(false);
            if (seen.Health == StageHealth.Degraded || worst.Health == StageHealth.Healthy) worst = seen.Health == StageHealth.Healthy ? worst : seen;
        }

        return worst;
    }

    private async Task<StageObservation> LookAsync(StageSpec stage, string name, Release release, CancellationToken cancellation)
    {
        var parts = name.Split('/', 2);
        if (await cluster.FindAsync(new ObjectKey(Applications, parts[0], parts[1]), cancellation).ConfigureAwait(false) is not { } application)
        {
            return new StageObservation(StageHealth.Progressing, $"Application/{name} is not there");
        }

        var status = application.Status;
        var health = status.At("health", "status")?.AsString() ?? "";
        var message = status.At("operationState", "message")?.AsString() ?? "";
        var operation = status.At("operationState", "phase")?.AsString();
        var tried = await RunningAsync(stage, status.At("operationState", "syncResult"), release, cancellation).ConfigureAwait(false);
        if (operation is "Failed" or "Error" && tried is not null)
        {
            return new StageObservation(StageHealth.Degraded, $"Application/{name}: the sync of {Short(tried)} failed: {message}");
        }

        var revision = await RunningAsync(stage, status["sync"], release, cancellation).ConfigureAwait(false);
        if (status.At("sync", "status")?.AsString() != "Synced" || revision is null)
        {
            return new StageObservation(StageHealth.Progressing, $"Application/{name} does not run {release.Name} yet");
        }

        return health switch
        {
            "Healthy" => new StageObservation(StageHealth.Healthy),
            "Degraded" => new StageObservation(StageHealth.Degraded, $"Application/{name} at {Short(revision)} is Degraded{Cause(status)}"),
            _ => new StageObservation(StageHealth.Progressing, $"Application/{name} is {(health.Length > 0 ? health : "not looked at yet")}"),
        };
    }

    // What its objects say, of those that are bad.
    private static string Cause(YamlMap status)
    {
        var bad = (status["resources"]?.AsList() ?? YamlList.Empty).OfType<YamlMap>().Where(r => r.At("health", "status")?.AsString() == "Degraded")
            .Select(r => $"{r["kind"]?.AsString()}/{r["namespace"]?.AsString()}/{r["name"]?.AsString()}{(r.At("health", "message")?.AsString() is { Length: > 0 } why ? ": " + why : "")}").Take(MostCauses);
        return string.Join("; ", bad) is { Length: > 0 } causes ? ": " + causes : status.At("health", "message")?.AsString() is { Length: > 0 } message ? ": " + message : "";
    }

    // The revision, among those of all sources, that holds the release; null when none does.
    private async Task<string?> RunningAsync(StageSpec stage, YamlNode? place, Release release, CancellationToken cancellation)
    {
        var map = place as YamlMap ?? YamlMap.Empty;
        foreach (var revision in (map["revisions"] as YamlList ?? YamlList.Empty).Append(map["revision"] ?? YamlScalar.Null).Select(r => r.AsString()))
        {
            if (revision is { Length: > 0 } && await RunsAsync(stage, revision, release, cancellation).ConfigureAwait(false)) return revision;
        }

        return null;
    }

    // Written again, the file would not change: so it tells this release.
    private async Task<bool> RunsAsync(StageSpec stage, string commit, Release release, CancellationToken cancellation)
    {
        try
        {
            var tree = await mirrors.OpenTreeAsync(repositories.Find(stage.Target.Repository), commit, cancellation).ConfigureAwait(false);
            if (tree.Find(TreePath.Parse(stage.Target.Path)) is not { Kind: TreeEntryKind.File } file) return false;
            var text = Encoding.UTF8.GetString(tree.Read(file, LargestFile).Span);
            return VersionEdit.Apply(text, stage.Target, release) == text;
        }
        catch (Exception e) when (e is SourceException or PromotionException or TreePathException)
        {
            // Another repository's commit, or a file of before: it is not this release.
            return false;
        }
    }

    private static string Short(string commit) => commit.Length > 8 ? commit[..8] : commit;
}
