using Capstan.Kubernetes;
using Capstan.Reconcile;
using Capstan.Workflows.Controlling;
using Capstan.Workflows.Running;
using Capstan.Workflows.Runs;
using Microsoft.Extensions.Logging;

namespace Capstan.Workflows.Keeping;

/// <summary>
/// What runs leave: files of the data folder while a run goes on and for a while after, then artifacts in the registry, from which the files are
/// made again when somebody asks. A run that is not kept yet is, at the next start, so that a server killed in between loses nothing.
/// </summary>
/// <param name="services">Where files and artifacts are.</param>
/// <param name="store">The runs.</param>
/// <param name="releases">What refers to runs.</param>
/// <param name="log">Where it is told what could not be kept.</param>
internal sealed class RunRecords(RunServices services, RunStore store, IReleases releases, ILogger log) : IDisposable
{
    private static readonly TimeSpan FilesStay = TimeSpan.FromHours(1);

    // What is restored is restored once, however many ask.
    private readonly SemaphoreSlim _restoring = new(1);

    public void Dispose() => _restoring.Dispose();

    /// <summary>The file of a run's log.</summary>
    public string LogPath(string run) => Path.Combine(services.Options.Folder, "logs", $"{run}.log");

    /// <summary>Whether there is something of a run that is not kept yet.</summary>
    public bool IsOpen(WorkflowRun run) => run.Status is { Phase: Phases.Completed, Archive: "" } && (File.Exists(LogPath(run.Name)) || services.Artifacts.List(run.Name).Count > 0);

    /// <summary>Keeps what a run left, however often it takes.</summary>
    public async Task KeepAsync(WorkflowRun run, CancellationToken cancellation)
    {
        for (var failures = 1; IsOpen(run); failures++)
        {
            try
            {
                var artifacts = services.Artifacts.List(run.Name).Select(a => (a, services.Artifacts.FolderOf(run.Name, a))).ToList();
                var kept = await services.Archive.KeepAsync(run, LogPath(run.Name), artifacts, cancellation).ConfigureAwait(false);
                await store.MarkKeptAsync(run.Name, kept, cancellation).ConfigureAwait(false);
                return;
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or KubernetesException or ClusterUnreachableException or UnknownKindException)
            {
                log.RunNotKept(failure, run.Name);
            }

            await Task.Delay(Backoff.Default.After(failures), services.Time, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Makes sure that the file of a run's log is here, if anything of it is anywhere.</summary>
    /// <exception cref="IOException">It cannot be brought back now.</exception>
    public async Task EnsureLogAsync(WorkflowRun run, CancellationToken cancellation)
    {
        if (run.Status.Archive.Length == 0 || File.Exists(LogPath(run.Name))) return;
        await _restoring.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (!File.Exists(LogPath(run.Name))) await services.Archive.RestoreLogAsync(run, LogPath(run.Name), cancellation).ConfigureAwait(false);
        }
        finally
        {
            _restoring.Release();
        }
    }

    /// <summary>Makes sure that the files of a run's artifacts are here.</summary>
    /// <param name="run">The run.</param>
    /// <param name="name">Of this one alone; null for all.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="IOException">They cannot be brought back now.</exception>
    public async Task EnsureArtifactsAsync(WorkflowRun run, string? name, CancellationToken cancellation)
    {
        foreach (var artifact in run.Status.Artifacts.Where(a => name is null || a.Name == name))
        {
            await _restoring.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                if (services.Artifacts.List(run.Name).Contains(artifact.Name)) continue;
                await services.Artifacts.PutAsync(run.Name, artifact.Name, folder => services.Archive.RestoreArtifactAsync(run, artifact, folder, cancellation)).ConfigureAwait(false);
            }
            finally
            {
                _restoring.Release();
            }
        }
    }

    /// <summary>The names of a run's artifacts.</summary>
    public IReadOnlyList<string> Artifacts(WorkflowRun run) => run.Status.Archive.Length > 0 ? [.. run.Status.Artifacts.Select(a => a.Name)] : services.Artifacts.List(run.Name);

    /// <summary>Removes the runs of a repository, and what they left, that are not to be kept any longer.</summary>
    public async Task PruneAsync(string repository, IReadOnlyList<WorkflowRun> runs, CancellationToken cancellation)
    {
        var rules = await services.Options.Retention(cancellation).ConfigureAwait(false);
        var gone = rules.Superfluous(runs.Where(r => r.Repository == repository), services.Time.GetUtcNow());
        foreach (var run in gone)
        {
            if (run.Status.Release.Length > 0 && await releases.ExistsAsync(run.Status.Release, cancellation).ConfigureAwait(false)) continue;
            await services.Archive.ForgetAsync(run, cancellation).ConfigureAwait(false);
            await store.DeleteAsync(run.Name, cancellation).ConfigureAwait(false);
            Remove(run.Name);
        }
    }

    /// <summary>Removes files that the registry has too and nobody has asked for lately, and what no run is of any more.</summary>
    /// <param name="runs">All runs.</param>
    /// <param name="isActive">Whether a run is under way.</param>
    public void Sweep(IReadOnlyList<WorkflowRun> runs, Func<string, bool> isActive)
    {
        var limit = services.Time.GetUtcNow() - FilesStay;
        var known = runs.ToDictionary(r => r.Name, StringComparer.Ordinal);
        bool Goes(string run, FileSystemInfo file) => !isActive(run) && file.LastWriteTimeUtc < limit.UtcDateTime && (!known.TryGetValue(run, out var found) || found.Status.Archive.Length > 0);
        var logs = new DirectoryInfo(Path.Combine(services.Options.Folder, "logs"));
        foreach (var file in (logs.Exists ? logs.EnumerateFiles("*.log") : []).Where(f => Goes(Path.GetFileNameWithoutExtension(f.Name), f))) file.Delete();
        var artifacts = new DirectoryInfo(Path.Combine(services.Options.Folder, "artifacts"));
        foreach (var folder in (artifacts.Exists ? artifacts.EnumerateDirectories() : []).Where(f => Goes(f.Name, f))) services.Artifacts.Remove(folder.Name);
    }

    private void Remove(string run)
    {
        services.Artifacts.Remove(run);
        File.Delete(LogPath(run));
    }
}
