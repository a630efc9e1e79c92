using System.IO.Compression;
using Capstan.Api.Runs;
using Capstan.GitHost.Repositories;
using Capstan.Server.Hosting;
using Capstan.Server.Problems;
using Capstan.Server.Repositories;
using Capstan.Sources;
using Capstan.Workflows;
using Capstan.Workflows.Runs;
using Microsoft.AspNetCore.Http;

namespace Capstan.Server.Runs;

/// <summary>What belongs to a run beside its object: its workflow's file, its log, its artifacts.</summary>
internal static class RunFiles
{
    private const int LongestSearch = 200;
    private const string WorkflowFolder = ".github/workflows/";

    /// <summary>How the jobs follow one another. A repository or commit that is gone tells only what the run itself knows.</summary>
    public static async Task<RunGraph> GraphAsync(ServerParts parts, WorkflowRun run, CancellationToken cancellation)
    {
        var called = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in run.Status.Jobs.Select(j => j.Calls).Where(c => c.StartsWith(WorkflowFolder, StringComparison.Ordinal)).Distinct(StringComparer.Ordinal).ToList())
        {
            if (await ReadAsync(parts, run, path, cancellation).ConfigureAwait(false) is { } text) called[path] = text;
        }

        return RunReports.Graph(run, await ReadAsync(parts, run, run.Path, cancellation).ConfigureAwait(false), called);
    }

    private static async Task<string?> ReadAsync(ServerParts parts, WorkflowRun run, string path, CancellationToken cancellation)
    {
        if (!RepositoryName.TryParse(run.Repository, out var name) || !parts.Repositories.Exists(name)) return null;
        try
        {
            return (await new RepositoryBrowser(parts, name).ReadAsync(run.Event.Sha, path, cancellation).ConfigureAwait(false)).File?.Text;
        }
        catch (Exception e) when (e is RequestProblem or SourceException)
        {
            return null;
        }
    }

    /// <summary>Lines of the log that are there now.</summary>
    /// <param name="parts">The server.</param>
    /// <param name="run">The run.</param>
    /// <param name="job">Those of one job, by its key; of all where it is empty.</param>
    /// <param name="search">Those with this text, whatever its case; all where it is empty.</param>
    /// <param name="after">Those behind this number.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<RunLines> LinesAsync(ServerParts parts, WorkflowRun run, string job, string search, long after, int limit, CancellationToken cancellation)
    {
        if (search.Length > LongestSearch) throw RequestProblem.Malformed($"search: is longer than {LongestSearch} characters");
        var lines = new List<RunLine>();
        await foreach (var line in parts.Workflows.LogSoFarAsync(run.Name, after, cancellation).ConfigureAwait(false))
        {
            cancellation.ThrowIfCancellationRequested();
            if (job.Length > 0 && line.Job != job) continue;
            if (search.Length > 0 && !line.Text.Contains(search, StringComparison.OrdinalIgnoreCase)) continue;
            if (lines.Count == limit) return new RunLines(lines, lines[^1].Number);
            lines.Add(new RunLine(line.Number, line.Time, line.Job, line.Text));
        }
        return new RunLines(lines);
    }

    /// <summary>Sends an artifact as a zip.</summary>
    public static async Task SendArtifactAsync(HttpContext http, ServerParts parts, WorkflowRun run, string artifact)
    {
        var folder = Directory.CreateTempSubdirectory("capstan-artifact-").FullName;
        try
        {
            var files = Path.Combine(folder, "files");
            Directory.CreateDirectory(files);
            if (!await parts.Workflows.FetchArtifactAsync(run, artifact, files, http.RequestAborted).ConfigureAwait(false))
            {
                throw RequestProblem.NotFound($"run {run.Name}: artifact {artifact}", "Look at the artifacts of the run");
            }
            var zip = Path.Combine(folder, "artifact.zip");
            await ZipFile.CreateFromDirectoryAsync(files, zip, CompressionLevel.Fastest, includeBaseDirectory: false, http.RequestAborted).ConfigureAwait(false);
            http.Response.ContentType = "application/zip";
            http.Response.ContentLength = new FileInfo(zip).Length;
            http.Response.Headers.ContentDisposition = $"attachment; filename*=UTF-8''{Uri.EscapeDataString(artifact)}.zip";
            http.Response.Headers.CacheControl = "private, no-store";
            await http.Response.SendFileAsync(zip, http.RequestAborted).ConfigureAwait(false);
        }
        catch (WorkflowException e)
        {
            throw RequestProblem.Malformed(e.Message);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
