using Capstan.GitHost.Repositories;
using Capstan.Server.Hosting;

namespace Capstan.Server.Backups;

/// <summary>
/// A backup of the data folder while the server works. The order keeps it consistent: first the cluster's objects, which name commits; then the
/// repositories, whose commits name images; then the registry; then the rest. So whatever is named by something in the backup is in it too, and
/// what came later is missing as if it had never been.
/// </summary>
internal sealed class DataBackup(string data, string version, Func<string, CancellationToken, Task>? copyCluster, RepositoryStore repositories, TimeProvider time)
{
    private const string Database = "cluster.db";

    // What the next start makes anew, what belongs to this machine's engine, and what is half done by its nature.
    private static readonly string[] Left =
        ["lock", "cache", "podman", "node", "containers.owner", "workflows/jobs", "workflows/builds", "workflows/cache", "registry/uploads", "registry/drafts", "git/.incoming"];

    /// <summary>Writes the archive.</summary>
    /// <exception cref="IOException">A file cannot be read, or nobody takes the archive; what was written so far is not whole and says so.</exception>
    public async Task WriteAsync(Stream output, CancellationToken cancellation)
    {
        var archive = new BackupWriter(output, time.GetUtcNow());
        await using (archive.ConfigureAwait(false))
        {
            await archive.WriteAboutAsync(new AboutBackup(BackupArchive.Format, DataFormat.Current, version, time.GetUtcNow(), copyCluster is null ? "another" : "embedded"), cancellation).ConfigureAwait(false);
            if (copyCluster is not null) await WriteClusterAsync(archive, copyCluster, cancellation).ConfigureAwait(false);

            // Branches before objects: what a branch names was there before it. Nothing is packed anew meanwhile, so no object moves.
            using (await repositories.PauseUpkeepAsync(cancellation).ConfigureAwait(false))
            {
                await archive.WriteFolderAsync(Path.Combine(data, "git"), "git", name => Takes(name) && !IsObjects(name), cancellation).ConfigureAwait(false);
                await archive.WriteFolderAsync(Path.Combine(data, "git"), "git", name => Takes(name) && (IsObjects(name) || IsAbove(name)), cancellation).ConfigureAwait(false);
            }

            // Links before the blobs that they name; what is in neither is not collected before its time of grace is over.
            await archive.WriteFolderAsync(Path.Combine(data, "registry", "repositories"), "registry/repositories", Takes, cancellation).ConfigureAwait(false);
            await archive.WriteFolderAsync(Path.Combine(data, "registry"), "registry", name => Takes(name) && name != "registry/repositories", cancellation).ConfigureAwait(false);
            await archive.WriteFolderAsync(data, "", name => Takes(name) && name is not ("git" or "registry") && !name.StartsWith(Database, StringComparison.Ordinal), cancellation).ConfigureAwait(false);
            await archive.FinishAsync(cancellation).ConfigureAwait(false);
        }
    }

    private static bool Takes(string name) => !Left.Contains(name) && !Path.GetFileName(name.AsSpan()).StartsWith(".backup-", StringComparison.Ordinal);

    private static bool IsObjects(string name) => name.Contains(".git/objects", StringComparison.Ordinal);

    /// <summary>Whether a name is one of the folders above the objects: an owner or a repository.</summary>
    private static bool IsAbove(string name) => name.Split('/') is { Length: 2 or 3 } parts && (parts[^1].EndsWith(".git", StringComparison.Ordinal) || parts is [_, var owner] && !owner.StartsWith('.'));

    private async Task WriteClusterAsync(BackupWriter archive, Func<string, CancellationToken, Task> copy, CancellationToken cancellation)
    {
        var draft = Path.Combine(data, $".backup-{Guid.NewGuid():N}");
        try
        {
            await copy(draft, cancellation).ConfigureAwait(false);
            await archive.WriteFileAsync(draft, Database, BackupArchive.Private, cancellation).ConfigureAwait(false);
        }
        finally
        {
            File.Delete(draft);
        }
    }
}
